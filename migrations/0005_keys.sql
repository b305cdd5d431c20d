-- Master keys come and go: which key seals what, and that each is the right one.

-- One row a master key: a known text sealed with it, so that a wrong key is told before it does harm. Nothing of any user.
CREATE TABLE key_checks (
    key_id     smallint PRIMARY KEY CHECK (key_id > 0),
    sealed     bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE key_checks ENABLE ROW LEVEL SECURITY;
ALTER TABLE key_checks FORCE ROW LEVEL SECURITY;
CREATE POLICY key_checks_all ON key_checks TO docuvault_app USING (true) WITH CHECK (true);

-- The master key of an envelope: its third and fourth byte.
CREATE FUNCTION envelope_key_id(p_envelope bytea) RETURNS smallint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (get_byte(p_envelope, 2) * 256 + get_byte(p_envelope, 3))::smallint;
GRANT EXECUTE ON FUNCTION envelope_key_id(bytea) TO docuvault_app, docuvault_system, docuvault_backup;

-- What is sealed names its key. So nothing can be stored that is sealed with a key the vault has given up or never had, say by a process
-- that was not told, and no key can be given up while anything needs it. The check is made by the table's owner: the application cannot
-- look past row-level security this way.
--
-- What is sealed so far are successors of refresh tokens, of use for seconds; sessions begin anew with this version anyway.
ALTER TABLE sessions NO FORCE ROW LEVEL SECURITY;
UPDATE sessions SET successor_sealed = NULL WHERE successor_sealed IS NOT NULL;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;

ALTER TABLE sessions
    ADD COLUMN successor_key_id smallint GENERATED ALWAYS AS (envelope_key_id(successor_sealed)) STORED
        CONSTRAINT sessions_successor_key REFERENCES key_checks (key_id);
ALTER TABLE totp_secrets
    ADD COLUMN seed_key_id smallint GENERATED ALWAYS AS (envelope_key_id(seed_sealed)) STORED
        CONSTRAINT totp_secrets_seed_key REFERENCES key_checks (key_id);
ALTER TABLE mails
    ADD COLUMN letter_key_id smallint GENERATED ALWAYS AS (envelope_key_id(letter_sealed)) STORED
        CONSTRAINT mails_letter_key REFERENCES key_checks (key_id);
CREATE INDEX sessions_by_successor_key ON sessions (successor_key_id) WHERE successor_key_id IS NOT NULL;
CREATE INDEX totp_secrets_by_seed_key ON totp_secrets (seed_key_id);
CREATE INDEX mails_by_letter_key ON mails (letter_key_id);

-- For the re-sealing. Each answers one narrow question, with ids and numbers only.

CREATE POLICY totp_secrets_sealed ON totp_secrets FOR SELECT TO docuvault_system USING (true);
CREATE POLICY mails_sealed ON mails FOR SELECT TO docuvault_system USING (true);
GRANT SELECT (user_id, seed_key_id) ON totp_secrets TO docuvault_system;
GRANT SELECT (id, user_id, letter_key_id) ON mails TO docuvault_system;

-- How much is sealed with which key.
CREATE FUNCTION sealed_rows_by_key() RETURNS TABLE (sealed_column text, key_id smallint, row_count bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    BEGIN ATOMIC
        SELECT 'sessions.successor_sealed', s.successor_key_id, count(*) FROM sessions s WHERE s.successor_key_id IS NOT NULL GROUP BY 2
        UNION ALL
        SELECT 'totp_secrets.seed_sealed', t.seed_key_id, count(*) FROM totp_secrets t GROUP BY 2
        UNION ALL
        SELECT 'mails.letter_sealed', m.letter_key_id, count(*) FROM mails m GROUP BY 2
        ORDER BY 1, 2;
    END;

-- Some of what is sealed with a key older than p_key, after p_after in the order of row ids.
CREATE FUNCTION sealed_before_key(p_column text, p_key smallint, p_after uuid, p_limit integer) RETURNS TABLE (user_id uuid, row_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    BEGIN ATOMIC
        SELECT found.user_id, found.row_id
          FROM (SELECT s.user_id, s.id AS row_id FROM sessions s
                 WHERE p_column = 'sessions.successor_sealed' AND s.successor_key_id < p_key AND s.id > p_after
                UNION ALL
                SELECT t.user_id, t.user_id FROM totp_secrets t
                 WHERE p_column = 'totp_secrets.seed_sealed' AND t.seed_key_id < p_key AND t.user_id > p_after
                UNION ALL
                SELECT m.user_id, m.id FROM mails m
                 WHERE p_column = 'mails.letter_sealed' AND m.letter_key_id < p_key AND m.id > p_after) found
         ORDER BY found.row_id LIMIT p_limit;
    END;

GRANT CREATE ON SCHEMA public TO docuvault_system;
DO $owners$
DECLARE
    door text;
BEGIN
    FOREACH door IN ARRAY ARRAY['sealed_rows_by_key()', 'sealed_before_key(text, smallint, uuid, integer)'] LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO docuvault_app', door);
        EXECUTE format('ALTER FUNCTION %s OWNER TO docuvault_system', door);
    END LOOP;
END
$owners$;
REVOKE CREATE ON SCHEMA public FROM docuvault_system;
