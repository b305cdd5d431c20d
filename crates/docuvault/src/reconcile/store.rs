//! What is asked across users by the schema's narrow functions, the findings, and what is noted of a document.

use std::{collections::HashSet, time::Duration};

use docuvault_storage::{ListedObject, ObjectKey, UnfinishedUpload};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    app::AppState,
    db::{DocumentId, UserId, UserTx},
    http::Problem,
};

/// How long an orphan stays, from when it was first seen.
pub const QUARANTINE: Duration = Duration::from_hours(7 * 24);

/// A transaction for no user that sees runs and findings as the worker does.
pub async fn begin_as_system(state: &AppState) -> Result<UserTx, Problem> {
    let mut tx = UserTx::on_behalf_of(state.db(), UserId::NOBODY).await?;
    act_as_worker(&mut tx, true).await?;
    Ok(tx)
}

/// From here on in this transaction.
pub async fn act_as_worker(tx: &mut UserTx, on: bool) -> Result<(), Problem> {
    sqlx::query!(
        "SELECT set_config('docuvault.worker', $1, true)",
        if on { "on" } else { "" }
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(())
}

/// Which of these objects a row names.
pub async fn known_objects(
    state: &AppState,
    keys: impl Iterator<Item = &ObjectKey>,
) -> Result<HashSet<String>, Problem> {
    let (documents, keys): (Vec<Uuid>, Vec<String>) =
        keys.map(|key| (key.document_id(), key.to_string())).unzip();
    let mut tx = begin_as_system(state).await?;
    let known = sqlx::query_scalar!(
        r#"SELECT object_key AS "object_key!" FROM known_objects($1, $2)"#,
        &documents,
        &keys
    )
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(known.into_iter().collect())
}

/// Which of these objects are on their way, and by which upload of the store.
pub async fn open_uploads(
    state: &AppState,
    uploads: &[UnfinishedUpload],
) -> Result<Vec<(String, Option<String>)>, Problem> {
    let (documents, keys): (Vec<Uuid>, Vec<String>) = uploads
        .iter()
        .map(|upload| (upload.key.document_id(), upload.key.to_string()))
        .unzip();
    let mut tx = begin_as_system(state).await?;
    let open = sqlx::query!(
        r#"SELECT object_key AS "object_key!", store_upload_id FROM open_uploads($1, $2)"#,
        &documents,
        &keys
    )
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(open
        .into_iter()
        .map(|row| (row.object_key, row.store_upload_id))
        .collect())
}

/// A document whose bytes must be there.
pub struct Expected {
    pub id: DocumentId,
    pub user: UserId,
    pub object_key: String,
    pub size_bytes: i64,
    pub thumbnail_key: Option<String>,
    /// Something was amiss when it was last looked at.
    pub is_suspect: bool,
}

pub async fn documents_after(
    state: &AppState,
    after: Uuid,
    limit: i32,
) -> Result<Vec<Expected>, Problem> {
    let mut tx = begin_as_system(state).await?;
    let documents = sqlx::query_as!(
        Expected,
        r#"SELECT document_id AS "id!: DocumentId", user_id AS "user!: UserId", object_key AS "object_key!", size_bytes AS "size_bytes!",
                  thumbnail_key, is_suspect AS "is_suspect!"
             FROM documents_after($1, $2)"#,
        after,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(documents)
}

/// A document whose bytes are to be read again.
pub struct Unverified {
    pub id: DocumentId,
    pub user: UserId,
    pub verified_at: OffsetDateTime,
}

/// Those last read before `before`, behind the one given, the longest unread first.
pub async fn documents_to_verify(
    state: &AppState,
    before: OffsetDateTime,
    after: (OffsetDateTime, Uuid),
    limit: i32,
) -> Result<Vec<Unverified>, Problem> {
    let mut tx = begin_as_system(state).await?;
    let documents = sqlx::query_as!(
        Unverified,
        r#"SELECT document_id AS "id!: DocumentId", user_id AS "user!: UserId", verified_at AS "verified_at!" FROM documents_to_verify($1, $2, $3, $4)"#,
        before,
        after.0,
        after.1,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(documents)
}

/// Those found damaged, and not looked at since `before`.
pub async fn damaged_before(
    state: &AppState,
    before: OffsetDateTime,
    limit: i64,
) -> Result<Vec<(UserId, DocumentId)>, Problem> {
    let mut tx = begin_as_system(state).await?;
    let documents = sqlx::query!(
        r#"SELECT user_id AS "user!: UserId", document_id AS "id!: DocumentId" FROM storage_findings
            WHERE kind = 'damaged' AND last_seen_at < $1 ORDER BY last_seen_at LIMIT $2"#,
        before,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(documents
        .into_iter()
        .map(|row| (row.user, row.id))
        .collect())
}

/// Whether documents wait to be read for the first time.
pub async fn reading_waits(state: &AppState) -> Result<bool, Problem> {
    let mut tx = begin_as_system(state).await?;
    let waits = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM jobs WHERE kind = 'read_document' AND state = 'ready' AND run_at <= now()) AS "waits!""#
    )
    .fetch_one(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(waits)
}

/// Objects that no row names, from now on or still.
pub async fn note_orphans(state: &AppState, orphans: &[ListedObject]) -> Result<(), Problem> {
    if orphans.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = orphans.iter().map(|_| Uuid::now_v7()).collect();
    let keys: Vec<String> = orphans
        .iter()
        .map(|orphan| orphan.key.to_string())
        .collect();
    let sizes: Vec<i64> = orphans
        .iter()
        .map(|orphan| orphan.size_bytes.cast_signed())
        .collect();
    let now = state.now();
    let mut tx = begin_as_system(state).await?;
    sqlx::query!(
        "INSERT INTO storage_findings (id, kind, object_key, size_bytes, first_seen_at, last_seen_at, removal_due_at)
         SELECT id, 'orphan', object_key, size_bytes, $4, $4, $5 FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS seen (id, object_key, size_bytes)
         ON CONFLICT (kind, object_key) DO UPDATE SET last_seen_at = excluded.last_seen_at, size_bytes = excluded.size_bytes",
        &ids,
        &keys,
        &sizes,
        now,
        now + QUARANTINE
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Those that a whole listing has not met: gone, or named by a row now.
pub async fn forget_unseen_orphans(state: &AppState, since: OffsetDateTime) -> Result<(), Problem> {
    let mut tx = begin_as_system(state).await?;
    sqlx::query!(
        "DELETE FROM storage_findings WHERE kind = 'orphan' AND last_seen_at < $1",
        since
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Orphans whose time is over, in the order of their keys, behind `after`.
pub async fn orphans_due(
    state: &AppState,
    after: &str,
    limit: i64,
) -> Result<Vec<String>, Problem> {
    let mut tx = begin_as_system(state).await?;
    let keys = sqlx::query_scalar!(
        "SELECT object_key FROM storage_findings WHERE kind = 'orphan' AND object_key > $1 AND removal_due_at <= $2 ORDER BY object_key LIMIT $3",
        after,
        state.now(),
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(keys)
}

pub async fn forget_orphan(tx: &mut UserTx, key: &str) -> Result<(), Problem> {
    sqlx::query!(
        "DELETE FROM storage_findings WHERE kind = 'orphan' AND object_key = $1",
        key
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// How many documents and thumbnails are not what they should be.
pub struct Found {
    pub missing: i64,
    pub wrong_size: i64,
    pub damaged: i64,
}

pub async fn findings_of(tx: &mut UserTx) -> Result<Found, Problem> {
    Ok(sqlx::query_as!(
        Found,
        r#"SELECT (SELECT count(*) FROM storage_findings WHERE kind = 'missing') AS "missing!",
                  (SELECT count(*) FROM storage_findings WHERE kind = 'wrong_size') AS "wrong_size!",
                  (SELECT count(*) FROM storage_findings WHERE kind = 'damaged') AS "damaged!""#
    )
    .fetch_one(tx.conn())
    .await?)
}

/// A document as its row says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub object_key: String,
    pub size_bytes: i64,
    pub sha256: Option<Vec<u8>>,
    /// Where the thumbnail was stored.
    pub thumbnail_key: Option<String>,
    pub storage_problem: Option<String>,
}

/// Locked until the transaction ends. `None`: its bytes need not be there (any more).
pub async fn lock_document(tx: &mut UserTx, id: DocumentId) -> Result<Option<Row>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        Row,
        r#"SELECT object_key, size_bytes, sha256, CASE WHEN thumbnail_at IS NOT NULL THEN thumbnail_key END AS thumbnail_key, storage_problem
             FROM documents WHERE id = $1 AND user_id = $2 AND state IN ('stored', 'processing', 'ready', 'failed') FOR NO KEY UPDATE"#,
        id.0,
        user
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Something of the user's is amiss, from now on or still.
pub struct Finding<'a> {
    pub kind: &'static str,
    pub document: DocumentId,
    pub object_key: &'a str,
    pub size_bytes: i64,
}

pub async fn note_finding(
    tx: &mut UserTx,
    finding: &Finding<'_>,
    now: OffsetDateTime,
) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "INSERT INTO storage_findings (id, kind, object_key, user_id, document_id, size_bytes, first_seen_at, last_seen_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
         ON CONFLICT (kind, object_key) DO UPDATE SET last_seen_at = excluded.last_seen_at, size_bytes = excluded.size_bytes",
        Uuid::now_v7(),
        finding.kind,
        finding.object_key,
        user,
        finding.document.0,
        finding.size_bytes,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// These findings of an object are so no more. Answers how many there were.
pub async fn forget_findings(
    tx: &mut UserTx,
    key: &str,
    kinds: &[&'static str],
) -> Result<u64, Problem> {
    let user = tx.user().0;
    let kinds: Vec<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    Ok(sqlx::query!(
        "DELETE FROM storage_findings WHERE kind = ANY ($1) AND object_key = $2 AND user_id = $3",
        &kinds,
        key,
        user
    )
    .execute(tx.conn())
    .await?
    .rows_affected())
}

/// Whether anything was found amiss with another document of the user's lately.
pub async fn found_lately(
    tx: &mut UserTx,
    since: OffsetDateTime,
    but: DocumentId,
) -> Result<bool, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM storage_findings WHERE user_id = $1 AND first_seen_at > $2 AND document_id <> $3) AS "found!""#,
        user,
        since,
        but.0
    )
    .fetch_one(tx.conn())
    .await?)
}

/// What is amiss with a document's bytes (`None`: nothing any more; then they are to be read again soon).
pub async fn set_problem(
    tx: &mut UserTx,
    id: DocumentId,
    problem: Option<&str>,
) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE documents SET storage_problem = $3, verified_at = NULL, version = version + 1, updated_at = now() WHERE id = $1 AND user_id = $2",
        id.0,
        user,
        problem
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The bytes were read and have this digest. Where none was known it is kept; should another document have it too, that is allowed then.
pub async fn set_verified(
    tx: &mut UserTx,
    id: DocumentId,
    sha256: &[u8],
    now: OffsetDateTime,
) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE documents SET verified_at = $4, duplicate_allowed = duplicate_allowed OR (sha256 IS NULL AND EXISTS (
                    SELECT FROM documents AS other WHERE other.user_id = $2 AND other.sha256 = $3 AND other.id <> $1)),
                sha256 = coalesce(sha256, $3)
          WHERE id = $1 AND user_id = $2",
        id.0,
        user,
        sha256,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
