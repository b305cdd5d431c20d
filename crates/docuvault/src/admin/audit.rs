//! The trail of what happened to accounts, for administrators. What happened to documents and topics is their owner's alone to read.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::store::refusal;
use crate::{
    app::AppState,
    auth::AdminCaller,
    http::{
        Problem, QueryOf,
        paging::{Page, page_limit},
        problem::ProblemBody,
    },
};

const CURSOR: &str = "admin.audit";

#[derive(Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TrailQuery {
    user_id: Option<Uuid>,
    /// Exactly this one, such as `auth.signed_in`.
    action: Option<String>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct AccountEvent {
    id: i64,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    /// All zeros: the vault itself.
    user_id: Uuid,
    /// `null` when there is no such account any more.
    user_email: Option<String>,
    action: String,
    ip: Option<String>,
    request_id: Option<String>,
    #[schema(value_type = Object)]
    metadata: serde_json::Value,
}

/// What happened to accounts, the newest first.
#[utoipa::path(get, path = "/api/v1/admin/audit", operation_id = "admin_audit", tag = "admin", params(TrailQuery), responses(
    (status = OK, body = Page<AccountEvent>),
    (status = FORBIDDEN, description = "`admin_only`", body = ProblemBody),
))]
pub async fn accounts_trail(
    State(state): State<AppState>,
    caller: AdminCaller,
    QueryOf(query): QueryOf<TrailQuery>,
) -> Result<Json<Page<AccountEvent>>, Problem> {
    let limit = page_limit(query.limit)?;
    let before = match &query.cursor {
        Some(cursor) => Some(state.cursors().open::<i64>(CURSOR, cursor)?),
        None => None,
    };
    let mut tx = caller.begin(&state).await?;
    let mut items = sqlx::query_as!(
        AccountEvent,
        r#"SELECT id AS "id!", at AS "at!", user_id AS "user_id!", user_email, action AS "action!", ip, request_id, metadata AS "metadata!"
             FROM admin_audit($1, $2, $3, $4)"#,
        query.user_id,
        query.action,
        before,
        limit + 1
    )
    .fetch_all(tx.conn())
    .await
    .map_err(refusal)?;
    tx.commit().await?;
    let next_cursor = state
        .cursors()
        .after_page(CURSOR, &mut items, limit, |event| event.id)?;
    Ok(Json(Page { items, next_cursor }))
}
