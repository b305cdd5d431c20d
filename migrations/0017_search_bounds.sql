-- Searches that read no more than they need, however many documents a user has; and what 0016 should have noted of documents from before.

-- Row security holds the owner of the tables too, who may see no row of them. This is about all rows.
ALTER TABLE documents NO FORCE ROW LEVEL SECURITY;
ALTER TABLE document_search NO FORCE ROW LEVEL SECURITY;
ALTER TABLE search_words NO FORCE ROW LEVEL SECURITY;
ALTER TABLE search_word_changes NO FORCE ROW LEVEL SECURITY;

-- Each document stands on a shelf with about a thousand that came at the same time. The index knows the shelf as a word that begins with
-- the character 1, which nobody can type, and is the user's own; so the newest hits of a frequent word are found without reading all.
CREATE FUNCTION search_shelf(p_user uuid, p_number integer) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN E'\x01' || lpad(to_hex(p_number), 8, '0') || right(p_user::text, 12);
GRANT EXECUTE ON FUNCTION search_shelf(uuid, integer) TO docuvault_app, docuvault_search;

-- Beside its row rather than elsewhere, where ranking would have to fetch each.
ALTER TABLE document_search ALTER tsv SET STORAGE MAIN;
UPDATE document_search s
   SET tsv = s.tsv || array_to_tsvector(ARRAY[search_shelf(s.user_id, placed.shelf)] || CASE WHEN d.language IS NULL THEN '{}' ELSE ARRAY[E'\x03' || d.language] END)
  FROM (SELECT document_id, ((row_number() OVER (PARTITION BY user_id ORDER BY document_id) - 1) / 1024)::integer AS shelf
          FROM document_search WHERE window_no = 0) AS placed
  JOIN documents d ON d.id = placed.document_id
 WHERE placed.document_id = s.document_id;
DELETE FROM search_word_changes;
DELETE FROM search_words;
INSERT INTO search_words (user_id, word, documents)
SELECT s.user_id, word, count(*) FROM document_search s, unnest(tsvector_to_array(s.tsv)) AS word
 WHERE s.window_no = 0 AND length(word) <= 60 GROUP BY 1, 2 ORDER BY 1, 2;

-- 0011 meant this, and was held by row security.
UPDATE documents SET filed_by = 'device' WHERE state = 'ready' AND filed_by IS NULL;

ALTER TABLE documents FORCE ROW LEVEL SECURITY;
ALTER TABLE document_search FORCE ROW LEVEL SECURITY;
ALTER TABLE search_words FORCE ROW LEVEL SECURITY;
ALTER TABLE search_word_changes FORCE ROW LEVEL SECURITY;

SET LOCAL ROLE docuvault_search;
DROP FUNCTION search_documents(tsquery, tsquery, integer, jsonb);
RESET ROLE;

-- As before this function is the only way to the index: it applies the user itself, and its caller joins the answer to documents under
-- the policies once more. p_query NULL: any document. What the index finds counts if p_check, unless it is null, holds too.
-- p_filter is search/narrow.rs as JSON; what is null there may be anything.
-- p_newest false: all hits are counted, and the newest p_candidates of them ranked by p_rank. True: it looks from the newest shelf
-- backwards and stops when there are more than p_candidates; then is_exact is false. A shelf is of one user, which makes a search
-- of the index for both needless. Nested loops only: whatever is joined is few rows.
CREATE FUNCTION search_documents(p_query tsquery, p_check tsquery, p_rank tsquery, p_newest boolean, p_candidates integer, p_filter jsonb)
    RETURNS TABLE (document_id uuid, rank real, document_date date, created_at timestamptz, content_type text, correspondent text, total bigint, is_exact boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public SET plan_cache_mode = force_custom_plan SET jit = off
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET max_parallel_workers_per_gather = 0
AS $$
#variable_conflict use_column
DECLARE
    me uuid := current_user_id();
    f record;
    -- A correspondent's words stand in the index with weight B, as do those of topics.
    sender tsquery;
    whole_only boolean;
    trashed boolean;
    -- One more than is known: its first documents may not have been counted yet.
    shelf integer;
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
    IF p_newest AND p_query IS NOT NULL THEN
        SELECT 1 + ('x' || substr(max(w.word), 2, 8))::bit(32)::integer INTO shelf FROM search_words w
         WHERE w.user_id = me AND w.word >= E'\x01' AND w.word < E'\x02';
    END IF;
    WITH hit AS (
            SELECT DISTINCT s.document_id AS id FROM document_search s
             WHERE p_query IS NOT NULL AND NOT p_newest AND s.user_id = me AND s.tsv @@ p_query
               AND (p_check IS NULL OR ts_match_vq(s.tsv, p_check)) AND (s.window_no = 0 OR NOT whole_only)
            UNION ALL
            SELECT near.id FROM generate_series(coalesce(shelf, 0), 0, -1) AS number CROSS JOIN LATERAL (
                   SELECT DISTINCT s.document_id AS id FROM document_search s
                    WHERE (s.user_id = me) IS TRUE AND s.tsv @@ (p_query && quote_literal(search_shelf(me, number))::tsquery)
                      AND (p_check IS NULL OR ts_match_vq(s.tsv, p_check)) AND (s.window_no = 0 OR NOT whole_only)
                    ORDER BY 1 DESC) AS near
             WHERE p_query IS NOT NULL AND p_newest
            UNION ALL
            (SELECT d.id FROM documents d WHERE p_query IS NULL AND NOT trashed AND d.user_id = me AND d.trashed_at IS NULL ORDER BY d.id DESC)
            UNION ALL
            SELECT d.id FROM documents d WHERE p_query IS NULL AND trashed AND d.user_id = me AND d.trashed_at IS NOT NULL),
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
                          JOIN document_topics t ON t.document_id = d.id AND t.user_id = me AND t.topic_id = wanted.topic_id))
             LIMIT CASE WHEN p_newest THEN p_candidates + 1 END)
    SELECT count(*), (array_agg(fitting.id ORDER BY fitting.id DESC))[:p_candidates] INTO kept, found FROM fitting;
    RETURN QUERY
        SELECT d.id, coalesce((SELECT max(ts_rank('{0.1, 0.3, 0.6, 1.0}', s.tsv, p_rank)) FROM document_search s
                                WHERE s.document_id = d.id AND s.user_id = me AND p_rank IS NOT NULL
                                  AND (s.window_no = 0 OR NOT whole_only)), 0::real),
               d.document_date, d.created_at, d.content_type, d.correspondent, CASE WHEN p_newest THEN least(kept, p_candidates) ELSE kept END, NOT p_newest OR kept <= p_candidates
          FROM documents d WHERE d.id = ANY (found) AND d.user_id = me;
END $$;

GRANT CREATE ON SCHEMA public TO docuvault_search;
ALTER FUNCTION search_documents(tsquery, tsquery, tsquery, boolean, integer, jsonb) OWNER TO docuvault_search;
REVOKE CREATE ON SCHEMA public FROM docuvault_search;
SET LOCAL ROLE docuvault_search;
GRANT EXECUTE ON FUNCTION search_documents(tsquery, tsquery, tsquery, boolean, integer, jsonb) TO docuvault_app;
RESET ROLE;
