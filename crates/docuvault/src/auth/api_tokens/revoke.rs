//! Takes an API token back.

use axum::extract::State;
use http::StatusCode;

use super::store;
use crate::{
    app::AppState,
    audit,
    auth::SessionCaller,
    db::ApiTokenId,
    events,
    http::{PathId, Problem, problem::ProblemBody},
};

/// Takes a token back: it is refused from now on.
#[utoipa::path(delete, path = "/api/v1/auth/tokens/{id}", operation_id = "revoke_api_token", tag = "auth", params(("id" = uuid::Uuid, Path)), responses((status = NO_CONTENT), (status = NOT_FOUND, body = ProblemBody)))]
pub async fn revoke(
    State(state): State<AppState>,
    caller: SessionCaller,
    PathId(id): PathId,
) -> Result<StatusCode, Problem> {
    let mut tx = caller.begin(&state).await?;
    if !store::delete(&mut tx, ApiTokenId(id)).await? {
        return Err(Problem::not_found());
    }
    let event = audit::Event::new("api_token.revoked");
    audit::record(&mut tx, event.with("token_id", id.to_string())).await?;
    // For a stream that was opened with it.
    events::announce(&mut tx, events::Change::SessionEnded).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
