//! Renames a saved search, or gives it another query.

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    model::{self, SavedSearch},
    store,
};
use crate::{
    app::AppState,
    auth::Caller,
    http::{JsonBody, PathId, Problem, problem::ProblemBody},
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SavedSearchChange {
    #[schema(min_length = 1, max_length = 80)]
    name: Option<String>,
    #[schema(min_length = 1, max_length = 2000)]
    query: Option<String>,
}

/// Changes a saved search.
#[utoipa::path(patch, path = "/api/v1/searches/{id}", operation_id = "change_saved_search", tag = "search", params(("id" = uuid::Uuid, Path)), request_body = SavedSearchChange, responses(
    (status = OK, body = SavedSearch),
    (status = NOT_FOUND, body = ProblemBody),
    (status = CONFLICT, description = "`name_taken`", body = ProblemBody),
))]
pub async fn change(
    State(state): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    JsonBody(body): JsonBody<SavedSearchChange>,
) -> Result<Json<SavedSearch>, Problem> {
    let (name, query) = (
        body.name.as_deref().map(str::trim),
        body.query.as_deref().map(str::trim),
    );
    let mut tx = caller.begin(&state).await?;
    store::find_search(&mut tx, id).await?;
    model::check(name, query)?;
    store::update_search(&mut tx, id, name, query).await?;
    let search = store::find_search(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(search))
}
