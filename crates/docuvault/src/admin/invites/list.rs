//! All invitations, and what became of them.

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{model::Invite, store};
use crate::{
    app::AppState,
    auth::AdminCaller,
    http::{
        Problem, QueryOf,
        paging::{Page, page_limit},
        problem::ProblemBody,
    },
};

const CURSOR: &str = "admin.invites";

#[derive(Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct InvitesQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    cursor: Option<String>,
}

/// All invitations, the newest first.
#[utoipa::path(get, path = "/api/v1/admin/invites", operation_id = "admin_list_invites", tag = "admin", params(InvitesQuery), responses(
    (status = OK, body = Page<Invite>),
    (status = FORBIDDEN, description = "`admin_only`", body = ProblemBody),
))]
pub async fn list_invites(
    State(state): State<AppState>,
    caller: AdminCaller,
    QueryOf(query): QueryOf<InvitesQuery>,
) -> Result<Json<Page<Invite>>, Problem> {
    let limit = page_limit(query.limit)?;
    let before = match &query.cursor {
        Some(cursor) => Some(state.cursors().open::<Uuid>(CURSOR, cursor)?),
        None => None,
    };
    let mut tx = caller.begin(&state).await?;
    let mut items = store::invites(&mut tx, None, before, limit + 1, state.now()).await?;
    tx.commit().await?;
    let next_cursor = state
        .cursors()
        .after_page(CURSOR, &mut items, limit, |invite| invite.id)?;
    Ok(Json(Page { items, next_cursor }))
}
