//! The user's notifications, newest first.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::store;
use crate::{
    app::AppState,
    auth::Caller,
    http::{Problem, QueryOf, paging::page_limit},
};

const CURSOR_PURPOSE: &str = "notifications";

#[derive(Serialize, ToSchema)]
pub struct Notification {
    pub id: Uuid,
    /// Such as `security.new_sign_in`; the client has the words.
    pub kind: String,
    /// Ids, times and network addresses, as the kind has them.
    #[schema(value_type = std::collections::BTreeMap<String, Value>)]
    pub data: Value,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    pub read_at: Option<OffsetDateTime>,
}

/// One page of notifications.
#[derive(Serialize, ToSchema)]
pub struct NotificationPage {
    items: Vec<Notification>,
    /// Opaque; `null` on the last page.
    next_cursor: Option<String>,
    /// How many are unread, on all pages.
    unread: i64,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    cursor: Option<String>,
}

/// What the user should know of, newest first.
#[utoipa::path(get, path = "/api/v1/notifications", operation_id = "list_notifications", tag = "notifications", params(ListQuery), responses((status = OK, body = NotificationPage)))]
pub async fn list(
    State(state): State<AppState>,
    caller: Caller,
    QueryOf(query): QueryOf<ListQuery>,
) -> Result<Json<NotificationPage>, Problem> {
    let limit = page_limit(query.limit)?;
    let before: Option<Uuid> = query
        .cursor
        .map(|cursor| state.cursors().open(CURSOR_PURPOSE, &cursor))
        .transpose()?;
    let mut tx = caller.begin(&state).await?;
    let mut items = store::page(&mut tx, before, limit + 1).await?;
    let unread = store::unread(&mut tx).await?;
    tx.commit().await?;

    let has_more = items.len() as i64 > limit;
    items.truncate(usize::try_from(limit).unwrap_or_default());
    let next_cursor = items
        .last()
        .filter(|_| has_more)
        .map(|last| state.cursors().seal(CURSOR_PURPOSE, &last.id))
        .transpose()?;
    Ok(Json(NotificationPage {
        items,
        next_cursor,
        unread,
    }))
}
