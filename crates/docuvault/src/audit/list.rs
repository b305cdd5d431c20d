//! What happened in one's own account, to read.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::store;
use crate::{
    app::AppState,
    auth::Caller,
    http::{
        Problem, QueryOf,
        paging::{Page, page_limit},
    },
};

const CURSOR: &str = "me.audit";

#[derive(Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct OwnTrailQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct TrailEvent {
    pub id: i64,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Such as `auth.signed_in`.
    pub action: String,
    pub ip: Option<String>,
    pub session_id: Option<Uuid>,
    pub request_id: Option<String>,
    /// Ids and codes.
    #[schema(value_type = Object)]
    pub metadata: serde_json::Value,
}

/// What happened in the signed-in user's account, the newest first.
#[utoipa::path(get, path = "/api/v1/me/audit", operation_id = "own_trail", tag = "me", params(OwnTrailQuery), responses((status = OK, body = Page<TrailEvent>)))]
pub async fn own_trail(
    State(state): State<AppState>,
    caller: Caller,
    QueryOf(query): QueryOf<OwnTrailQuery>,
) -> Result<Json<Page<TrailEvent>>, Problem> {
    let limit = page_limit(query.limit)?;
    let before = match &query.cursor {
        Some(cursor) => Some(state.cursors().open::<i64>(CURSOR, cursor)?),
        None => None,
    };
    let mut tx = caller.begin(&state).await?;
    let mut items = store::own_events(&mut tx, before, limit + 1).await?;
    tx.commit().await?;
    let next_cursor = state
        .cursors()
        .after_page(CURSOR, &mut items, limit, |event| event.id)?;
    Ok(Json(Page { items, next_cursor }))
}
