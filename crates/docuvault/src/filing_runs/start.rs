//! Starts a run through all documents.

use axum::{Json, extract::State};
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    model::{FilingRun, RunKind},
    store,
    work::work_soon,
};
use crate::{
    app::AppState,
    audit,
    auth::Caller,
    http::{JsonBody, Problem, problem::ProblemBody},
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartRun {
    kind: RunKind,
}

/// Reads or files all documents again, those in the trash left out.
///
/// What the user said of them stays. `filing_run.updated` tells how far it is.
#[utoipa::path(post, path = "/api/v1/me/filing/runs", operation_id = "start_filing_run", tag = "filing", request_body = StartRun, responses(
    (status = CREATED, body = FilingRun),
    (status = CONFLICT, description = "`run_in_progress`: one at a time", body = ProblemBody),
))]
pub async fn start(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(body): JsonBody<StartRun>,
) -> Result<(StatusCode, Json<FilingRun>), Problem> {
    let mut tx = caller.begin(&state).await?;
    let id = Uuid::now_v7();
    if !store::start(&mut tx, id, body.kind).await? {
        return Err(Problem::conflict(
            "run_in_progress",
            "Another run is not finished yet. Wait for it, or cancel it.",
        ));
    }
    work_soon(&mut tx, id, None).await?;
    audit::record(
        &mut tx,
        audit::Event::new("filing.run_started").with("kind", body.kind.name()),
    )
    .await?;
    let run = store::run(&mut tx, id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(run)))
}
