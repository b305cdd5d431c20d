//! Notes that notifications were seen.

use axum::extract::State;
use http::StatusCode;

use super::store;
use crate::{
    app::AppState,
    auth::Caller,
    http::{PathId, Problem, problem::ProblemBody},
};

/// Marks one as read. Again: nothing changes.
#[utoipa::path(post, path = "/api/v1/notifications/{id}/read", operation_id = "read_notification", tag = "notifications", params(("id" = uuid::Uuid, Path)), responses((status = NO_CONTENT), (status = NOT_FOUND, body = ProblemBody)))]
pub async fn read(
    State(state): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<StatusCode, Problem> {
    let mut tx = caller.begin(&state).await?;
    if !store::mark_read(&mut tx, id, state.now()).await? {
        return Err(Problem::not_found());
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Marks all as read.
#[utoipa::path(post, path = "/api/v1/notifications/read-all", operation_id = "read_all_notifications", tag = "notifications", responses((status = NO_CONTENT)))]
pub async fn read_all(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<StatusCode, Problem> {
    let mut tx = caller.begin(&state).await?;
    store::mark_all_read(&mut tx, state.now()).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
