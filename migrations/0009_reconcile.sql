-- Is everything there? What came of comparing the store with the tables, both ways, and of reading the bytes again.

-- One row a comparison. Kept, the newest hundred.
CREATE TABLE storage_runs (
    id                 uuid PRIMARY KEY,
    started_at         timestamptz NOT NULL,
    finished_at        timestamptz,
    -- How far it has come: a run that was cut off is taken up there.
    step               text NOT NULL DEFAULT 'objects' CHECK (step IN ('objects', 'documents', 'orphans', 'uploads')),
    reached            text,
    -- Whoever works on it, until when; NULL: the command line. Each that takes it over raises fence, and then those before change nothing.
    job_id             bigint,
    fence              integer NOT NULL DEFAULT 1,
    held_until         timestamptz NOT NULL,
    -- In the store, all in all.
    objects            bigint NOT NULL DEFAULT 0,
    bytes              bigint NOT NULL DEFAULT 0,
    -- Of them: named by no row.
    orphans            bigint NOT NULL DEFAULT 0,
    orphan_bytes       bigint NOT NULL DEFAULT 0,
    -- Findings of each kind at its end.
    missing            bigint NOT NULL DEFAULT 0,
    wrong_size         bigint NOT NULL DEFAULT 0,
    damaged            bigint NOT NULL DEFAULT 0,
    -- Uploads in parts that the store still held and no one was going on with; given up.
    unfinished_uploads bigint NOT NULL DEFAULT 0,
    -- Orphans whose time was over.
    removed            bigint NOT NULL DEFAULT 0,
    -- A code: why it could not go on, or, once it is finished, what it left undone.
    error              text CHECK (length(error) <= 100)
);
-- One at a time.
CREATE UNIQUE INDEX storage_runs_open ON storage_runs ((true)) WHERE finished_at IS NULL;
ALTER TABLE storage_runs ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage_runs FORCE ROW LEVEL SECURITY;
CREATE POLICY storage_runs_worker ON storage_runs TO docuvault_app
    USING ((SELECT current_setting('docuvault.worker', true)) = 'on')
    WITH CHECK ((SELECT current_setting('docuvault.worker', true)) = 'on');

-- What is amiss, for as long as it is.
CREATE TABLE storage_findings (
    id             uuid PRIMARY KEY,
    -- orphan: an object that no row names. missing: a row without its object. wrong_size, damaged: other bytes than belong there.
    kind           text NOT NULL CHECK (kind IN ('orphan', 'missing', 'wrong_size', 'damaged')),
    object_key     text NOT NULL,
    -- Of the row; an orphan has none.
    user_id        uuid REFERENCES users (id) ON DELETE CASCADE,
    document_id    uuid REFERENCES documents (id) ON DELETE CASCADE,
    -- What lies there; where nothing does, what should (0: not known).
    size_bytes     bigint NOT NULL,
    first_seen_at  timestamptz NOT NULL,
    last_seen_at   timestamptz NOT NULL,
    -- An orphan is removed after that, if it still is one.
    removal_due_at timestamptz,
    CONSTRAINT storage_findings_once UNIQUE (kind, object_key),
    CHECK ((kind = 'orphan') = (removal_due_at IS NOT NULL)),
    CHECK ((kind = 'orphan') = (document_id IS NULL)),
    CHECK ((user_id IS NULL) = (document_id IS NULL))
);
CREATE INDEX storage_findings_by_kind ON storage_findings (kind, id);
CREATE INDEX storage_findings_of_user ON storage_findings (user_id, first_seen_at) WHERE user_id IS NOT NULL;
CREATE INDEX storage_findings_of_document ON storage_findings (document_id) WHERE document_id IS NOT NULL;
ALTER TABLE storage_findings ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage_findings FORCE ROW LEVEL SECURITY;
CREATE POLICY storage_findings_owner_or_worker ON storage_findings TO docuvault_app
    USING (user_id = current_user_id() OR (SELECT current_setting('docuvault.worker', true)) = 'on')
    WITH CHECK (user_id = current_user_id() OR (SELECT current_setting('docuvault.worker', true)) = 'on');

-- The order in which bytes are read again: those never read first. What is known to be amiss is looked at by its finding.
CREATE INDEX documents_to_verify ON documents (coalesce(verified_at, timestamptz '1970-01-01 00:00:00+00'), id)
    WHERE state IN ('stored', 'processing', 'ready', 'failed') AND storage_problem IS NULL;

-- Of a document: where its bytes lie and how many they are; nothing of what they say.
GRANT SELECT (object_key, size_bytes, thumbnail_key, thumbnail_at, verified_at, storage_problem) ON documents TO docuvault_system;
CREATE POLICY storage_runs_system ON storage_runs FOR SELECT TO docuvault_system USING (true);
CREATE POLICY storage_findings_system ON storage_findings FOR SELECT TO docuvault_system USING (true);
GRANT SELECT ON storage_runs, storage_findings TO docuvault_system;

