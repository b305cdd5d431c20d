//! All saved searches. There are at most a hundred, so there is one page.

use axum::{Json, extract::State};

use super::{model::SavedSearch, store};
use crate::{
    app::AppState,
    auth::Caller,
    http::{Problem, paging::Page},
};

/// The user's saved searches, by name.
#[utoipa::path(get, path = "/api/v1/searches", operation_id = "list_saved_searches", tag = "search", responses((status = OK, body = Page<SavedSearch>)))]
pub async fn list(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<Page<SavedSearch>>, Problem> {
    let mut tx = caller.begin(&state).await?;
    let items = store::list_searches(&mut tx).await?;
    tx.commit().await?;
    Ok(Json(Page {
        items,
        next_cursor: None,
    }))
}
