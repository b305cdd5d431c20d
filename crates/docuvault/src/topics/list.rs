//! All topics, with how many documents each has. A vault has dozens, so there is one page.

use axum::{Json, extract::State};

use super::{Topic, store};
use crate::{
    app::AppState,
    auth::Caller,
    http::{Problem, paging::Page},
};

/// The user's topics, by name.
#[utoipa::path(get, path = "/api/v1/topics", operation_id = "list_topics", tag = "topics", responses((status = OK, body = Page<Topic>)))]
pub async fn list(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<Page<Topic>>, Problem> {
    let mut tx = caller.begin(&state).await?;
    let items = store::list_topics(&mut tx).await?;
    tx.commit().await?;
    Ok(Json(Page {
        items,
        next_cursor: None,
    }))
}
