//! Text around the words that were found, for the rows of one page of results only.

use std::collections::HashMap;

use uuid::Uuid;

use super::{
    SearchText,
    fragments::{fragments, wanted},
};
use crate::{db::UserTx, http::Problem};

/// Snippets by document, from the page of each that fits best.
pub async fn snippets(
    tx: &mut UserTx,
    ids: &[Uuid],
    text: &SearchText,
) -> Result<HashMap<Uuid, Vec<String>>, Problem> {
    let query = text.wanted();
    if ids.is_empty() || query.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query!(
        r#"SELECT hit.id AS "id!", page.text
             FROM to_tsquery('docuvault', $3) AS query, unnest($2::uuid[]) AS hit (id)
             CROSS JOIN LATERAL (SELECT p.text FROM document_pages p
                                  WHERE p.document_id = hit.id AND p.user_id = $1 AND p.tsv @@ query
                                  ORDER BY ts_rank(p.tsv, query) DESC, p.number LIMIT 1) AS page"#,
        tx.user().0,
        ids,
        query
    )
    .fetch_all(tx.conn())
    .await?;
    let wanted = wanted(text);
    let snippets = rows.into_iter();
    Ok(snippets
        .map(|row| (row.id, fragments(&row.text, &wanted)))
        .collect())
}
