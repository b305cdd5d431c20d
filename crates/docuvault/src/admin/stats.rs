//! Totals of the vault: counts and sums, nothing of anyone in particular.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{jobs, model::AdminQuota, store::refusal};
use crate::{
    app::AppState,
    auth::AdminCaller,
    http::{Problem, problem::ProblemBody},
};

#[derive(Serialize, ToSchema)]
pub struct Stats {
    users: UserTotals,
    /// Signed-in devices.
    sessions: i64,
    /// Those in the trash included.
    documents: i64,
    storage: AdminQuota,
    jobs: JobTotals,
}

#[derive(Serialize, ToSchema)]
pub struct UserTotals {
    total: i64,
    admins: i64,
    disabled: i64,
    active_30_days: i64,
}

#[derive(Serialize, ToSchema)]
pub struct JobTotals {
    ready: i64,
    running: i64,
    dead: i64,
}

/// Totals.
#[utoipa::path(get, path = "/api/v1/admin/stats", operation_id = "admin_stats", tag = "admin", responses(
    (status = OK, body = Stats),
    (status = FORBIDDEN, description = "`admin_only`", body = ProblemBody),
))]
pub async fn stats(
    State(state): State<AppState>,
    caller: AdminCaller,
) -> Result<Json<Stats>, Problem> {
    let mut tx = caller.begin(&state).await?;
    let totals = sqlx::query!(
        r#"SELECT users AS "users!", admins AS "admins!", disabled AS "disabled!", active_30_days AS "active_30_days!", sessions AS "sessions!",
                  documents AS "documents!", used_bytes AS "used_bytes!", reserved_bytes AS "reserved_bytes!", limit_bytes AS "limit_bytes!"
             FROM admin_stats($1)"#,
        state.now()
    )
    .fetch_one(tx.conn())
    .await
    .map_err(refusal)?;
    let kinds = jobs::kinds(&mut tx).await?;
    tx.commit().await?;
    let sum = |of: fn(&jobs::JobKind) -> i64| kinds.iter().map(of).sum();
    Ok(Json(Stats {
        users: UserTotals {
            total: totals.users,
            admins: totals.admins,
            disabled: totals.disabled,
            active_30_days: totals.active_30_days,
        },
        sessions: totals.sessions,
        documents: totals.documents,
        storage: AdminQuota {
            used_bytes: totals.used_bytes,
            reserved_bytes: totals.reserved_bytes,
            limit_bytes: totals.limit_bytes,
        },
        jobs: JobTotals {
            ready: sum(|kind| kind.ready),
            running: sum(|kind| kind.running),
            dead: sum(|kind| kind.dead),
        },
    }))
}
