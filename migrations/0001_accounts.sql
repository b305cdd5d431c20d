-- Accounts: who may enter, their sessions, their quota, and the trail of what happened.
-- Runs as docuvault_migrate. Every table with user data has row-level security ENABLEd and FORCEd; policies name the role.

ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO docuvault_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO docuvault_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO docuvault_backup;
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
GRANT SELECT ON _sqlx_migrations TO docuvault_app;

-- The user that this transaction acts for; NULL (and so no rows) when none was set.
CREATE FUNCTION current_user_id() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('docuvault.user_id', true), '')::uuid;
GRANT EXECUTE ON FUNCTION current_user_id() TO docuvault_app, docuvault_search, docuvault_system;

CREATE TABLE users (
    id            uuid PRIMARY KEY,
    email         text NOT NULL,
    -- Lower-cased, trimmed: what login looks up and what is unique.
    email_key     text NOT NULL CONSTRAINT users_email_key_unique UNIQUE,
    display_name  text NOT NULL,
    role          text NOT NULL CHECK (role IN ('admin', 'user')),
    locale        text NOT NULL DEFAULT 'en',
    -- PHC string; parameters are raised at the next login when the configuration asks for more.
    password_hash text NOT NULL,
    -- Salt of this user's key derivation; wiping it makes everything sealed for them unreadable for good.
    kdf_salt      bytea NOT NULL CHECK (octet_length(kdf_salt) = 32),
    -- Raised to end every access token at once (password change, disable, role change).
    token_epoch   integer NOT NULL DEFAULT 0,
    totp_enabled  boolean NOT NULL DEFAULT false,
    disabled_at   timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
CREATE POLICY users_self ON users TO docuvault_app
    USING (id = current_user_id()) WITH CHECK (id = current_user_id());
CREATE POLICY users_system ON users FOR SELECT TO docuvault_system USING (true);
GRANT SELECT ON users TO docuvault_system;

-- One row is one family of refresh tokens: only the newest token and, for a short grace, the one before it are of use.
CREATE TABLE sessions (
    id                  uuid PRIMARY KEY,
    user_id             uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- SHA-256 of the newest refresh token, and of the one before it.
    current_hash        bytea NOT NULL CHECK (octet_length(current_hash) = 32),
    previous_hash       bytea CHECK (octet_length(previous_hash) = 32),
    generation          integer NOT NULL DEFAULT 0,
    rotated_at          timestamptz,
    -- The newest token, sealed, so that a repeat within the grace gets the same successor; wiped at the next rotation.
    successor_sealed    bytea,
    created_at          timestamptz NOT NULL DEFAULT now(),
    last_used_at        timestamptz NOT NULL DEFAULT now(),
    idle_expires_at     timestamptz NOT NULL,
    absolute_expires_at timestamptz NOT NULL,
    revoked_at          timestamptz,
    revoke_reason       text CHECK (revoke_reason IN ('logout', 'refresh_reused', 'ended_by_user', 'ended_by_admin', 'password_changed')),
    user_agent          text,
    ip                  text,
    label               text
);
CREATE INDEX sessions_by_user ON sessions (user_id, last_used_at DESC);
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY sessions_own ON sessions TO docuvault_app
    USING (user_id = current_user_id()) WITH CHECK (user_id = current_user_id());
CREATE POLICY sessions_system ON sessions FOR SELECT TO docuvault_system USING (true);
GRANT SELECT ON sessions TO docuvault_system;

-- Bytes a user may store, has stored, and has promised to store. Changed only by single statements that check as they change.
CREATE TABLE quotas (
    user_id        uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    limit_bytes    bigint NOT NULL CHECK (limit_bytes >= 0),
    used_bytes     bigint NOT NULL DEFAULT 0 CONSTRAINT quotas_used_not_negative CHECK (used_bytes >= 0),
    reserved_bytes bigint NOT NULL DEFAULT 0 CONSTRAINT quotas_reserved_not_negative CHECK (reserved_bytes >= 0)
) WITH (fillfactor = 50);
ALTER TABLE quotas ENABLE ROW LEVEL SECURITY;
ALTER TABLE quotas FORCE ROW LEVEL SECURITY;
CREATE POLICY quotas_own ON quotas TO docuvault_app
    USING (user_id = current_user_id()) WITH CHECK (user_id = current_user_id());

-- Groups of people to share with. A member sees the groups they are in; only the owner changes them.
CREATE TABLE groups (
    id         uuid PRIMARY KEY,
    owner_id   uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT groups_name_taken UNIQUE (owner_id, name)
);
CREATE TABLE group_members (
    group_id  uuid NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    user_id   uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Copied from the group, so that neither policy has to look at the other table.
    owner_id  uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    joined_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX group_members_by_user ON group_members (user_id, group_id);
ALTER TABLE groups ENABLE ROW LEVEL SECURITY;
ALTER TABLE groups FORCE ROW LEVEL SECURITY;
ALTER TABLE group_members ENABLE ROW LEVEL SECURITY;
ALTER TABLE group_members FORCE ROW LEVEL SECURITY;
CREATE POLICY groups_visible ON groups FOR SELECT TO docuvault_app
    USING (owner_id = current_user_id()
           OR EXISTS (SELECT FROM group_members m WHERE m.group_id = groups.id AND m.user_id = current_user_id()));
CREATE POLICY groups_insert ON groups FOR INSERT TO docuvault_app WITH CHECK (owner_id = current_user_id());
CREATE POLICY groups_update ON groups FOR UPDATE TO docuvault_app USING (owner_id = current_user_id()) WITH CHECK (owner_id = current_user_id());
CREATE POLICY groups_delete ON groups FOR DELETE TO docuvault_app USING (owner_id = current_user_id());
CREATE POLICY group_members_visible ON group_members FOR SELECT TO docuvault_app
    USING (user_id = current_user_id() OR owner_id = current_user_id());
CREATE POLICY group_members_insert ON group_members FOR INSERT TO docuvault_app WITH CHECK (owner_id = current_user_id());
CREATE POLICY group_members_delete ON group_members FOR DELETE TO docuvault_app USING (owner_id = current_user_id());

-- What happened, for its owner to read: append-only, each row chained to the one before it by its hash.
CREATE TABLE audit_log (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id       uuid NOT NULL,
    at            timestamptz NOT NULL DEFAULT clock_timestamp(),
    action        text NOT NULL,
    session_id    uuid,
    ip            text,
    request_id    text,
    -- Ids and codes only: never a name, a title or a text.
    metadata      jsonb NOT NULL DEFAULT '{}',
    previous_hash bytea NOT NULL,
    hash          bytea NOT NULL
);
CREATE INDEX audit_log_by_user ON audit_log (user_id, id DESC);
ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_log FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_log_read ON audit_log FOR SELECT TO docuvault_app USING (user_id = current_user_id());
CREATE POLICY audit_log_append ON audit_log FOR INSERT TO docuvault_app WITH CHECK (user_id = current_user_id());
REVOKE UPDATE, DELETE ON audit_log FROM docuvault_app;

-- The end of each user's chain. Only the trigger below touches it.
CREATE TABLE audit_heads (
    user_id uuid PRIMARY KEY,
    hash    bytea NOT NULL,
    rows    bigint NOT NULL
) WITH (fillfactor = 50);
ALTER TABLE audit_heads ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_heads FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_heads_system ON audit_heads TO docuvault_system USING (true) WITH CHECK (true);
REVOKE ALL ON audit_heads FROM docuvault_app;
GRANT SELECT, INSERT, UPDATE ON audit_heads TO docuvault_system;
GRANT USAGE ON SEQUENCE audit_log_id_seq TO docuvault_system;

CREATE FUNCTION audit_chain() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
DECLARE
    head bytea;
BEGIN
    INSERT INTO audit_heads AS h (user_id, hash, rows) VALUES (NEW.user_id, '\x'::bytea, 0) ON CONFLICT (user_id) DO NOTHING;
    SELECT h.hash INTO head FROM audit_heads h WHERE h.user_id = NEW.user_id FOR UPDATE;
    -- Under the lock, so that ids follow the chain: the row's default was drawn before it.
    NEW.id := nextval('audit_log_id_seq');
    NEW.at := clock_timestamp();
    NEW.previous_hash := head;
    NEW.hash := sha256(head || convert_to(
        NEW.user_id::text || '|' || to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || '|' || NEW.action || '|'
        || coalesce(NEW.session_id::text, '') || '|' || coalesce(NEW.ip, '') || '|' || coalesce(NEW.request_id, '') || '|' || NEW.metadata::text,
        'UTF8'));
    UPDATE audit_heads SET hash = NEW.hash, rows = rows + 1 WHERE user_id = NEW.user_id;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_log_chain BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_chain();

-- Repeats of a creating request within 24 hours get the first answer: the row remembers what was created.
CREATE TABLE idempotency_keys (
    user_id        uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key            text NOT NULL,
    operation      text NOT NULL,
    request_sha256 bytea NOT NULL,
    resource_id    uuid NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, operation, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY idempotency_keys_own ON idempotency_keys TO docuvault_app
    USING (user_id = current_user_id()) WITH CHECK (user_id = current_user_id());

-- Doors that open before a user is known. Each answers one narrow question.

CREATE FUNCTION vault_has_users() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    RETURN EXISTS (SELECT FROM users);

CREATE FUNCTION find_login(p_email_key text) RETURNS TABLE (id uuid, password_hash text, disabled boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    BEGIN ATOMIC
        SELECT u.id, u.password_hash, u.disabled_at IS NOT NULL FROM users u WHERE u.email_key = p_email_key;
    END;

CREATE FUNCTION session_owner(p_session uuid) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    RETURN (SELECT s.user_id FROM sessions s WHERE s.id = p_session);

-- Lets the rest of this transaction act as the user, if the session and the token's epoch are still good; answers the role.
CREATE FUNCTION begin_user_session(p_user uuid, p_session uuid, p_epoch integer) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
DECLARE
    found_role text;
BEGIN
    SELECT u.role INTO found_role
      FROM sessions s JOIN users u ON u.id = s.user_id
     WHERE s.id = p_session AND s.user_id = p_user AND s.revoked_at IS NULL AND s.absolute_expires_at > now()
       AND u.token_epoch = p_epoch AND u.disabled_at IS NULL;
    IF found_role IS NOT NULL THEN
        PERFORM set_config('docuvault.user_id', p_user::text, true);
    END IF;
    RETURN found_role;
END $$;

GRANT CREATE ON SCHEMA public TO docuvault_system;
ALTER FUNCTION audit_chain() OWNER TO docuvault_system;
ALTER FUNCTION vault_has_users() OWNER TO docuvault_system;
ALTER FUNCTION find_login(text) OWNER TO docuvault_system;
ALTER FUNCTION session_owner(uuid) OWNER TO docuvault_system;
ALTER FUNCTION begin_user_session(uuid, uuid, integer) OWNER TO docuvault_system;
REVOKE CREATE ON SCHEMA public FROM docuvault_system;
SET LOCAL ROLE docuvault_system;
GRANT EXECUTE ON FUNCTION vault_has_users(), find_login(text), session_owner(uuid), begin_user_session(uuid, uuid, integer), audit_chain() TO docuvault_app;
RESET ROLE;
