//! The user's API tokens.

use axum::{Json, extract::State};

use super::{ApiToken, store};
use crate::{
    app::AppState,
    auth::SessionCaller,
    http::{Problem, paging::Page},
};

/// The user's API tokens, the newest first. A user has a hundred at most, so there is one page.
#[utoipa::path(get, path = "/api/v1/auth/tokens", operation_id = "list_api_tokens", tag = "auth", responses((status = OK, body = Page<ApiToken>)))]
pub async fn list(
    State(state): State<AppState>,
    caller: SessionCaller,
) -> Result<Json<Page<ApiToken>>, Problem> {
    let mut tx = caller.begin(&state).await?;
    let items = store::list(&mut tx).await?;
    tx.commit().await?;
    Ok(Json(Page {
        items,
        next_cursor: None,
    }))
}
