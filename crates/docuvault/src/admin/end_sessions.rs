//! Signs a user out everywhere, at once; they are told.

use axum::extract::State;
use http::StatusCode;

use super::store;
use crate::{
    app::AppState,
    audit,
    auth::AdminCaller,
    http::{PathId, Problem, problem::ProblemBody},
};

/// Signs a user out everywhere.
#[utoipa::path(delete, path = "/api/v1/admin/users/{id}/sessions", operation_id = "admin_end_sessions", tag = "admin", params(("id" = uuid::Uuid, Path)), responses(
    (status = NO_CONTENT),
    (status = FORBIDDEN, description = "`admin_only`, `reauth_required`", body = ProblemBody),
    (status = NOT_FOUND, body = ProblemBody),
    (status = CONFLICT, description = "`account_erasing`", body = ProblemBody),
))]
pub async fn end_sessions(
    State(state): State<AppState>,
    caller: AdminCaller,
    PathId(id): PathId,
) -> Result<StatusCode, Problem> {
    let mut tx = caller.begin_change(&state).await?;
    store::end_sessions(&mut tx, id, state.now()).await?;
    audit::record(
        &mut tx,
        audit::Event::new("admin.sessions_ended").with("user_id", id.to_string()),
    )
    .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
