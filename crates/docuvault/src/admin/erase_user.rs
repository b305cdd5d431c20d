//! Erases an account: it is closed at once, and a job takes away its documents.

use axum::extract::State;
use http::StatusCode;

use super::store;
use crate::{
    app::AppState,
    audit,
    auth::AdminCaller,
    http::{PathId, Problem, problem::ProblemBody},
};

/// Erases an account and all that is in it.
#[utoipa::path(delete, path = "/api/v1/admin/users/{id}", operation_id = "admin_erase_user", tag = "admin", params(("id" = uuid::Uuid, Path)), responses(
    (status = ACCEPTED),
    (status = FORBIDDEN, description = "`admin_only`, `reauth_required`", body = ProblemBody),
    (status = NOT_FOUND, body = ProblemBody),
    (status = CONFLICT, description = "`last_admin`, `own_account`", body = ProblemBody),
))]
pub async fn erase_user(
    State(state): State<AppState>,
    caller: AdminCaller,
    PathId(id): PathId,
) -> Result<StatusCode, Problem> {
    let mut tx = caller.begin_change(&state).await?;
    store::erase_user(&mut tx, id, state.now()).await?;
    audit::record(
        &mut tx,
        audit::Event::new("admin.user_erasing").with("user_id", id.to_string()),
    )
    .await?;
    tx.commit().await?;
    Ok(StatusCode::ACCEPTED)
}
