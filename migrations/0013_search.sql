-- Search by fields, by stems, with typos, and bounded however many documents a user has.

-- Searches with a name, to come back to.
CREATE TABLE saved_searches (
    id         uuid PRIMARY KEY,
    user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name       text NOT NULL,
    -- The query string of the search page.
    query      text NOT NULL CHECK (length(query) <= 2000),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX saved_searches_name_taken ON saved_searches (user_id, lower(name));
ALTER TABLE saved_searches ENABLE ROW LEVEL SECURITY;
ALTER TABLE saved_searches FORCE ROW LEVEL SECURITY;
CREATE POLICY saved_searches_own ON saved_searches TO docuvault_app
    USING (user_id = current_user_id()) WITH CHECK (user_id = current_user_id());

GRANT SELECT (correspondent, language) ON documents TO docuvault_search;

SET LOCAL ROLE docuvault_search;
DROP FUNCTION search_documents(tsquery, boolean, integer, boolean, text, text[], uuid[], uuid, boolean, timestamptz, timestamptz, date, date);
RESET ROLE;

-- As before this function is the only way to the index: it applies the user itself, and its caller joins the answer to documents under
-- the policies once more. p_query NULL: any document. p_filter is search/narrow.rs as JSON; what is null there may be anything.
-- Answers the newest p_candidates hits, ranked by p_rank; total counts all hits that were looked at, is_exact says that this was all there are.
CREATE FUNCTION search_documents(p_query tsquery, p_rank tsquery, p_candidates integer, p_filter jsonb)
    RETURNS TABLE (document_id uuid, rank real, document_date date, created_at timestamptz, total bigint, is_exact boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public SET plan_cache_mode = force_custom_plan SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    me uuid := current_user_id();
    f record;
    -- A correspondent's words stand in the index with weight B, as do those of topics.
    sender tsquery;
    asked tsquery := p_query;
    whole_only boolean;
    trashed boolean;
    found uuid[];
    kept bigint;
BEGIN
    IF me IS NULL THEN
        RETURN;
    END IF;
    SELECT * INTO f FROM jsonb_to_record(p_filter) AS f (
        trashed boolean, whole_only boolean, states text[], content_type text, types text[], languages text[], years integer[], folder uuid, has_folder boolean,
        topics uuid[], topic_groups integer[], has_topic boolean, has_date boolean, has_correspondent boolean, correspondent text,
        created_after timestamptz, created_before timestamptz, dated_after date, dated_before date, day_from date, day_before date, joining_signs text, blanks text);
    whole_only := coalesce(f.whole_only, false);
    trashed := coalesce(f.trashed, false);
    sender := to_tsquery('docuvault', f.correspondent);
    WITH hit AS MATERIALIZED (
            SELECT DISTINCT s.document_id AS id FROM document_search s
             WHERE asked IS NOT NULL AND s.user_id = me AND s.tsv @@ asked AND (s.window_no = 0 OR NOT whole_only)
            UNION ALL
            SELECT d.id FROM documents d WHERE asked IS NULL AND NOT trashed AND d.user_id = me AND d.trashed_at IS NULL
            UNION ALL
            SELECT d.id FROM documents d WHERE asked IS NULL AND trashed AND d.user_id = me AND d.trashed_at IS NOT NULL),
         fitting AS (
            SELECT d.id FROM hit JOIN documents d ON d.id = hit.id AND d.user_id = me
             WHERE (d.trashed_at IS NOT NULL) = trashed AND d.state NOT IN ('purging', 'reserved')
               AND (f.states IS NULL OR d.state = ANY (f.states))
               AND (f.content_type IS NULL OR starts_with(d.content_type, f.content_type))
               AND (f.types IS NULL OR EXISTS (SELECT FROM unnest(f.types) AS t WHERE starts_with(d.content_type, t)))
               AND (f.languages IS NULL OR d.language = ANY (f.languages))
               AND (f.folder IS NULL OR d.folder_id = f.folder)
               AND (f.has_folder IS NULL OR (d.folder_id IS NOT NULL) = f.has_folder)
               AND (f.has_date IS NULL OR (d.document_date IS NOT NULL) = f.has_date)
               AND (f.has_correspondent IS NULL OR (d.correspondent IS NOT NULL) = f.has_correspondent)
               AND (f.created_after IS NULL OR d.created_at >= f.created_after)
               AND (f.created_before IS NULL OR d.created_at < f.created_before)
               AND (f.dated_after IS NULL OR d.document_date >= f.dated_after)
               AND (f.dated_before IS NULL OR d.document_date < f.dated_before)
               AND (f.day_from IS NULL OR coalesce(d.document_date, (d.created_at AT TIME ZONE 'UTC')::date) >= f.day_from)
               AND (f.day_before IS NULL OR coalesce(d.document_date, (d.created_at AT TIME ZONE 'UTC')::date) < f.day_before)
               AND (f.years IS NULL OR extract(year FROM coalesce(d.document_date, (d.created_at AT TIME ZONE 'UTC')::date)) = ANY (f.years))
               AND (sender IS NULL OR to_tsvector('docuvault', translate(d.correspondent, f.joining_signs, f.blanks)) @@ sender)
               AND (f.has_topic IS NULL OR EXISTS (SELECT FROM document_topics t WHERE t.document_id = d.id AND t.user_id = me) = f.has_topic)
               AND (f.topics IS NULL OR (SELECT max(g) FROM unnest(f.topic_groups) AS g) = (
                        SELECT count(DISTINCT wanted.number) FROM unnest(f.topics, f.topic_groups) AS wanted (topic_id, number)
                          JOIN document_topics t ON t.document_id = d.id AND t.user_id = me AND t.topic_id = wanted.topic_id)))
    SELECT count(*), (array_agg(fitting.id ORDER BY fitting.id DESC))[:p_candidates] INTO kept, found FROM fitting;
    RETURN QUERY
        SELECT d.id, coalesce((SELECT max(ts_rank('{0.1, 0.3, 0.6, 1.0}', s.tsv, p_rank)) FROM document_search s
                                WHERE s.document_id = d.id AND s.user_id = me AND p_rank IS NOT NULL
                                  AND (s.window_no = 0 OR NOT whole_only)), 0::real),
               d.document_date, d.created_at, kept, true
          FROM documents d WHERE d.id = ANY (found) AND d.user_id = me;
END $$;

GRANT CREATE ON SCHEMA public TO docuvault_search;
ALTER FUNCTION search_documents(tsquery, tsquery, integer, jsonb) OWNER TO docuvault_search;
REVOKE CREATE ON SCHEMA public FROM docuvault_search;
SET LOCAL ROLE docuvault_search;
GRANT EXECUTE ON FUNCTION search_documents(tsquery, tsquery, integer, jsonb) TO docuvault_app;
RESET ROLE;
