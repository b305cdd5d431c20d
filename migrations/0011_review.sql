-- The review inbox, how sure filing must be, documents that are filed or read again, and who filed them.

-- What a user chose for filing and reading. No row: the defaults.
CREATE TABLE filing_settings (
    user_id           uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    -- From this confidence on, a topic is applied without asking.
    apply_threshold   real NOT NULL CHECK (apply_threshold BETWEEN 0 AND 1),
    -- From this confidence on, a topic waits in the review inbox.
    suggest_threshold real NOT NULL CHECK (suggest_threshold BETWEEN 0 AND 1),
    -- tesseract names, the likeliest first; empty: as the server is set.
    ocr_languages     text[] NOT NULL DEFAULT '{}',
    CHECK (suggest_threshold <= apply_threshold)
);
ALTER TABLE filing_settings ENABLE ROW LEVEL SECURITY;
ALTER TABLE filing_settings FORCE ROW LEVEL SECURITY;
CREATE POLICY filing_settings_own ON filing_settings TO docuvault_app
    USING (user_id = current_user_id()) WITH CHECK (user_id = current_user_id());

-- The inbox asks for what is likely enough.
CREATE INDEX topic_suggestions_open ON topic_suggestions (user_id, confidence, document_id) WHERE state = 'proposed';

-- `device` or the provider's name; NULL: not filed yet.
ALTER TABLE documents ADD COLUMN filed_by text;
-- Why it was not the provider that the user chose; a code, shown as words by the client.
ALTER TABLE documents ADD COLUMN filing_notice text;
-- What the document says of itself, for filing it again without reading it: its title, and who sent it.
ALTER TABLE documents ADD COLUMN stated_title text;
ALTER TABLE documents ADD COLUMN stated_sender text;
UPDATE documents SET filed_by = 'device' WHERE state = 'ready';

-- How sure the OCR program is of a page's words, 0 to 100; NULL: not recognised but read.
ALTER TABLE document_pages ADD COLUMN ocr_confidence real CHECK (ocr_confidence BETWEEN 0 AND 100);

ALTER TABLE documents DROP CONSTRAINT documents_title_source_check,
    ADD CONSTRAINT documents_title_source_check CHECK (title_source IN ('filename', 'device', 'ai', 'user')),
    DROP CONSTRAINT documents_document_date_source_check,
    ADD CONSTRAINT documents_document_date_source_check CHECK (document_date_source IN ('device', 'ai', 'user')),
    DROP CONSTRAINT documents_correspondent_source_check,
    ADD CONSTRAINT documents_correspondent_source_check CHECK (correspondent_source IN ('device', 'ai', 'user'));
ALTER TABLE document_topics DROP CONSTRAINT document_topics_source_check,
    ADD CONSTRAINT document_topics_source_check CHECK (source IN ('device', 'ai', 'user'));
