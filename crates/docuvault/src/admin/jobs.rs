//! The queue: how much of what waits, what was given up and why, and another try for it. What a job is about is not shown.

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use http::StatusCode;
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use super::store::refusal;
use crate::{
    app::AppState,
    audit,
    auth::AdminCaller,
    db::UserTx,
    http::{Problem, problem::ProblemBody},
};

/// The newest ones.
const DEAD_SHOWN: i64 = 200;

#[derive(Serialize, ToSchema)]
pub struct Jobs {
    kinds: Vec<JobKind>,
    /// Those that were given up, the newest first.
    dead: Vec<DeadJob>,
}

#[derive(Serialize, ToSchema)]
pub struct JobKind {
    pub kind: String,
    pub ready: i64,
    pub running: i64,
    pub dead: i64,
    /// When the one that waits longest was to run.
    #[serde(with = "time::serde::rfc3339::option")]
    pub oldest_ready_at: Option<OffsetDateTime>,
}

#[derive(Serialize, ToSchema)]
pub struct DeadJob {
    id: i64,
    kind: String,
    user_id: Option<Uuid>,
    attempts: i32,
    /// A code.
    last_error: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    died_at: OffsetDateTime,
}

/// What waits, runs, and was given up.
#[utoipa::path(get, path = "/api/v1/admin/jobs", operation_id = "admin_list_jobs", tag = "admin", responses(
    (status = OK, body = Jobs),
    (status = FORBIDDEN, description = "`admin_only`", body = ProblemBody),
))]
pub async fn list_jobs(
    State(state): State<AppState>,
    caller: AdminCaller,
) -> Result<Json<Jobs>, Problem> {
    let mut tx = caller.begin(&state).await?;
    let kinds = kinds(&mut tx).await?;
    let dead = sqlx::query_as!(
        DeadJob,
        r#"SELECT id AS "id!", kind AS "kind!", user_id, attempts AS "attempts!", last_error, died_at AS "died_at!" FROM admin_dead_jobs($1)"#,
        DEAD_SHOWN
    )
    .fetch_all(tx.conn())
    .await
    .map_err(refusal)?;
    tx.commit().await?;
    Ok(Json(Jobs { kinds, dead }))
}

pub async fn kinds(tx: &mut UserTx) -> Result<Vec<JobKind>, Problem> {
    sqlx::query_as!(
        JobKind,
        r#"SELECT kind AS "kind!", ready AS "ready!", running AS "running!", dead AS "dead!", oldest_ready_at FROM admin_job_kinds()"#
    )
    .fetch_all(tx.conn())
    .await
    .map_err(refusal)
}

/// Queues a job again that was given up.
#[utoipa::path(post, path = "/api/v1/admin/jobs/{id}/retry", operation_id = "admin_retry_job", tag = "admin", params(("id" = i64, Path)), responses(
    (status = NO_CONTENT),
    (status = FORBIDDEN, description = "`admin_only`, `reauth_required`", body = ProblemBody),
    (status = NOT_FOUND, body = ProblemBody),
))]
pub async fn retry_job(
    State(state): State<AppState>,
    caller: AdminCaller,
    id: Result<Path<i64>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let mut tx = caller.begin_change(&state).await?;
    let Path(id) = id.map_err(|_| Problem::not_found())?;
    let found = sqlx::query_scalar!(r#"SELECT admin_retry_job($1) AS "found!""#, id)
        .fetch_one(tx.conn())
        .await
        .map_err(refusal)?;
    if !found {
        return Err(Problem::not_found());
    }
    audit::record(
        &mut tx,
        audit::Event::new("admin.job_retried").with("job_id", id),
    )
    .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
