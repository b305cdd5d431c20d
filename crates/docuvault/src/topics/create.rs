//! Makes a topic. Its name alone is enough for filing to propose it.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Topic, model, store};
use crate::{
    app::AppState,
    audit,
    auth::Caller,
    db::TopicId,
    events,
    http::{
        JsonBody, Problem,
        etag::etag,
        idempotency::{self, IdempotencyKey},
        problem::ProblemBody,
    },
};

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTopic {
    #[schema(min_length = 1, max_length = 80)]
    name: String,
    /// A colour's name; `slate` when left out.
    color: Option<String>,
}

/// Makes a topic.
#[utoipa::path(post, path = "/api/v1/topics", operation_id = "create_topic", tag = "topics", request_body = NewTopic, responses(
    (status = CREATED, body = Topic),
    (status = CONFLICT, description = "`name_taken`", body = ProblemBody),
))]
pub async fn create(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    JsonBody(body): JsonBody<NewTopic>,
) -> Result<Response, Problem> {
    let key = IdempotencyKey::of(&headers, &body)?;
    let (name, color) = (body.name.trim(), body.color.as_deref().unwrap_or("slate"));
    model::check(Some(name), Some(color))?;
    let mut tx = caller.begin(&state).await?;
    let id = TopicId::new();
    let earlier = idempotency::claim(&mut tx, key.as_ref(), "topics.create", id.0).await?;
    if earlier.is_none() {
        store::insert_topic(&mut tx, id, name, color, None).await?;
        audit::record(
            &mut tx,
            audit::Event::new("topic.created").with("topic_id", id.to_string()),
        )
        .await?;
        events::announce(&mut tx, events::Change::Topic(id)).await?;
    }
    let topic = store::find_topic(&mut tx, earlier.map_or(id, TopicId)).await?;
    tx.commit().await?;
    Ok((
        StatusCode::CREATED,
        [(header::ETAG, etag(topic.version))],
        Json(topic),
    )
        .into_response())
}
