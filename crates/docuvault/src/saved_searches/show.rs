//! One saved search.

use axum::{Json, extract::State};

use super::{model::SavedSearch, store};
use crate::{
    app::AppState,
    auth::Caller,
    http::{PathId, Problem, problem::ProblemBody},
};

/// One saved search.
#[utoipa::path(get, path = "/api/v1/searches/{id}", operation_id = "show_saved_search", tag = "search", params(("id" = uuid::Uuid, Path)), responses((status = OK, body = SavedSearch), (status = NOT_FOUND, body = ProblemBody)))]
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Json<SavedSearch>, Problem> {
    let mut tx = caller.begin(&state).await?;
    let search = store::find_search(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(search))
}
