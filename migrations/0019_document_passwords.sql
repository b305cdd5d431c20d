-- What opens an encrypted document, as its owner gave it: with it the document can be read again without asking.
CREATE TABLE document_passwords (
    document_id     uuid PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    user_id         uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    password_sealed bytea NOT NULL,
    password_key_id smallint GENERATED ALWAYS AS (envelope_key_id(password_sealed)) STORED NOT NULL
        CONSTRAINT document_passwords_key REFERENCES key_checks (key_id)
);
CREATE INDEX document_passwords_of_user ON document_passwords (user_id);
CREATE INDEX document_passwords_by_key ON document_passwords (password_key_id);
ALTER TABLE document_passwords ENABLE ROW LEVEL SECURITY;
ALTER TABLE document_passwords FORCE ROW LEVEL SECURITY;
CREATE POLICY document_passwords_own ON document_passwords TO docuvault_app
    USING (user_id = current_user_id()) WITH CHECK (user_id = current_user_id());

-- They are sealed like every other secret.
CREATE POLICY document_passwords_sealed ON document_passwords FOR SELECT TO docuvault_system USING (true);
GRANT SELECT (user_id, document_id, password_key_id) ON document_passwords TO docuvault_system;

GRANT CREATE ON SCHEMA public TO docuvault_system;
SET LOCAL ROLE docuvault_system;
CREATE OR REPLACE FUNCTION sealed_rows_by_key() RETURNS TABLE (sealed_column text, key_id smallint, row_count bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    BEGIN ATOMIC
        SELECT 'sessions.successor_sealed', s.successor_key_id, count(*) FROM sessions s WHERE s.successor_key_id IS NOT NULL GROUP BY 2
        UNION ALL
        SELECT 'totp_secrets.seed_sealed', t.seed_key_id, count(*) FROM totp_secrets t GROUP BY 2
        UNION ALL
        SELECT 'mails.letter_sealed', m.letter_key_id, count(*) FROM mails m GROUP BY 2
        UNION ALL
        SELECT 'ai_settings.api_key_sealed', a.api_key_key_id, count(*) FROM ai_settings a WHERE a.api_key_key_id IS NOT NULL GROUP BY 2
        UNION ALL
        SELECT 'document_passwords.password_sealed', p.password_key_id, count(*) FROM document_passwords p GROUP BY 2
        ORDER BY 1, 2;
    END;
CREATE OR REPLACE FUNCTION sealed_before_key(p_column text, p_key smallint, p_after uuid, p_limit integer) RETURNS TABLE (user_id uuid, row_id uuid)
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
                 WHERE p_column = 'mails.letter_sealed' AND m.letter_key_id < p_key AND m.id > p_after
                UNION ALL
                SELECT a.user_id, a.user_id FROM ai_settings a
                 WHERE p_column = 'ai_settings.api_key_sealed' AND a.api_key_key_id < p_key AND a.user_id > p_after
                UNION ALL
                SELECT p.user_id, p.document_id FROM document_passwords p
                 WHERE p_column = 'document_passwords.password_sealed' AND p.password_key_id < p_key AND p.document_id > p_after) found
         ORDER BY found.row_id LIMIT p_limit;
    END;
RESET ROLE;
REVOKE CREATE ON SCHEMA public FROM docuvault_system;
