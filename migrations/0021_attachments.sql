-- What was attached to a message can be a document of its own, and knows the message it came with.
ALTER TABLE documents
    ADD COLUMN attached_to         uuid REFERENCES documents (id) ON DELETE SET NULL,
    -- Why not all that is attached to this message became documents: a code, shown as words by the client.
    ADD COLUMN attachments_problem text,
    ADD CONSTRAINT documents_attached_to_another CHECK (attached_to <> id);
CREATE INDEX documents_attached_to ON documents (attached_to) WHERE attached_to IS NOT NULL;
