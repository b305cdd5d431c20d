-- The roles DocuVault needs, run once by whoever administers the cluster (for the private cluster: by DocuVault itself at every
-- start). Idempotent. Expects the two login roles docuvault_migrate and docuvault_app to exist and to be connected to the
-- database that DocuVault will use. docs/guides/change-the-schema.md explains who may do what.
DO $roles$
DECLARE
    wanted text;
BEGIN
    -- docuvault_search owns the search function, docuvault_system the few functions that must look across users before one is
    -- known (login, session check, sweep), docuvault_backup reads everything for dumps. Nobody logs in as any of them.
    FOREACH wanted IN ARRAY ARRAY['docuvault_search', 'docuvault_system', 'docuvault_backup'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE', wanted);
        END IF;
    END LOOP;

    -- The owner of the schema must not inherit from the roles above, else their policies would open every row to it.
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'docuvault_migrate' AND rolinherit) THEN
        ALTER ROLE docuvault_migrate NOINHERIT;
    END IF;
    IF NOT pg_has_role('docuvault_migrate', 'docuvault_search', 'MEMBER') THEN
        IF current_setting('server_version_num')::int >= 160000 THEN
            EXECUTE 'GRANT docuvault_search, docuvault_system TO docuvault_migrate WITH INHERIT FALSE, SET TRUE';
        ELSE
            GRANT docuvault_search, docuvault_system TO docuvault_migrate;
        END IF;
    END IF;

    IF NOT EXISTS (SELECT FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole WHERE r.rolname = 'docuvault_app' AND s.setdatabase = 0) THEN
        ALTER ROLE docuvault_app SET statement_timeout = '15s';
        ALTER ROLE docuvault_app SET lock_timeout = '3s';
        ALTER ROLE docuvault_app SET idle_in_transaction_session_timeout = '30s';
    END IF;

    EXECUTE format('ALTER DATABASE %I OWNER TO docuvault_migrate', current_database());
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO docuvault_app, docuvault_backup', current_database());
    ALTER SCHEMA public OWNER TO docuvault_migrate;
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    GRANT USAGE ON SCHEMA public TO docuvault_app, docuvault_search, docuvault_system, docuvault_backup;
END
$roles$;

-- Only a superuser may give this away; elsewhere dumps are made as the cluster's own administrator.
DO $backup$
BEGIN
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
        AND NOT (SELECT rolbypassrls FROM pg_roles WHERE rolname = 'docuvault_backup') THEN
        ALTER ROLE docuvault_backup BYPASSRLS;
    END IF;
END
$backup$;
