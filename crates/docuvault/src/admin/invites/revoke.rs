//! Takes an invitation back. Who has accepted it already keeps their account.

use axum::extract::State;
use http::StatusCode;

use super::store;
use crate::{
    app::AppState,
    audit,
    auth::AdminCaller,
    http::{PathId, Problem, problem::ProblemBody},
};

/// Takes an invitation back.
#[utoipa::path(delete, path = "/api/v1/admin/invites/{id}", operation_id = "admin_revoke_invite", tag = "admin", params(("id" = uuid::Uuid, Path)), responses(
    (status = NO_CONTENT),
    (status = FORBIDDEN, description = "`admin_only`, `reauth_required`", body = ProblemBody),
    (status = NOT_FOUND, body = ProblemBody),
))]
pub async fn revoke_invite(
    State(state): State<AppState>,
    caller: AdminCaller,
    PathId(id): PathId,
) -> Result<StatusCode, Problem> {
    let mut tx = caller.begin_change(&state).await?;
    store::invites(&mut tx, Some(id), None, 1, state.now())
        .await?
        .pop()
        .ok_or_else(Problem::not_found)?;
    if store::revoke_invite(&mut tx, id, state.now()).await? {
        audit::record(
            &mut tx,
            audit::Event::new("invite.revoked").with("invite_id", id.to_string()),
        )
        .await?;
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
