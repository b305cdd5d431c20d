-- Which documents are alike: by their rarest words, and almost the same ones by a digest of their text.

-- Of two texts that differ in little, the digests differ in few of their 64 bits (likeness/simhash.rs). NULL: too short to tell, or not
-- looked at yet.
CREATE TABLE document_likeness (
    document_id uuid PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    user_id     uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    simhash     bigint,
    is_known    boolean NOT NULL
);
-- Two digests that differ in at most three bits agree in one of four parts.
CREATE INDEX document_likeness_part_1 ON document_likeness (user_id, (simhash & 65535)) WHERE simhash IS NOT NULL;
CREATE INDEX document_likeness_part_2 ON document_likeness (user_id, ((simhash >> 16) & 65535)) WHERE simhash IS NOT NULL;
CREATE INDEX document_likeness_part_3 ON document_likeness (user_id, ((simhash >> 32) & 65535)) WHERE simhash IS NOT NULL;
CREATE INDEX document_likeness_part_4 ON document_likeness (user_id, ((simhash >> 48) & 65535)) WHERE simhash IS NOT NULL;
CREATE INDEX document_likeness_due ON document_likeness (document_id) WHERE NOT is_known;
ALTER TABLE document_likeness ENABLE ROW LEVEL SECURITY;
CREATE POLICY document_likeness_own ON document_likeness TO docuvault_app
    USING (user_id = current_user_id()) WITH CHECK (user_id = current_user_id());
CREATE POLICY document_likeness_system ON document_likeness FOR SELECT TO docuvault_system USING (true);
GRANT SELECT (document_id, user_id, is_known) ON document_likeness TO docuvault_system;

-- Documents from before are looked at by the sweep. Row security holds the owner of the tables too.
ALTER TABLE documents NO FORCE ROW LEVEL SECURITY;
INSERT INTO document_likeness (document_id, user_id, is_known) SELECT id, user_id, false FROM documents WHERE state = 'ready';
ALTER TABLE documents FORCE ROW LEVEL SECURITY;
ALTER TABLE document_likeness FORCE ROW LEVEL SECURITY;

-- Documents from before that are not looked at yet.
CREATE FUNCTION likeness_due(p_limit integer) RETURNS TABLE (document_id uuid, user_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
    SELECT l.document_id, l.user_id FROM document_likeness l WHERE NOT l.is_known ORDER BY l.document_id LIMIT p_limit
$$;

-- Documents of the caller that have some of p_words, and the sum of p_weights of those they have: the heaviest p_limit, without p_except
-- and what is in the trash. Whether a document has a word is an operator that may not look at rows before the policies do; so this, too,
-- stands behind its own check of whose they are.
CREATE FUNCTION similar_documents(p_words text[], p_weights real[], p_except uuid, p_limit integer)
    RETURNS TABLE (document_id uuid, shared bigint, weight real)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public SET plan_cache_mode = force_custom_plan
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET max_parallel_workers_per_gather = 0
AS $$
#variable_conflict use_column
DECLARE
    me uuid := current_user_id();
BEGIN
    RETURN QUERY
        SELECT hit.id, count(*), sum(w.weight)
          FROM unnest(p_words, p_weights) AS w (word, weight) CROSS JOIN LATERAL (
               SELECT s.document_id AS id FROM document_search s
                WHERE s.user_id = me AND s.window_no = 0
                  AND s.tsv @@ ('''' || replace(replace(w.word, '\', '\\'), '''', '''''') || '''')::tsquery) AS hit
          JOIN documents d ON d.id = hit.id AND d.user_id = me AND d.trashed_at IS NULL AND d.state NOT IN ('purging', 'reserved')
         WHERE hit.id <> p_except
         GROUP BY hit.id ORDER BY sum(w.weight) DESC, hit.id DESC LIMIT p_limit;
END $$;

GRANT CREATE ON SCHEMA public TO docuvault_search, docuvault_system;
ALTER FUNCTION similar_documents(text[], real[], uuid, integer) OWNER TO docuvault_search;
ALTER FUNCTION likeness_due(integer) OWNER TO docuvault_system;
REVOKE CREATE ON SCHEMA public FROM docuvault_search, docuvault_system;
SET LOCAL ROLE docuvault_search;
GRANT EXECUTE ON FUNCTION similar_documents(text[], real[], uuid, integer) TO docuvault_app;
RESET ROLE;
SET LOCAL ROLE docuvault_system;
GRANT EXECUTE ON FUNCTION likeness_due(integer) TO docuvault_app;
RESET ROLE;
