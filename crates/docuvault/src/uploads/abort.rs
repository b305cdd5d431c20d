//! Gives up an upload: no one can complete it from then on, its bytes are removed, then its document and its promise of room.

use axum::extract::State;
use docuvault_storage::{ObjectKey, StorageError};
use http::StatusCode;

use super::{plan::key_of, store};
use crate::{
    app::AppState,
    audit,
    auth::Caller,
    db::{DocumentId, UploadId, UserId, UserTx},
    events,
    http::{PathId, Problem, problem::ProblemBody},
    quotas,
};

/// Cancels an upload and gives its room back.
#[utoipa::path(delete, path = "/api/v1/documents/{id}/upload", operation_id = "abort_upload", tag = "uploads", params(("id" = uuid::Uuid, Path)), responses(
    (status = NO_CONTENT),
    (status = NOT_FOUND, body = ProblemBody),
    (status = CONFLICT, description = "`upload_completed`", body = ProblemBody),
))]
pub async fn abort(
    State(state): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<StatusCode, Problem> {
    caller.begin(&state).await?.commit().await?;
    abort_upload(&state, caller.user(), DocumentId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn abort_upload(state: &AppState, user: UserId, id: DocumentId) -> Result<(), Problem> {
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    let upload = store::upload_of(&mut tx, id).await?;
    tx.commit().await?;
    if upload.state == "completed" {
        return Err(Problem::conflict(
            "upload_completed",
            "This upload has been completed; move the document to the trash instead.",
        ));
    }
    discard(state, user, upload.id, "aborted").await
}

/// Removes an upload that was not completed, bytes first. May be repeated, and may stop anywhere: the sweep goes on with it.
pub(super) async fn discard(
    state: &AppState,
    user: UserId,
    id: UploadId,
    reason: &'static str,
) -> Result<(), Problem> {
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    if !store::mark_aborting(&mut tx, id).await? {
        return Ok(());
    }
    let upload = store::upload_by_id(&mut tx, id).await?;
    tx.commit().await?;
    let Some(upload) = upload else { return Ok(()) };
    clear_store(state, &key_of(&upload)?, upload.store_upload_id.as_deref()).await?;

    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    if let Some((document, reserved_bytes)) = store::remove_aborted(&mut tx, id).await? {
        audit::record(
            &mut tx,
            audit::Event::new("upload.discarded")
                .document(document)
                .with("reason", reason),
        )
        .await?;
        events::announce(&mut tx, events::Change::Document(document)).await?;
        events::announce(&mut tx, events::Change::Quota).await?;
        quotas::release_reserved(&mut tx, reserved_bytes).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Removes all that an upload has at the store: parts first, because joining them would make the object anew.
async fn clear_store(
    state: &AppState,
    key: &ObjectKey,
    store_upload_id: Option<&str>,
) -> Result<(), Problem> {
    let storage = state.storage();
    if let Some(store_upload_id) = store_upload_id {
        storage.abort_upload(key, store_upload_id).await?;
    }
    if storage.capabilities().presigned_multipart {
        // Also what was opened, but could not be written down.
        let unfinished = match storage.unfinished_uploads_of(key).await {
            Err(StorageError::Unsupported(_)) => Vec::new(),
            found => found?,
        };
        for upload in unfinished {
            storage.abort_upload(key, &upload.store_upload_id).await?;
        }
    }
    storage.delete(key).await?;
    Ok(())
}
