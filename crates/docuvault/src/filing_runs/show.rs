//! How far runs are.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{model::FilingRun, store};
use crate::{
    app::AppState,
    auth::Caller,
    http::{PathId, Problem, problem::ProblemBody},
};

/// The latest runs.
#[derive(Debug, Serialize, ToSchema)]
pub struct FilingRuns {
    items: Vec<FilingRun>,
}

/// The user's latest runs, the newest first.
#[utoipa::path(get, path = "/api/v1/me/filing/runs", operation_id = "list_filing_runs", tag = "filing", responses((status = OK, body = FilingRuns)))]
pub async fn list(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<FilingRuns>, Problem> {
    let mut tx = caller.begin(&state).await?;
    let items = store::latest(&mut tx).await?;
    tx.commit().await?;
    Ok(Json(FilingRuns { items }))
}

/// One run.
#[utoipa::path(get, path = "/api/v1/me/filing/runs/{id}", operation_id = "show_filing_run", tag = "filing", params(("id" = uuid::Uuid, Path)), responses((status = OK, body = FilingRun), (status = NOT_FOUND, body = ProblemBody)))]
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Json<FilingRun>, Problem> {
    let mut tx = caller.begin(&state).await?;
    let run = store::run(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(run))
}
