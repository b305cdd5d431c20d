//! What changes in the documents table and around it.

use time::OffsetDateTime;
use uuid::Uuid;

use super::change::DocumentChange;
use crate::{
    db::{DocumentId, UserTx},
    http::Problem,
};

/// Locks a document that can be changed and answers its version; 404 for one that is not there, not yours, or being erased.
pub async fn lock_version(tx: &mut UserTx, id: DocumentId) -> Result<i32, Problem> {
    let user = tx.user().0;
    sqlx::query_scalar!("SELECT version FROM documents WHERE id = $1 AND user_id = $2 AND state <> 'purging' FOR UPDATE", id.0, user)
        .fetch_optional(tx.conn())
        .await?
        .ok_or_else(Problem::not_found)
}

/// 422 for a folder that is not the user's.
pub async fn check_folder(tx: &mut UserTx, folder: Uuid) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query_scalar!(
        "SELECT id FROM folders WHERE id = $1 AND user_id = $2",
        folder,
        user
    )
    .fetch_optional(tx.conn())
    .await?
    .map(drop)
    .ok_or_else(|| Problem::invalid("folder_id", "not_found", "There is no such folder."))
}

pub async fn apply_change(
    tx: &mut UserTx,
    id: DocumentId,
    change: &DocumentChange,
) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE documents SET
            title = coalesce($3, title), title_source = CASE WHEN $3::text IS NULL THEN title_source ELSE 'user' END,
            folder_id = CASE WHEN $4 THEN $5 ELSE folder_id END,
            document_date = CASE WHEN $6 THEN $7 ELSE document_date END,
            document_date_source = CASE WHEN $6 THEN 'user' ELSE document_date_source END,
            correspondent = CASE WHEN $8 THEN $9 ELSE correspondent END,
            correspondent_source = CASE WHEN $8 THEN 'user' ELSE correspondent_source END,
            taught_at = CASE WHEN $8 THEN now() ELSE taught_at END,
            version = version + 1, updated_at = now()
          WHERE id = $1 AND user_id = $2",
        id.0,
        user,
        change.title,
        change.folder_id.is_given(),
        change.folder_id.value(),
        change.document_date.is_given(),
        change.document_date.value().copied(),
        change.correspondent.is_given(),
        change.correspondent.value(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Makes `topics` the document's topics. All of them are the user's word from now on; those taken away are remembered as refused.
pub async fn set_topics(tx: &mut UserTx, id: DocumentId, topics: &[Uuid]) -> Result<(), Problem> {
    let user = tx.user().0;
    let known = sqlx::query_scalar!(
        r#"SELECT count(*) AS "known!" FROM topics WHERE user_id = $1 AND id = ANY ($2)"#,
        user,
        topics
    )
    .fetch_one(tx.conn())
    .await?;
    if known != topics.len() as i64 {
        return Err(Problem::invalid(
            "topic_ids",
            "not_found",
            "There is no such topic.",
        ));
    }
    sqlx::query!(
        "WITH refused AS (DELETE FROM document_topics WHERE user_id = $1 AND document_id = $2 AND NOT topic_id = ANY ($3) RETURNING topic_id, confidence, reasons)
         INSERT INTO topic_suggestions (document_id, topic_id, user_id, state, confidence, reasons, provider)
         SELECT $2, topic_id, $1, 'rejected', confidence, reasons, 'user' FROM refused
         ON CONFLICT (document_id, topic_id) DO UPDATE SET state = 'rejected'",
        user,
        id.0,
        topics
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "INSERT INTO document_topics (document_id, topic_id, user_id, source, confidence, reasons)
         SELECT $2, topic, $1, 'user', s.confidence, coalesce(s.reasons, '{}')
           FROM unnest($3::uuid[]) AS topic LEFT JOIN topic_suggestions s ON s.document_id = $2 AND s.topic_id = topic AND s.user_id = $1
         ON CONFLICT (document_id, topic_id) DO UPDATE SET source = 'user'",
        user,
        id.0,
        topics
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("DELETE FROM topic_suggestions WHERE user_id = $1 AND document_id = $2 AND topic_id = ANY ($3)", user, id.0, topics).execute(tx.conn()).await?;
    sqlx::query!("UPDATE documents SET topics_decided_at = now(), taught_at = now() WHERE id = $2 AND user_id = $1", user, id.0).execute(tx.conn()).await?;
    Ok(())
}

/// Locks a document and answers its state; 404 for one that is not there, not yours, or being erased.
pub async fn lock_readable(tx: &mut UserTx, id: DocumentId) -> Result<String, Problem> {
    lock_version(tx, id).await?;
    lock_state(tx, id).await
}

/// The document is to be read again.
pub async fn mark_unread(tx: &mut UserTx, id: DocumentId) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE documents SET state = 'stored', version = version + 1, updated_at = now() WHERE id = $1 AND user_id = $2 AND state IN ('ready', 'failed')",
        id.0,
        user
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes back what the user decided on the document's topics: those they gave go, and what they refused is open again.
pub async fn undecide_topics(tx: &mut UserTx, id: DocumentId) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "DELETE FROM document_topics WHERE document_id = $1 AND user_id = $2 AND source = 'user'",
        id.0,
        user
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("DELETE FROM topic_suggestions WHERE document_id = $1 AND user_id = $2 AND state = 'rejected'", id.0, user).execute(tx.conn()).await?;
    sqlx::query!(
        // A correspondent that the user named still teaches.
        "UPDATE documents SET topics_decided_at = NULL, taught_at = CASE WHEN correspondent_source = 'user' THEN clock_timestamp() END,
                version = version + 1, updated_at = now() WHERE id = $1 AND user_id = $2",
        id.0,
        user
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Puts a document into the trash. One already there stays as it is.
pub async fn trash(tx: &mut UserTx, id: DocumentId) -> Result<bool, Problem> {
    let user = tx.user().0;
    let rows = sqlx::query!(
        "UPDATE documents SET trashed_at = now(), version = version + 1, updated_at = now() WHERE id = $1 AND user_id = $2 AND trashed_at IS NULL",
        id.0,
        user
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    Ok(rows == 1)
}

pub async fn restore(tx: &mut UserTx, id: DocumentId) -> Result<bool, Problem> {
    let user = tx.user().0;
    let rows = sqlx::query!(
        "UPDATE documents SET trashed_at = NULL, version = version + 1, updated_at = now() WHERE id = $1 AND user_id = $2 AND trashed_at IS NOT NULL",
        id.0,
        user
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    Ok(rows == 1)
}

/// The state of a document that is to go: `reserved` ones are aborted as uploads, not erased.
pub async fn lock_state(tx: &mut UserTx, id: DocumentId) -> Result<String, Problem> {
    let user = tx.user().0;
    sqlx::query_scalar!(
        "SELECT state FROM documents WHERE id = $1 AND user_id = $2 FOR UPDATE",
        id.0,
        user
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(Problem::not_found)
}

/// Locks a document that went to the trash before `before`; false when it was restored, erased or is being erased.
pub async fn lock_trashed(
    tx: &mut UserTx,
    id: DocumentId,
    before: OffsetDateTime,
) -> Result<bool, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_scalar!("SELECT id FROM documents WHERE id = $1 AND user_id = $2 AND trashed_at < $3 AND state <> 'purging' FOR UPDATE", id.0, user, before)
        .fetch_optional(tx.conn())
        .await?
        .is_some())
}

pub async fn mark_purging(tx: &mut UserTx, id: DocumentId) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE documents SET state = 'purging', trashed_at = coalesce(trashed_at, now()), version = version + 1, updated_at = now() WHERE id = $1 AND user_id = $2",
        id.0,
        user
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The keys of a document that is being erased; `None` once it is gone.
pub async fn purging_keys(
    tx: &mut UserTx,
    id: DocumentId,
) -> Result<Option<(String, Option<String>)>, Problem> {
    let user = tx.user().0;
    let row = sqlx::query!("SELECT object_key, thumbnail_key FROM documents WHERE id = $1 AND user_id = $2 AND state = 'purging'", id.0, user)
        .fetch_optional(tx.conn())
        .await?;
    Ok(row.map(|row| (row.object_key, row.thumbnail_key)))
}

/// Removes the row of a document whose bytes are gone; answers its size, `None` when another was quicker.
pub async fn remove_purged(tx: &mut UserTx, id: DocumentId) -> Result<Option<i64>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_scalar!("DELETE FROM documents WHERE id = $1 AND user_id = $2 AND state = 'purging' RETURNING size_bytes", id.0, user)
        .fetch_optional(tx.conn())
        .await?)
}

/// A document, for erasing everything of its owner's.
pub struct Remaining {
    pub id: DocumentId,
    pub state: String,
}

/// Up to two hundred of the user's documents, whatever their state.
pub async fn some_documents(tx: &mut UserTx) -> Result<Vec<Remaining>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        Remaining,
        r#"SELECT id AS "id: DocumentId", state FROM documents WHERE user_id = $1 LIMIT 200"#,
        user
    )
    .fetch_all(tx.conn())
    .await?)
}
