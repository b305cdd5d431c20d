//! Where the user is signed in.

use axum::{Json, extract::State};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::{SessionCaller, store};
use crate::{
    app::AppState,
    db::SessionId,
    http::{Problem, paging::Page},
};

#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub struct ListedSession {
    pub id: SessionId,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub last_used_at: OffsetDateTime,
    pub user_agent: Option<String>,
    pub ip: Option<String>,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// The sessions that still stand, the one last used first. A user has few, so there is one page.
#[utoipa::path(get, path = "/api/v1/auth/sessions", operation_id = "list_sessions", tag = "auth", responses((status = OK, body = Page<ListedSession>)))]
pub async fn list_sessions(
    State(state): State<AppState>,
    caller: SessionCaller,
) -> Result<Json<Page<ListedSession>>, Problem> {
    let mut tx = caller.begin_unenrolled(&state).await?;
    let items = store::standing_sessions(&mut tx, caller.session().id, state.now()).await?;
    tx.commit().await?;
    Ok(Json(Page {
        items,
        next_cursor: None,
    }))
}
