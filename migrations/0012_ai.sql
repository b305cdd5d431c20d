-- The user's own AI: which provider they chose, what may never be sent to it, and what was sent.

-- No row: papers are filed on the device only.
CREATE TABLE ai_settings (
    user_id             uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    provider            text NOT NULL CHECK (provider IN ('openai_compatible', 'openai', 'anthropic', 'gemini', 'mistral', 'ollama')),
    model               text NOT NULL,
    -- With a slash at its end.
    base_url            text NOT NULL,
    api_key_sealed      bytea,
    -- False: only when the user asks.
    auto_classify       boolean NOT NULL,
    monthly_token_limit bigint CHECK (monthly_token_limit > 0),
    -- For a million tokens, in the user's own currency.
    input_price         double precision CHECK (input_price >= 0),
    output_price        double precision CHECK (output_price >= 0),
    -- Failures in a row; after some of them the provider is left alone for a while.
    failures            integer NOT NULL DEFAULT 0,
    paused_until        timestamptz,
    -- A code, shown as words by the client.
    last_problem        text
);
ALTER TABLE ai_settings ENABLE ROW LEVEL SECURITY;
ALTER TABLE ai_settings FORCE ROW LEVEL SECURITY;
CREATE POLICY ai_settings_own ON ai_settings TO docuvault_app
    USING (user_id = current_user_id()) WITH CHECK (user_id = current_user_id());

-- What is never sent: a document, all under a topic, or all in a folder and the folders in it.
CREATE TABLE ai_never_send (
    id          uuid PRIMARY KEY,
    user_id     uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    topic_id    uuid REFERENCES topics (id) ON DELETE CASCADE,
    folder_id   uuid REFERENCES folders (id) ON DELETE CASCADE,
    document_id uuid REFERENCES documents (id) ON DELETE CASCADE,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CHECK (num_nonnulls(topic_id, folder_id, document_id) = 1),
    CONSTRAINT ai_never_send_once UNIQUE NULLS NOT DISTINCT (user_id, topic_id, folder_id, document_id)
);
CREATE INDEX ai_never_send_of_topic ON ai_never_send (topic_id) WHERE topic_id IS NOT NULL;
CREATE INDEX ai_never_send_of_folder ON ai_never_send (folder_id) WHERE folder_id IS NOT NULL;
CREATE INDEX ai_never_send_of_document ON ai_never_send (document_id) WHERE document_id IS NOT NULL;
ALTER TABLE ai_never_send ENABLE ROW LEVEL SECURITY;
ALTER TABLE ai_never_send FORCE ROW LEVEL SECURITY;
CREATE POLICY ai_never_send_own ON ai_never_send TO docuvault_app
    USING (user_id = current_user_id()) WITH CHECK (user_id = current_user_id());

-- What left the vault. A row stands before the first byte leaves; how it went is filled in once, and rows go after thirteen months.
CREATE TABLE ai_ledger (
    id             uuid PRIMARY KEY,
    user_id        uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    sent_at        timestamptz NOT NULL,
    purpose        text NOT NULL CHECK (purpose IN ('classify', 'summary', 'test', 'models')),
    provider       text NOT NULL,
    host           text NOT NULL,
    model          text NOT NULL,
    document_id    uuid REFERENCES documents (id) ON DELETE SET NULL,
    status         text NOT NULL DEFAULT 'sending' CHECK (status IN ('sending', 'answered', 'refused', 'failed')),
    problem        text,
    sent_bytes     bigint NOT NULL CHECK (sent_bytes >= 0),
    received_bytes bigint CHECK (received_bytes >= 0),
    input_tokens   bigint CHECK (input_tokens >= 0),
    output_tokens  bigint CHECK (output_tokens >= 0),
    -- Millionths of the user's currency; NULL: no price is known.
    cost_micros    bigint CHECK (cost_micros >= 0)
);
CREATE INDEX ai_ledger_newest ON ai_ledger (user_id, sent_at DESC, id DESC);
CREATE INDEX ai_ledger_of_document ON ai_ledger (document_id) WHERE document_id IS NOT NULL;
ALTER TABLE ai_ledger ENABLE ROW LEVEL SECURITY;
ALTER TABLE ai_ledger FORCE ROW LEVEL SECURITY;
CREATE POLICY ai_ledger_select ON ai_ledger FOR SELECT TO docuvault_app USING (user_id = current_user_id());
CREATE POLICY ai_ledger_insert ON ai_ledger FOR INSERT TO docuvault_app WITH CHECK (user_id = current_user_id());
CREATE POLICY ai_ledger_settle ON ai_ledger FOR UPDATE TO docuvault_app
    USING (user_id = current_user_id() AND status = 'sending') WITH CHECK (user_id = current_user_id());
CREATE POLICY ai_ledger_delete ON ai_ledger FOR DELETE TO docuvault_app
    USING (user_id = current_user_id() AND sent_at < now() - interval '13 months');
REVOKE UPDATE ON ai_ledger FROM docuvault_app;
GRANT UPDATE (status, problem, received_bytes, input_tokens, output_tokens, cost_micros) ON ai_ledger TO docuvault_app;

-- The keys of providers are sealed like every other secret.
ALTER TABLE ai_settings
    ADD COLUMN api_key_key_id smallint GENERATED ALWAYS AS (envelope_key_id(api_key_sealed)) STORED
        CONSTRAINT ai_settings_api_key_key REFERENCES key_checks (key_id);
CREATE INDEX ai_settings_by_api_key_key ON ai_settings (api_key_key_id) WHERE api_key_key_id IS NOT NULL;
CREATE POLICY ai_settings_sealed ON ai_settings FOR SELECT TO docuvault_system USING (true);
GRANT SELECT (user_id, api_key_key_id) ON ai_settings TO docuvault_system;

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
                 WHERE p_column = 'ai_settings.api_key_sealed' AND a.api_key_key_id < p_key AND a.user_id > p_after) found
         ORDER BY found.row_id LIMIT p_limit;
    END;
RESET ROLE;
REVOKE CREATE ON SCHEMA public FROM docuvault_system;
