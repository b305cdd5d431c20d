//! Erases a document for good: the row says so first, then the bytes go, then the row and its quota. A crash in between leaves
//! a row marked `purging`, which its job finishes.

use axum::extract::State;
use docuvault_jobs::{EnqueueOptions, enqueue};
use docuvault_storage::ObjectKey;
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::store;
use crate::{
    app::AppState,
    audit,
    auth::Caller,
    db::{DocumentId, UserId, UserTx},
    events,
    http::{PathId, Problem, problem::ProblemBody},
    processing, quotas, search, uploads,
};

const OVERDUE_AT_ONCE: i32 = 200;

/// The job that erases one document.
#[derive(Debug, Serialize, Deserialize)]
pub struct EraseDocument {
    pub document_id: DocumentId,
}

impl docuvault_jobs::Job for EraseDocument {
    const KIND: &'static str = "erase_document";
}

/// Erases a document for good, its bytes and its quota included.
#[utoipa::path(delete, path = "/api/v1/documents/{id}/permanently", operation_id = "erase_document", tag = "documents", params(("id" = uuid::Uuid, Path)), responses((status = NO_CONTENT), (status = NOT_FOUND, body = ProblemBody)))]
pub async fn erase(
    State(state): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<StatusCode, Problem> {
    let id = DocumentId(id);
    let mut tx = caller.begin(&state).await?;
    store::lock_version(&mut tx, id).await?;
    if store::lock_state(&mut tx, id).await? == "reserved" {
        tx.commit().await?;
        uploads::abort_upload(&state, caller.user(), id).await?;
        return Ok(StatusCode::NO_CONTENT);
    }
    begin_erasing(&mut tx, id).await?;
    tx.commit().await?;
    // Usually done by the time the answer goes out; should the store be down, the job keeps trying.
    if let Err(problem) = erase_document(&state, caller.user(), id).await {
        tracing::warn!(
            code = problem.code,
            "a document could not be erased at once; its job will"
        );
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Both steps at once.
pub(super) async fn erase_for_owner(
    state: &AppState,
    user: UserId,
    id: DocumentId,
) -> Result<(), Problem> {
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    begin_erasing(&mut tx, id).await?;
    tx.commit().await?;
    erase_document(state, user, id).await
}

async fn begin_erasing(tx: &mut UserTx, id: DocumentId) -> Result<(), Problem> {
    store::mark_purging(tx, id).await?;
    let options = EnqueueOptions {
        user_id: Some(tx.user().0),
        dedupe_key: Some(id.to_string()),
        ..EnqueueOptions::default()
    };
    enqueue(tx.conn(), &EraseDocument { document_id: id }, options)
        .await
        .map_err(Problem::internal)?;
    audit::record(tx, audit::Event::new("document.erasing").document(id)).await?;
    events::announce(tx, events::Change::Document(id)).await
}

/// Finishes the erasing of a document; may be repeated, also at the same time.
pub async fn erase_document(state: &AppState, user: UserId, id: DocumentId) -> Result<(), Problem> {
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    let keys = store::purging_keys(&mut tx, id).await?;
    tx.commit().await?;
    let Some((object_key, thumbnail_key)) = keys else {
        return Ok(());
    };
    for key in [Some(object_key), thumbnail_key].into_iter().flatten() {
        state
            .storage()
            .delete(&ObjectKey::parse(&key).map_err(Problem::internal)?)
            .await?;
    }
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    search::forget_words(&mut tx, id).await?;
    if let Some(size_bytes) = store::remove_purged(&mut tx, id).await? {
        processing::forget_document(&mut tx, id).await?;
        audit::record(
            &mut tx,
            audit::Event::new("document.erased")
                .document(id)
                .with("size_bytes", size_bytes),
        )
        .await?;
        events::announce(&mut tx, events::Change::Document(id)).await?;
        events::announce(&mut tx, events::Change::Quota).await?;
        quotas::release_used(&mut tx, size_bytes).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Erases what has been in the trash for too long.
pub async fn erase_overdue_trash(state: &AppState) -> Result<(), Problem> {
    let before = state.now() - state.config().limits.trash_ttl;
    let due = sqlx::query!(
        r#"SELECT user_id AS "user_id!: UserId", document_id AS "document_id!: DocumentId" FROM trash_due($1, $2)"#,
        before,
        OVERDUE_AT_ONCE
    )
    .fetch_all(state.db().anonymous())
    .await?;
    for document in due {
        let mut tx = UserTx::on_behalf_of(state.db(), document.user_id).await?;
        // It may have been restored since.
        if store::lock_trashed(&mut tx, document.document_id, before).await? {
            begin_erasing(&mut tx, document.document_id).await?;
        }
        tx.commit().await?;
        erase_document(state, document.user_id, document.document_id).await?;
    }
    Ok(())
}
