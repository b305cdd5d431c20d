//! Saves a search under a name.

use axum::{Json, extract::State};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    model::{self, SavedSearch},
    store,
};
use crate::{
    app::AppState,
    auth::Caller,
    http::{
        JsonBody, Problem,
        idempotency::{self, IdempotencyKey},
        problem::ProblemBody,
    },
};

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSavedSearch {
    #[schema(min_length = 1, max_length = 80)]
    name: String,
    /// The query string of the search page.
    #[schema(min_length = 1, max_length = 2000)]
    query: String,
}

/// Saves a search.
#[utoipa::path(post, path = "/api/v1/searches", operation_id = "save_search", tag = "search", request_body = NewSavedSearch, responses(
    (status = CREATED, body = SavedSearch),
    (status = CONFLICT, description = "`name_taken`, `too_many_searches`", body = ProblemBody),
))]
pub async fn create(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    JsonBody(body): JsonBody<NewSavedSearch>,
) -> Result<(StatusCode, Json<SavedSearch>), Problem> {
    let key = IdempotencyKey::of(&headers, &body)?;
    let (name, query) = (body.name.trim(), body.query.trim());
    model::check(Some(name), Some(query))?;
    let mut tx = caller.begin(&state).await?;
    let id = Uuid::now_v7();
    let earlier = idempotency::claim(&mut tx, key.as_ref(), "searches.create", id).await?;
    if earlier.is_none() {
        store::insert_search(&mut tx, id, name, query).await?;
    }
    let search = store::find_search(&mut tx, earlier.unwrap_or(id)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(search)))
}
