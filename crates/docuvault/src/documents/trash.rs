//! Moves a document to the trash, from where it can be restored for thirty days.

use axum::extract::State;
use http::{HeaderMap, StatusCode};

use super::store;
use crate::{
    app::AppState,
    audit,
    auth::Caller,
    db::DocumentId,
    events,
    http::{PathId, Problem, etag::check_if_match, problem::ProblemBody},
    uploads,
};

/// Moves a document to the trash. One whose bytes never came is dropped altogether.
#[utoipa::path(delete, path = "/api/v1/documents/{id}", operation_id = "trash_document", tag = "documents", params(("id" = uuid::Uuid, Path)), responses((status = NO_CONTENT), (status = NOT_FOUND, body = ProblemBody)))]
pub async fn trash(
    State(state): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let id = DocumentId(id);
    let mut tx = caller.begin(&state).await?;
    let version = store::lock_version(&mut tx, id).await?;
    check_if_match(&headers, version)?;
    if store::lock_state(&mut tx, id).await? == "reserved" {
        tx.commit().await?;
        uploads::abort_upload(&state, caller.user(), id).await?;
        return Ok(StatusCode::NO_CONTENT);
    }
    if store::trash(&mut tx, id).await? {
        audit::record(&mut tx, audit::Event::new("document.trashed").document(id)).await?;
        events::announce(&mut tx, events::Change::Document(id)).await?;
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
