-- A PDF in which the text of a scan can be marked and searched is a document of its own, and knows the scan it was made of.
ALTER TABLE documents
    ADD COLUMN searchable_copy_of      uuid REFERENCES documents (id) ON DELETE SET NULL,
    -- Why no such copy could be made of this scan, or not of all of it: a code, shown as words by the client.
    ADD COLUMN searchable_copy_problem text,
    ADD CONSTRAINT documents_copy_of_another CHECK (searchable_copy_of <> id);
CREATE INDEX documents_searchable_copy_of ON documents (searchable_copy_of) WHERE searchable_copy_of IS NOT NULL;
