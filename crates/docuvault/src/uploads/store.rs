//! The uploads table.

use http::{StatusCode, header};
use time::OffsetDateTime;
use uuid::Uuid;

use super::keep_bytes::MadeOf;
use crate::{
    db::{DocumentId, UploadId, UserTx, constraint::violated_constraint},
    events,
    http::Problem,
};

pub struct Reservation<'a> {
    pub upload_id: UploadId,
    pub document_id: DocumentId,
    pub filename: &'a str,
    pub title: &'a str,
    pub title_source: &'a str,
    pub content_type: &'a str,
    pub size_bytes: i64,
    pub sha256: Option<&'a [u8]>,
    pub duplicate_allowed: bool,
    pub folder_id: Option<Uuid>,
    pub object_key: &'a str,
    pub expires_at: OffsetDateTime,
}

/// What the database says of a new reservation.
pub struct Reserved {
    pub created_at: OffsetDateTime,
    pub owner_name: String,
}

/// Writes document and upload and tells of it, all in one statement. The room is taken by a trigger in the commit, which refuses where
/// there is not enough of it (see `refusal`): many may want the user's quota row at once, and none of them may hold it across a round
/// trip. The commit does not wait for the disk: what a crash of PostgreSQL then loses is the promise of the last moments, whole, and
/// nobody's bytes; its client is answered 404 and starts again. Every later step of an upload waits.
pub async fn reserve(tx: &mut UserTx, reservation: &Reservation<'_>) -> Result<Reserved, Problem> {
    let user = tx.user();
    let change = events::Change::Document(reservation.document_id);
    Ok(sqlx::query_as!(
        Reserved,
        r#"WITH document AS (
             INSERT INTO documents (id, user_id, title, title_source, filename, content_type, size_bytes, duplicate_allowed, object_key, folder_id)
             VALUES ($3, $1, $4, $5, $6, $8, $7, $9, $10, $11)
             RETURNING id, user_id, created_at),
         upload AS (
             INSERT INTO uploads (id, document_id, user_id, object_key, declared_bytes, declared_sha256, strategy, expires_at)
             SELECT $2, id, user_id, $10, $7, $12, 'single', $13 FROM document)
         SELECT d.created_at, (SELECT display_name FROM users WHERE id = $1) AS "owner_name!" FROM document d, pg_notify($14, $15), set_config('synchronous_commit', 'off', true)"#,
        user.0,
        reservation.upload_id.0,
        reservation.document_id.0,
        reservation.title,
        reservation.title_source,
        reservation.filename,
        reservation.size_bytes,
        reservation.content_type,
        reservation.duplicate_allowed,
        reservation.object_key,
        reservation.folder_id,
        reservation.sha256,
        reservation.expires_at,
        events::CHANNEL,
        events::payload(user, change),
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Notes what a document was made of, unless that is known.
pub async fn note_origin(tx: &mut UserTx, id: DocumentId, made_of: MadeOf) -> Result<(), Problem> {
    let (message, scan) = match made_of {
        MadeOf::Message(message) => (Some(message.0), None),
        MadeOf::Scan(scan) => (None, Some(scan.0)),
    };
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE documents SET attached_to = coalesce(attached_to, nullif($3, id)), searchable_copy_of = coalesce(searchable_copy_of, nullif($4, id))
          WHERE id = $1 AND user_id = $2",
        id.0,
        user,
        message,
        scan
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What a commit means that would not take the room.
pub fn refusal(error: sqlx::Error) -> Problem {
    match violated_constraint(&error) {
        Some("quotas_room") => Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "quota_exceeded",
            "There is not enough room left in your vault for this file.",
        ),
        Some("quotas_open_uploads") => Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_uploads",
            "Too many of your uploads are open. Complete or cancel some first.",
        )
        .with_header(header::RETRY_AFTER, "60"),
        _ => error.into(),
    }
}

/// The document with these bytes, and whether it lies in the trash.
pub async fn find_duplicate(
    tx: &mut UserTx,
    sha256: &[u8],
) -> Result<Option<(DocumentId, bool)>, Problem> {
    let user = tx.user().0;
    let found = sqlx::query!(
        r#"SELECT id AS "id: DocumentId", trashed_at IS NOT NULL AS "trashed!" FROM documents
            WHERE user_id = $1 AND sha256 = $2 AND NOT duplicate_allowed AND state IN ('stored', 'processing', 'ready', 'failed')"#,
        user,
        sha256
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(found.map(|row| (row.id, row.trashed)))
}

/// An upload as it stands.
pub struct UploadRow {
    pub id: UploadId,
    pub state: String,
    pub object_key: String,
    pub declared_bytes: i64,
    pub declared_sha256: Option<Vec<u8>>,
    pub received_sha256: Option<Vec<u8>>,
    pub strategy: String,
    pub store_upload_id: Option<String>,
    pub part_size_bytes: Option<i64>,
    pub expires_at: OffsetDateTime,
}

impl UploadRow {
    /// As `reserve` has just written it.
    pub fn of(reservation: &Reservation<'_>) -> Self {
        Self {
            id: reservation.upload_id,
            state: "reserved".to_owned(),
            object_key: reservation.object_key.to_owned(),
            declared_bytes: reservation.size_bytes,
            declared_sha256: reservation.sha256.map(<[u8]>::to_vec),
            received_sha256: None,
            strategy: "single".to_owned(),
            store_upload_id: None,
            part_size_bytes: None,
            expires_at: reservation.expires_at,
        }
    }
}

/// The newest upload of a document; 404 for a document that is not there or not yours.
pub async fn upload_of(tx: &mut UserTx, id: DocumentId) -> Result<UploadRow, Problem> {
    let user = tx.user().0;
    sqlx::query_as!(
        UploadRow,
        r#"SELECT u.id AS "id: UploadId", u.state, u.object_key, u.declared_bytes, u.declared_sha256, u.received_sha256, u.strategy,
                  u.store_upload_id, u.part_size_bytes, u.expires_at
             FROM uploads u JOIN documents d ON d.id = u.document_id AND d.state <> 'purging'
            WHERE u.document_id = $1 AND u.user_id = $2 ORDER BY u.created_at DESC LIMIT 1"#,
        id.0,
        user
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(Problem::not_found)
}

/// An upload by its own id, `None` once it is gone.
pub async fn upload_by_id(tx: &mut UserTx, id: UploadId) -> Result<Option<UploadRow>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        UploadRow,
        r#"SELECT id AS "id: UploadId", state, object_key, declared_bytes, declared_sha256, received_sha256, strategy, store_upload_id, part_size_bytes,
                  expires_at
             FROM uploads WHERE id = $1 AND user_id = $2"#,
        id.0,
        user
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Notes by which name the store knows an open upload in parts, or that it comes as one after all. False when `known` is no longer
/// the name that is written down, or the upload no longer open.
pub async fn note_way(
    tx: &mut UserTx,
    id: UploadId,
    known: Option<&str>,
    parts: Option<(&str, i64)>,
) -> Result<bool, Problem> {
    let user = tx.user().0;
    let rows = sqlx::query!(
        "UPDATE uploads SET strategy = CASE WHEN $4::text IS NULL THEN 'single' ELSE 'multipart' END, store_upload_id = $4, part_size_bytes = $5
          WHERE id = $1 AND user_id = $2 AND state = 'reserved' AND store_upload_id IS NOT DISTINCT FROM $3",
        id.0,
        user,
        known,
        parts.map(|(store_upload_id, _)| store_upload_id),
        parts.map(|(_, part_size_bytes)| part_size_bytes),
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    Ok(rows == 1)
}

/// Locks an upload; answers its state, `None` when it is gone.
pub async fn lock_upload(tx: &mut UserTx, id: UploadId) -> Result<Option<String>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_scalar!(
        "SELECT state FROM uploads WHERE id = $1 AND user_id = $2 FOR UPDATE",
        id.0,
        user
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// The bytes are there: the upload is done and its document stored. 409 when the same bytes came in by another upload meanwhile.
pub async fn settle_upload(
    tx: &mut UserTx,
    upload: UploadId,
    document: DocumentId,
    size_bytes: i64,
    sha256: Option<&[u8]>,
) -> Result<bool, Problem> {
    let user = tx.user().0;
    let stored = sqlx::query!(
        "UPDATE documents SET state = 'stored', size_bytes = $3, sha256 = $4, version = version + 1, updated_at = now() WHERE id = $1 AND user_id = $2 AND state = 'reserved'",
        document.0,
        user,
        size_bytes,
        sha256
    )
    .execute(tx.conn())
    .await;
    match stored {
        Ok(_) => {}
        Err(error) if violated_constraint(&error) == Some("documents_duplicate") => {
            return Ok(false);
        }
        Err(error) => return Err(error.into()),
    }
    sqlx::query!("UPDATE uploads SET state = 'completed', completed_at = now() WHERE id = $1 AND user_id = $2", upload.0, user).execute(tx.conn()).await?;
    Ok(true)
}

/// Nobody may complete it from here on: its bytes are about to be removed. Answers false when it was completed or is gone.
pub async fn mark_aborting(tx: &mut UserTx, id: UploadId) -> Result<bool, Problem> {
    let user = tx.user().0;
    let rows = sqlx::query!("UPDATE uploads SET state = 'aborting' WHERE id = $1 AND user_id = $2 AND state IN ('reserved', 'aborting')", id.0, user)
        .execute(tx.conn())
        .await?
        .rows_affected();
    Ok(rows == 1)
}

/// Removes an aborted upload with its document; answers what had been reserved for it, `None` when another was quicker.
pub async fn remove_aborted(
    tx: &mut UserTx,
    id: UploadId,
) -> Result<Option<(DocumentId, i64)>, Problem> {
    let user = tx.user().0;
    let removed = sqlx::query!(
        r#"DELETE FROM uploads WHERE id = $1 AND user_id = $2 AND state = 'aborting' RETURNING document_id AS "document_id: DocumentId", declared_bytes"#,
        id.0,
        user
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(removed) = removed else {
        return Ok(None);
    };
    remove_reserved_document(tx, removed.document_id).await?;
    Ok(Some((removed.document_id, removed.declared_bytes)))
}

/// Removes an upload of which no client has heard; answers what had been reserved for it, `None` when the store knows of it already.
pub async fn withdraw(tx: &mut UserTx, id: UploadId) -> Result<Option<i64>, Problem> {
    let user = tx.user().0;
    let removed = sqlx::query!(
        r#"DELETE FROM uploads WHERE id = $1 AND user_id = $2 AND state = 'reserved' AND store_upload_id IS NULL
           RETURNING document_id AS "document_id: DocumentId", declared_bytes"#,
        id.0,
        user
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(removed) = removed else {
        return Ok(None);
    };
    remove_reserved_document(tx, removed.document_id).await?;
    Ok(Some(removed.declared_bytes))
}

async fn remove_reserved_document(tx: &mut UserTx, id: DocumentId) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "DELETE FROM documents WHERE id = $1 AND user_id = $2 AND state = 'reserved'",
        id.0,
        user
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether the gateway may still take bytes for an upload.
#[derive(Debug, PartialEq, Eq)]
pub enum Awaited {
    Yes,
    /// They came already; the upload may even be completed.
    Received,
    /// Aborted, expired or swept.
    Gone,
}

pub async fn awaited(tx: &mut UserTx, id: UploadId) -> Result<Awaited, Problem> {
    let user = tx.user().0;
    let received = sqlx::query_scalar!(
        r#"SELECT state = 'completed' OR received_at IS NOT NULL AS "received!" FROM uploads WHERE id = $1 AND user_id = $2 AND state <> 'aborting'"#,
        id.0,
        user
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(match received {
        Some(false) => Awaited::Yes,
        Some(true) => Awaited::Received,
        None => Awaited::Gone,
    })
}

/// Notes what the gateway saw go by; false when the upload is no longer waiting, so that the bytes have to go again.
pub async fn mark_received(
    tx: &mut UserTx,
    id: UploadId,
    sha256: &[u8; 32],
) -> Result<bool, Problem> {
    let user = tx.user().0;
    let rows = sqlx::query!(
        "UPDATE uploads SET received_sha256 = $3, received_at = now() WHERE id = $1 AND user_id = $2 AND state = 'reserved'",
        id.0,
        user,
        &sha256[..]
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    Ok(rows == 1)
}
