-- Uploads in parts, and what is known of the bytes that lie in the store.

-- Length of every part but the last; NULL: sent as one.
ALTER TABLE uploads ADD COLUMN part_size_bytes bigint CHECK (part_size_bytes > 0);

ALTER TABLE documents
    -- When the bytes in the store were last read and found to have this document's sha256. NULL: the digest is its sender's word.
    ADD COLUMN verified_at timestamptz,
    -- Found by looking: no object there, or not the bytes that belong there. The row is never given up for it.
    ADD COLUMN storage_problem text CHECK (storage_problem IN ('missing', 'damaged'));

-- Uploads that are open, counted where the reservation locks a row anyway: how many one user may have at once is bounded.
ALTER TABLE quotas ADD COLUMN open_uploads integer NOT NULL DEFAULT 0 CONSTRAINT quotas_open_uploads_not_negative CHECK (open_uploads >= 0);
ALTER TABLE quotas NO FORCE ROW LEVEL SECURITY;
ALTER TABLE uploads NO FORCE ROW LEVEL SECURITY;
UPDATE quotas q SET open_uploads = (SELECT count(*) FROM uploads u WHERE u.user_id = q.user_id AND u.state <> 'completed');
ALTER TABLE quotas FORCE ROW LEVEL SECURITY;
ALTER TABLE uploads FORCE ROW LEVEL SECURITY;
