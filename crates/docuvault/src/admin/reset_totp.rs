//! Takes a user's second factor away, for someone who lost it: their sessions end, and they are told.

use axum::extract::State;
use http::StatusCode;

use super::store;
use crate::{
    app::AppState,
    audit,
    auth::AdminCaller,
    http::{PathId, Problem, problem::ProblemBody},
};

/// Takes a user's second factor away.
#[utoipa::path(post, path = "/api/v1/admin/users/{id}/reset-totp", operation_id = "admin_reset_totp", tag = "admin", params(("id" = uuid::Uuid, Path)), responses(
    (status = NO_CONTENT),
    (status = FORBIDDEN, description = "`admin_only`, `reauth_required`", body = ProblemBody),
    (status = NOT_FOUND, body = ProblemBody),
    (status = CONFLICT, description = "`account_erasing`, `own_account`", body = ProblemBody),
))]
pub async fn reset_totp(
    State(state): State<AppState>,
    caller: AdminCaller,
    PathId(id): PathId,
) -> Result<StatusCode, Problem> {
    let mut tx = caller.begin_change(&state).await?;
    store::reset_totp(&mut tx, id, state.now()).await?;
    audit::record(
        &mut tx,
        audit::Event::new("admin.totp_reset").with("user_id", id.to_string()),
    )
    .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
