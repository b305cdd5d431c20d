//! The accounts of the vault: who they are and how much they store.

use axum::{Json, extract::State, response::Response};
use http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    model::{AdminUser, shown},
    store::{self, Wanted},
};
use crate::{
    app::AppState,
    auth::AdminCaller,
    http::{
        PathId, Problem, QueryOf,
        paging::{Page, page_limit},
        problem::ProblemBody,
    },
};

const CURSOR: &str = "admin.users";

#[derive(Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct UsersQuery {
    /// Part of an address or a name.
    q: Option<String>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    cursor: Option<String>,
}

/// All accounts, the newest first.
#[utoipa::path(get, path = "/api/v1/admin/users", operation_id = "admin_list_users", tag = "admin", params(UsersQuery), responses(
    (status = OK, body = Page<AdminUser>),
    (status = FORBIDDEN, description = "`admin_only`", body = ProblemBody),
))]
pub async fn list_users(
    State(state): State<AppState>,
    caller: AdminCaller,
    QueryOf(query): QueryOf<UsersQuery>,
) -> Result<Json<Page<AdminUser>>, Problem> {
    let limit = page_limit(query.limit)?;
    let before = match &query.cursor {
        Some(cursor) => Some(state.cursors().open::<Uuid>(CURSOR, cursor)?),
        None => None,
    };
    let words = query
        .q
        .as_deref()
        .map(str::trim)
        .filter(|words| !words.is_empty());
    let wanted = Wanted {
        user: None,
        words,
        before,
    };
    let mut tx = caller.begin(&state).await?;
    let mut items = store::users(&mut tx, &wanted, limit + 1, state.now()).await?;
    tx.commit().await?;
    let next_cursor = state
        .cursors()
        .after_page(CURSOR, &mut items, limit, |user| user.id)?;
    Ok(Json(Page { items, next_cursor }))
}

/// One account.
#[utoipa::path(get, path = "/api/v1/admin/users/{id}", operation_id = "admin_show_user", tag = "admin", params(("id" = Uuid, Path)), responses(
    (status = OK, body = AdminUser),
    (status = FORBIDDEN, description = "`admin_only`", body = ProblemBody),
    (status = NOT_FOUND, body = ProblemBody),
))]
pub async fn show_user(
    State(state): State<AppState>,
    caller: AdminCaller,
    PathId(id): PathId,
) -> Result<Response, Problem> {
    let mut tx = caller.begin(&state).await?;
    let user = store::user(&mut tx, id, state.now()).await?;
    tx.commit().await?;
    Ok(shown(StatusCode::OK, user.version, &user))
}
