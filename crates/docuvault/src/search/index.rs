//! Writes what search looks at. Called in every transaction that changes a document's title, correspondent, topics or text.

use super::{BLANKS, JOINING_SIGNS};
use crate::{
    db::{DocumentId, UserTx},
    http::Problem,
};

/// Writes the search entry of a document anew from its row, topics and pages.
pub async fn index_document(tx: &mut UserTx, id: DocumentId) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "DELETE FROM document_search WHERE document_id = $1 AND user_id = $2",
        id.0,
        user
    )
    .execute(tx.conn())
    .await?;
    // Window 0 holds the whole document up to 240,000 characters; one longer than 60,000 also gets a window for each 60,000 or so.
    sqlx::query!(
        "WITH head AS (
             SELECT setweight(to_tsvector('docuvault', translate(d.title, $3, $4)), 'A')
                 || setweight(to_tsvector('docuvault', translate(coalesce(d.correspondent, '') || ' ' || coalesce(
                        (SELECT string_agg(t.name, ' ') FROM document_topics dt JOIN topics t ON t.id = dt.topic_id WHERE dt.document_id = d.id), ''), $3, $4)), 'B')
                 || setweight(to_tsvector('docuvault', translate(d.filename, $3, $4)), 'C') AS tsv
               FROM documents d WHERE d.id = $1 AND d.user_id = $2),
         pages AS (
             SELECT number, text, sum(length(text)) OVER (ORDER BY number) AS reached
               FROM document_pages WHERE document_id = $1 AND user_id = $2),
         windows AS (
             SELECT 0 AS window_no, left(coalesce(string_agg(text, ' ' ORDER BY number), ''), 240000) AS text FROM pages
             UNION ALL
             SELECT (reached / 60000)::int + 1, left(string_agg(text, ' ' ORDER BY number), 240000) FROM pages
              WHERE (SELECT max(reached) FROM pages) > 60000 GROUP BY 1)
         INSERT INTO document_search (document_id, user_id, window_no, tsv)
         SELECT $1, $2, windows.window_no, head.tsv || setweight(to_tsvector('docuvault', translate(windows.text, $3, $4)), 'D') FROM head, windows",
        id.0,
        user,
        JOINING_SIGNS,
        BLANKS
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