-- Which of these objects a row names. p_documents holds the second part of each key, so that the lookup goes by primary key.
CREATE FUNCTION known_objects(p_documents uuid[], p_keys text[]) RETURNS TABLE (object_key text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    BEGIN ATOMIC
        SELECT k.object_key
          FROM unnest(p_documents, p_keys) AS k (document_id, object_key) JOIN documents d ON d.id = k.document_id
         WHERE k.object_key = d.object_key OR k.object_key = d.thumbnail_key
            OR EXISTS (SELECT FROM uploads u WHERE u.user_id = d.user_id AND u.document_id = d.id AND u.object_key = k.object_key);
    END;

-- Which of these objects are still on their way, and by which upload of the store (NULL: none was written down).
CREATE FUNCTION open_uploads(p_documents uuid[], p_keys text[]) RETURNS TABLE (object_key text, store_upload_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    BEGIN ATOMIC
        SELECT u.object_key, u.store_upload_id
          FROM unnest(p_documents, p_keys) AS k (document_id, object_key)
          JOIN uploads u ON u.document_id = k.document_id AND u.object_key = k.object_key AND u.state <> 'completed';
    END;

-- Documents whose bytes must be there, in the order of ids. thumbnail_key only where the thumbnail was stored.
CREATE FUNCTION documents_after(p_after uuid, p_limit integer)
    RETURNS TABLE (document_id uuid, user_id uuid, object_key text, size_bytes bigint, thumbnail_key text, is_suspect boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT d.id, d.user_id, d.object_key, d.size_bytes, CASE WHEN d.thumbnail_at IS NOT NULL THEN d.thumbnail_key END,
               coalesce(d.storage_problem = 'missing', false)
               OR EXISTS (SELECT FROM storage_findings f WHERE f.document_id = d.id AND f.kind IN ('missing', 'wrong_size'))
          FROM documents d
         WHERE d.id > p_after AND d.state IN ('stored', 'processing', 'ready', 'failed')
         ORDER BY d.id LIMIT p_limit;
END $$;

-- Documents whose bytes were last read before p_before, behind the one given, the longest unread first.
CREATE FUNCTION documents_to_verify(p_before timestamptz, p_after_time timestamptz, p_after uuid, p_limit integer)
    RETURNS TABLE (document_id uuid, user_id uuid, verified_at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT d.id, d.user_id, coalesce(d.verified_at, timestamptz '1970-01-01 00:00:00+00')
          FROM documents d
         WHERE d.state IN ('stored', 'processing', 'ready', 'failed') AND d.storage_problem IS NULL
           AND coalesce(d.verified_at, timestamptz '1970-01-01 00:00:00+00') < p_before
           AND (coalesce(d.verified_at, timestamptz '1970-01-01 00:00:00+00'), d.id) > (p_after_time, p_after)
         ORDER BY coalesce(d.verified_at, timestamptz '1970-01-01 00:00:00+00'), d.id LIMIT p_limit;
END $$;

-- For administrators.

CREATE FUNCTION admin_storage()
    RETURNS TABLE (documents bigint, bytes bigint, documents_verified bigint, documents_unverified bigint, oldest_verified_at timestamptz, is_running boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
#variable_conflict use_column
BEGIN
    PERFORM require_acting_admin();
    RETURN QUERY
        SELECT count(*), coalesce(sum(d.size_bytes), 0)::bigint, count(d.verified_at), count(*) - count(d.verified_at), min(d.verified_at),
               EXISTS (SELECT FROM storage_runs r WHERE r.finished_at IS NULL AND r.held_until > now())
               OR EXISTS (SELECT FROM jobs j WHERE j.kind = 'reconcile' AND j.state IN ('ready', 'running'))
          FROM documents d WHERE d.state IN ('stored', 'processing', 'ready', 'failed');
END $$;

-- The newest run, finished or not.
CREATE FUNCTION admin_last_storage_run()
    RETURNS TABLE (started_at timestamptz, finished_at timestamptz, objects bigint, bytes bigint, orphans bigint, orphan_bytes bigint, missing bigint,
                   wrong_size bigint, damaged bigint, unfinished_uploads bigint, removed bigint, error text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
#variable_conflict use_column
BEGIN
    PERFORM require_acting_admin();
    RETURN QUERY
        SELECT r.started_at, r.finished_at, r.objects, r.bytes, r.orphans, r.orphan_bytes, r.missing, r.wrong_size, r.damaged,
               r.unfinished_uploads, r.removed, r.error
          FROM storage_runs r WHERE r.id > '00000000-0000-0000-0000-000000000000' ORDER BY r.id DESC LIMIT 1;
END $$;

-- Findings, newest first: of one kind (NULL: of all), before p_before.
CREATE FUNCTION admin_storage_findings(p_kind text, p_before uuid, p_limit bigint)
    RETURNS TABLE (id uuid, kind text, object_key text, size_bytes bigint, first_seen_at timestamptz, last_seen_at timestamptz, removal_due_at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
BEGIN
    PERFORM require_acting_admin();
    RETURN QUERY
        SELECT f.id, f.kind, f.object_key, f.size_bytes, f.first_seen_at, f.last_seen_at, f.removal_due_at
          FROM storage_findings f
         WHERE (p_kind IS NULL OR f.kind = p_kind) AND f.id < coalesce(p_before, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
         ORDER BY f.id DESC LIMIT p_limit;
END $$;

GRANT CREATE ON SCHEMA public TO docuvault_system;
DO $owners$
DECLARE
    door text;
BEGIN
    FOREACH door IN ARRAY ARRAY['known_objects(uuid[], text[])', 'open_uploads(uuid[], text[])', 'documents_after(uuid, integer)',
                                'documents_to_verify(timestamptz, timestamptz, uuid, integer)', 'admin_storage()', 'admin_last_storage_run()',
                                'admin_storage_findings(text, uuid, bigint)'] LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO docuvault_app', door);
        EXECUTE format('ALTER FUNCTION %s OWNER TO docuvault_system', door);
    END LOOP;
END
$owners$;
REVOKE CREATE ON SCHEMA public FROM docuvault_system;
