//! Pauses a run, and goes on with it.

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{model::FilingRun, store, work::work_soon};
use crate::{
    app::AppState,
    auth::Caller,
    events,
    http::{JsonBody, PathId, Problem, problem::ProblemBody},
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SteerRun {
    paused: bool,
}

/// Pauses a run or goes on with it. What is being read at that moment is read to its end.
#[utoipa::path(patch, path = "/api/v1/me/filing/runs/{id}", operation_id = "steer_filing_run", tag = "filing", params(("id" = uuid::Uuid, Path)), request_body = SteerRun, responses(
    (status = OK, body = FilingRun),
    (status = NOT_FOUND, body = ProblemBody),
    (status = CONFLICT, description = "`run_over`", body = ProblemBody),
))]
pub async fn steer(
    State(state): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    JsonBody(body): JsonBody<SteerRun>,
) -> Result<Json<FilingRun>, Problem> {
    let mut tx = caller.begin(&state).await?;
    store::run(&mut tx, id).await?;
    if !store::set_paused(&mut tx, id, body.paused).await? {
        return Err(Problem::conflict("run_over", "This run is over."));
    }
    if !body.paused {
        work_soon(&mut tx, id, None).await?;
    }
    events::announce(&mut tx, events::Change::FilingRun(id)).await?;
    let run = store::run(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(run))
}
