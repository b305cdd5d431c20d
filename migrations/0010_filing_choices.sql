-- Who filed a document, now that this can be a provider of the user's choice as well as the device.

-- `device` or the provider's name; NULL: not filed yet.
ALTER TABLE documents ADD COLUMN filed_by text;
-- Why it was not the provider the user chose; a code, shown as words by the client.
ALTER TABLE documents ADD COLUMN filing_notice text;

ALTER TABLE documents DROP CONSTRAINT documents_title_source_check,
    ADD CONSTRAINT documents_title_source_check CHECK (title_source IN ('filename', 'device', 'ai', 'user')),
    DROP CONSTRAINT documents_document_date_source_check,
    ADD CONSTRAINT documents_document_date_source_check CHECK (document_date_source IN ('device', 'ai', 'user')),
    DROP CONSTRAINT documents_correspondent_source_check,
    ADD CONSTRAINT documents_correspondent_source_check CHECK (correspondent_source IN ('device', 'ai', 'user'));
ALTER TABLE document_topics DROP CONSTRAINT document_topics_source_check,
    ADD CONSTRAINT document_topics_source_check CHECK (source IN ('device', 'ai', 'user'));
