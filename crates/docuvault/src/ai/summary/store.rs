//! A document's text for summarising, and the summary.

use uuid::Uuid;

use crate::{
    db::{DocumentId, UserTx},
    http::Problem,
};

pub struct Text {
    pub filename: String,
    pub text: String,
}

/// `None` for a document that is not there or not the user's.
pub async fn text(tx: &mut UserTx, id: DocumentId) -> Result<Option<Text>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        Text,
        r#"SELECT d.filename, coalesce((SELECT string_agg(p.text, E'\n' ORDER BY p.number) FROM document_pages p WHERE p.document_id = d.id), '') AS "text!"
             FROM documents d WHERE d.id = $1 AND d.user_id = $2 AND d.state <> 'purging'"#,
        id.0,
        user
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Topics that filing thinks likely enough to ask about.
pub async fn proposed_topics(tx: &mut UserTx, id: DocumentId) -> Result<Vec<Uuid>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_scalar!(
        "SELECT topic_id FROM topic_suggestions WHERE user_id = $1 AND document_id = $2 AND state = 'proposed'
            AND confidence >= coalesce((SELECT suggest_threshold FROM filing_settings WHERE user_id = $1), 0.3)",
        user,
        id.0
    )
    .fetch_all(tx.conn())
    .await?)
}

pub async fn keep_summary(tx: &mut UserTx, id: DocumentId, summary: &str) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE documents SET summary = $3, filing_notice = NULL, version = version + 1, updated_at = now() WHERE id = $1 AND user_id = $2 AND state <> 'purging'",
        id.0,
        user,
        summary
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Why there is none.
pub async fn note(tx: &mut UserTx, id: DocumentId, code: &str) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE documents SET filing_notice = $3 WHERE id = $1 AND user_id = $2",
        id.0,
        user,
        code
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
