//! Forgets a saved search.

use axum::extract::State;
use http::StatusCode;

use super::store;
use crate::{
    app::AppState,
    auth::Caller,
    http::{PathId, Problem, problem::ProblemBody},
};

/// Forgets a saved search.
#[utoipa::path(delete, path = "/api/v1/searches/{id}", operation_id = "delete_saved_search", tag = "search", params(("id" = uuid::Uuid, Path)), responses((status = NO_CONTENT), (status = NOT_FOUND, body = ProblemBody)))]
pub async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<StatusCode, Problem> {
    let mut tx = caller.begin(&state).await?;
    store::delete_search(&mut tx, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
