//! Renames or recolours a topic.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, header};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Topic, model, store};
use crate::{
    app::AppState,
    audit,
    auth::Caller,
    db::TopicId,
    events,
    http::{
        JsonBody, PathId, Problem,
        etag::{check_if_match, etag},
        problem::ProblemBody,
    },
    search,
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TopicChange {
    #[schema(min_length = 1, max_length = 80)]
    name: Option<String>,
    color: Option<String>,
}

/// Changes a topic.
#[utoipa::path(patch, path = "/api/v1/topics/{id}", operation_id = "change_topic", tag = "topics", params(("id" = uuid::Uuid, Path)), request_body = TopicChange, responses(
    (status = OK, body = Topic),
    (status = NOT_FOUND, body = ProblemBody),
    (status = CONFLICT, description = "`name_taken`", body = ProblemBody),
    (status = PRECONDITION_FAILED, body = ProblemBody),
))]
pub async fn change(
    State(state): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    headers: HeaderMap,
    JsonBody(body): JsonBody<TopicChange>,
) -> Result<Response, Problem> {
    let id = TopicId(id);
    let name = body.name.as_deref().map(str::trim);
    let mut tx = caller.begin(&state).await?;
    let version = store::lock_topic(&mut tx, id).await?;
    model::check(name, body.color.as_deref())?;
    check_if_match(&headers, version)?;
    store::update_topic(&mut tx, id, name, body.color.as_deref()).await?;
    if name.is_some() {
        for document in store::documents_of(&mut tx, id).await? {
            search::index_document(&mut tx, document).await?;
        }
    }
    audit::record(
        &mut tx,
        audit::Event::new("topic.changed").with("topic_id", id.to_string()),
    )
    .await?;
    events::announce(&mut tx, events::Change::Topic(id)).await?;
    let topic = store::find_topic(&mut tx, id).await?;
    tx.commit().await?;
    Ok(([(header::ETAG, etag(topic.version))], Json(topic)).into_response())
}
