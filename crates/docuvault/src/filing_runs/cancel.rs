//! Ends a run before its end.

use axum::extract::State;
use http::StatusCode;

use super::store;
use crate::{
    app::AppState,
    auth::Caller,
    events,
    http::{PathId, Problem, problem::ProblemBody},
};

/// Cancels a run. What it has done stays; one that is over stays as it is.
#[utoipa::path(delete, path = "/api/v1/me/filing/runs/{id}", operation_id = "cancel_filing_run", tag = "filing", params(("id" = uuid::Uuid, Path)), responses((status = NO_CONTENT), (status = NOT_FOUND, body = ProblemBody)))]
pub async fn cancel(
    State(state): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<StatusCode, Problem> {
    let mut tx = caller.begin(&state).await?;
    store::run(&mut tx, id).await?;
    store::cancel(&mut tx, id).await?;
    events::announce(&mut tx, events::Change::FilingRun(id)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
