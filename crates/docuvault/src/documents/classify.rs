//! Files a document anew, on the user's word: by what they taught since, or by the provider they chose since.

use axum::extract::State;
use http::StatusCode;

use super::store;
use crate::{
    app::AppState,
    audit,
    auth::Caller,
    db::DocumentId,
    http::{PathId, Problem, problem::ProblemBody},
    processing,
};

/// Files a document again.
///
/// What the user said of it stays; topics they decided on stay, and what else may fit is proposed. `document.updated` tells when it is done.
#[utoipa::path(post, path = "/api/v1/documents/{id}/classify", operation_id = "classify_document", tag = "documents", params(("id" = uuid::Uuid, Path)), responses(
    (status = ACCEPTED),
    (status = NOT_FOUND, body = ProblemBody),
    (status = CONFLICT, description = "`not_read_yet`", body = ProblemBody),
))]
pub async fn classify(
    State(state): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<StatusCode, Problem> {
    let id = DocumentId(id);
    let mut tx = caller.begin(&state).await?;
    if store::lock_readable(&mut tx, id).await? != "ready" {
        return Err(Problem::conflict(
            "not_read_yet",
            "There is no text to file this document by.",
        ));
    }
    processing::file_soon(&mut tx, id, true).await?;
    audit::record(
        &mut tx,
        audit::Event::new("document.filed_again").document(id),
    )
    .await?;
    tx.commit().await?;
    Ok(StatusCode::ACCEPTED)
}
