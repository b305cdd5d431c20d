//! Messages and the documents that came with them.

use uuid::Uuid;

use crate::{
    db::{DocumentId, UserTx},
    http::Problem,
};

pub struct Message {
    pub object_key: String,
    pub folder_id: Option<Uuid>,
    content_type: String,
    state: String,
}

impl Message {
    pub fn is_message(&self) -> bool {
        matches!(
            self.content_type.as_str(),
            "message/rfc822" | "application/vnd.ms-outlook"
        )
    }

    /// What it is has been looked at.
    pub fn is_read(&self) -> bool {
        matches!(self.state.as_str(), "ready" | "failed")
    }
}

pub async fn message(tx: &mut UserTx, id: DocumentId) -> Result<Option<Message>, Problem> {
    let user = tx.user().0;
    let message = sqlx::query_as!(
        Message,
        "SELECT object_key, folder_id, content_type, state FROM documents WHERE id = $1 AND user_id = $2 AND state <> 'purging'",
        id.0,
        user
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(message)
}

/// Why not all of its attachments are kept; 404 for a document that is not there or not yours.
pub async fn problem(tx: &mut UserTx, id: DocumentId) -> Result<Option<String>, Problem> {
    let user = tx.user().0;
    sqlx::query_scalar!(
        "SELECT attachments_problem FROM documents WHERE id = $1 AND user_id = $2 AND state <> 'purging'",
        id.0,
        user
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(Problem::not_found)
}

pub async fn kept(tx: &mut UserTx, id: DocumentId) -> Result<Vec<Uuid>, Problem> {
    let user = tx.user().0;
    let kept = sqlx::query_scalar!(
        "SELECT id FROM documents WHERE attached_to = $1 AND user_id = $2 AND trashed_at IS NULL AND state NOT IN ('purging', 'reserved')",
        id.0,
        user
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(kept)
}

pub async fn note_problem(
    tx: &mut UserTx,
    id: DocumentId,
    problem: Option<&str>,
) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE documents SET attachments_problem = $3, version = version + 1, updated_at = now() WHERE id = $1 AND user_id = $2",
        id.0,
        user,
        problem
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
