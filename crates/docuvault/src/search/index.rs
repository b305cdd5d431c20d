//! Writes what search looks at. Called in every transaction that changes a document's title, correspondent, topics or text.

use super::{BLANKS, JOINING_SIGNS};
use crate::{
    db::{DocumentId, UserTx},
    http::Problem,
};

/// Documents on one shelf (migration 0017), about: those that are not counted yet may be more.
const SHELF: i64 = 1024;

/// Writes the search entry of a document anew from its row, topics and pages.
pub async fn index_document(tx: &mut UserTx, id: DocumentId) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "DELETE FROM document_search WHERE document_id = $1 AND user_id = $2 AND window_no > 0",
        id.0,
        user
    )
    .execute(tx.conn())
    .await?;
    // Window 0 holds the whole document up to 240,000 characters; one longer than 60,000 also gets a window for each 60,000 or so.
    // A document keeps its shelf; a new one goes to the last, or when that is full to the next.
    // What changed of window 0 is told to the user's list of words.
    sqlx::query!(
        r#"WITH before AS MATERIALIZED (
             SELECT tsvector_to_array(tsv) AS words FROM document_search WHERE document_id = $1 AND user_id = $2 AND window_no = 0),
         head AS (
             SELECT setweight(to_tsvector('docuvault', translate(d.title, $3, $4)), 'A')
                 || setweight(to_tsvector('docuvault', translate(coalesce(d.correspondent, '') || ' ' || coalesce(
                        (SELECT string_agg(t.name, ' ') FROM document_topics dt JOIN topics t ON t.id = dt.topic_id WHERE dt.document_id = d.id), ''), $3, $4)), 'B')
                 || setweight(to_tsvector('docuvault', translate(d.filename, $3, $4)), 'C')
                 || CASE WHEN d.language IS NULL THEN '' ELSE array_to_tsvector(ARRAY[E'\x03' || d.language]) END
                 || array_to_tsvector(ARRAY[coalesce(
                        (SELECT word FROM before, unnest(before.words) AS word WHERE word COLLATE "C" >= E'\x01' AND word COLLATE "C" < E'\x02' LIMIT 1),
                        (SELECT CASE WHEN w.documents < $5 THEN w.word ELSE search_shelf($2, 1 + ('x' || substr(w.word, 2, 8))::bit(32)::integer) END
                           FROM search_words w WHERE w.user_id = $2 AND w.word >= E'\x01' AND w.word < E'\x02' ORDER BY w.word DESC LIMIT 1),
                        search_shelf($2, 0))]) AS tsv
               FROM documents d WHERE d.id = $1 AND d.user_id = $2),
         pages AS (
             SELECT number, text, sum(length(text)) OVER (ORDER BY number) AS reached
               FROM document_pages WHERE document_id = $1 AND user_id = $2),
         windows AS (
             SELECT 0 AS window_no, left(coalesce(string_agg(text, ' ' ORDER BY number), ''), 240000) AS text FROM pages
             UNION ALL
             SELECT (reached / 60000)::int + 1, left(string_agg(text, ' ' ORDER BY number), 240000) FROM pages
              WHERE (SELECT max(reached) FROM pages) > 60000 GROUP BY 1),
         written AS (
             INSERT INTO document_search (document_id, user_id, window_no, tsv)
             SELECT $1, $2, windows.window_no, head.tsv || setweight(to_tsvector('docuvault', translate(windows.text, $3, $4)), 'D') FROM head, windows
             ON CONFLICT (document_id, window_no) DO UPDATE SET tsv = EXCLUDED.tsv
             RETURNING window_no, tsv),
         now AS (SELECT tsvector_to_array(tsv) AS words FROM written WHERE window_no = 0),
         change AS (
             SELECT ARRAY(SELECT unnest(now.words) EXCEPT SELECT unnest(before.words) FROM before) AS added,
                    ARRAY(SELECT unnest(before.words) FROM before EXCEPT SELECT unnest(now.words)) AS removed FROM now)
         INSERT INTO search_word_changes (user_id, added, removed)
         SELECT $2, added, removed FROM change WHERE added <> '{}' OR removed <> '{}'"#,
        id.0,
        user,
        JOINING_SIGNS,
        BLANKS,
        SHELF
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes the words of a document that goes for good from the user's list. To be called before its row is removed.
pub async fn forget_words(tx: &mut UserTx, id: DocumentId) -> Result<(), Problem> {
    sqlx::query!(
        "INSERT INTO search_word_changes (user_id, added, removed)
         SELECT user_id, '{}', tsvector_to_array(tsv) FROM document_search WHERE document_id = $1 AND user_id = $2 AND window_no = 0",
        id.0,
        tx.user().0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// How many documents the index knows, by their shelves in the list of words.
pub async fn indexed_documents(tx: &mut UserTx) -> Result<i64, Problem> {
    Ok(sqlx::query_scalar!(
        r#"SELECT coalesce(sum(documents), 0)::bigint AS "documents!" FROM search_words WHERE user_id = $1 AND word >= E'\x01' AND word < E'\x02'"#,
        tx.user().0
    )
    .fetch_one(tx.conn())
    .await?)
}
