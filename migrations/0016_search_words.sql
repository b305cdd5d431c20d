-- The words of a user's own documents: for other forms of a word, and for what a mistyped one should have been.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- Words of the index as far as they belong to its first window, in lower case and without accents. One that begins with the
-- character 3, which nobody can type, names a language in which there are documents.
CREATE TABLE search_words (
    user_id   uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    word      text COLLATE "C" NOT NULL,
    documents bigint NOT NULL,
    PRIMARY KEY (user_id, word)
) WITH (fillfactor = 85);
CREATE INDEX search_words_alike ON search_words USING gin (user_id, word gin_trgm_ops) WHERE length(word) >= 6;
ALTER TABLE search_words ENABLE ROW LEVEL SECURITY;
ALTER TABLE search_words FORCE ROW LEVEL SECURITY;
CREATE POLICY search_words_own ON search_words TO docuvault_app
    USING (user_id = current_user_id()) WITH CHECK (user_id = current_user_id());
CREATE POLICY search_words_search ON search_words FOR SELECT TO docuvault_search USING (true);
GRANT SELECT ON search_words TO docuvault_search;

-- What indexing added and took away, until it is counted into search_words. Rows are only ever added beside one another, so that
-- those who index documents of one user never wait for each other.
CREATE TABLE search_word_changes (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    added   text[] NOT NULL,
    removed text[] NOT NULL
);
CREATE INDEX search_word_changes_of_user ON search_word_changes (user_id, id);
ALTER TABLE search_word_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE search_word_changes FORCE ROW LEVEL SECURITY;
CREATE POLICY search_word_changes_own ON search_word_changes TO docuvault_app
    USING (user_id = current_user_id()) WITH CHECK (user_id = current_user_id());
CREATE POLICY search_word_changes_system ON search_word_changes FOR SELECT TO docuvault_system USING (true);
GRANT SELECT (id, user_id) ON search_word_changes TO docuvault_system;

-- Documents from before.
INSERT INTO search_word_changes (user_id, added, removed)
    SELECT s.user_id, tsvector_to_array(s.tsv) || CASE WHEN d.language IS NULL THEN '{}' ELSE ARRAY[E'\x03' || d.language] END, '{}'
      FROM document_search s JOIN documents d ON d.id = s.document_id
     WHERE s.window_no = 0;

-- The stemmer for an ISO 639-1 code; NULL: none.
CREATE FUNCTION search_stemmer(p_language text) RETURNS regdictionary
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
        SELECT CASE p_language
            WHEN 'da' THEN 'danish_stem'::regdictionary WHEN 'nl' THEN 'dutch_stem' WHEN 'en' THEN 'english_stem'
            WHEN 'fi' THEN 'finnish_stem' WHEN 'fr' THEN 'french_stem' WHEN 'de' THEN 'german_stem'
            WHEN 'hu' THEN 'hungarian_stem' WHEN 'it' THEN 'italian_stem' WHEN 'no' THEN 'norwegian_stem'
            WHEN 'nb' THEN 'norwegian_stem' WHEN 'pt' THEN 'portuguese_stem' WHEN 'ro' THEN 'romanian_stem'
            WHEN 'ru' THEN 'russian_stem' WHEN 'es' THEN 'spanish_stem' WHEN 'sv' THEN 'swedish_stem'
            WHEN 'tr' THEN 'turkish_stem' END;
    END;
GRANT EXECUTE ON FUNCTION search_stemmer(text) TO docuvault_app;

-- Words of six letters and more that share enough runs of three with one of p_words, for the caller to choose from. Being alike is judged
-- by an operator that may not look at rows before the policies do; so this stands behind its own check of whose they are.
CREATE FUNCTION search_words_like(p_words text[], p_limit integer) RETURNS TABLE (typed text, word text, documents bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public SET plan_cache_mode = force_custom_plan
    SET enable_seqscan = off SET pg_trgm.similarity_threshold = 0.25
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT t.typed, near.word::text, near.documents
          FROM unnest(p_words) AS t (typed) CROSS JOIN LATERAL (
               SELECT w.word, w.documents FROM search_words w
                WHERE w.user_id = current_user_id() AND length(w.word) >= 6 AND w.word % t.typed
                  AND w.documents > 0 AND abs(length(w.word) - length(t.typed)) <= 2
                ORDER BY similarity(w.word, t.typed) DESC, w.documents DESC, w.word LIMIT p_limit) near;
END $$;

-- Users some of whose changes are not counted yet.
CREATE FUNCTION search_words_due(p_limit integer) RETURNS TABLE (user_id uuid)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        WITH RECURSIVE owners (owner) AS (
            (SELECT c.user_id FROM search_word_changes c ORDER BY c.user_id LIMIT 1)
            UNION ALL
            SELECT (SELECT c.user_id FROM search_word_changes c WHERE c.user_id > o.owner ORDER BY c.user_id LIMIT 1)
              FROM owners o WHERE o.owner IS NOT NULL)
        SELECT o.owner FROM owners o WHERE o.owner IS NOT NULL LIMIT p_limit;
END $$;

GRANT CREATE ON SCHEMA public TO docuvault_search, docuvault_system;
ALTER FUNCTION search_words_like(text[], integer) OWNER TO docuvault_search;
ALTER FUNCTION search_words_due(integer) OWNER TO docuvault_system;
REVOKE CREATE ON SCHEMA public FROM docuvault_search, docuvault_system;
SET LOCAL ROLE docuvault_search;
GRANT EXECUTE ON FUNCTION search_words_like(text[], integer) TO docuvault_app;
RESET ROLE;
SET LOCAL ROLE docuvault_system;
GRANT EXECUTE ON FUNCTION search_words_due(integer) TO docuvault_app;
RESET ROLE;
