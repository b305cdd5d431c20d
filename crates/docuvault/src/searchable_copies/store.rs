//! Scans and the copies made of them.

use uuid::Uuid;

use crate::{
    db::{DocumentId, UserTx},
    http::Problem,
};

pub struct Scan {
    pub object_key: String,
    pub filename: String,
    pub title: String,
    pub folder_id: Option<Uuid>,
    /// Of some page, in a format that copies are made of.
    pub has_recognised_text: bool,
    pub problem: Option<String>,
    state: String,
}

impl Scan {
    /// Its text is there, and nobody is about to change it.
    pub fn is_read(&self) -> bool {
        self.state == "ready"
    }
}

pub async fn scan(tx: &mut UserTx, id: DocumentId) -> Result<Option<Scan>, Problem> {
    let user = tx.user().0;
    let scan = sqlx::query_as!(
        Scan,
        r#"SELECT object_key, filename, title, folder_id, state, searchable_copy_problem AS problem,
                  (content_type = 'application/pdf' OR content_type LIKE 'image/%')
                  AND EXISTS (SELECT FROM document_pages p WHERE p.document_id = $1 AND p.user_id = $2 AND p.source = 'ocr') AS "has_recognised_text!"
             FROM documents WHERE id = $1 AND user_id = $2 AND state <> 'purging'"#,
        id.0,
        user
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(scan)
}

pub async fn newest_copy(tx: &mut UserTx, id: DocumentId) -> Result<Option<Uuid>, Problem> {
    let user = tx.user().0;
    let copy = sqlx::query_scalar!(
        "SELECT id FROM documents WHERE searchable_copy_of = $1 AND user_id = $2 AND trashed_at IS NULL AND state NOT IN ('purging', 'reserved')
          ORDER BY created_at DESC, id DESC LIMIT 1",
        id.0,
        user
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(copy)
}

pub async fn note_problem(
    tx: &mut UserTx,
    id: DocumentId,
    problem: Option<&str>,
) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE documents SET searchable_copy_problem = $3, version = version + 1, updated_at = now() WHERE id = $1 AND user_id = $2",
        id.0,
        user,
        problem
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
