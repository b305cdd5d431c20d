//! Takes a decision back: the document is as if the user had said nothing of its topics, and is filed again.

use axum::extract::State;
use http::StatusCode;

use crate::{
    app::AppState,
    auth::Caller,
    db::DocumentId,
    documents::{lock_version, undecide_topics},
    http::{PathId, Problem, problem::ProblemBody},
};

/// Undoes what the user decided on a document's topics.
///
/// Topics the user gave are taken off, what they refused is open again, and filing forgets what it learned from this document.
/// `document.updated` tells when it is filed anew.
#[utoipa::path(delete, path = "/api/v1/documents/{id}/suggestions", operation_id = "undo_decision", tag = "review", params(("id" = uuid::Uuid, Path)), responses((status = ACCEPTED), (status = NOT_FOUND, body = ProblemBody)))]
pub async fn reopen(
    State(state): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<StatusCode, Problem> {
    let id = DocumentId(id);
    let mut tx = caller.begin(&state).await?;
    lock_version(&mut tx, id).await?;
    undecide_topics(&state, &mut tx, id).await?;
    tx.commit().await?;
    Ok(StatusCode::ACCEPTED)
}
