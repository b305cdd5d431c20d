//! Deletes a topic; its documents stay.

use axum::extract::State;
use http::StatusCode;

use super::store;
use crate::{
    app::AppState,
    audit,
    auth::Caller,
    db::TopicId,
    events,
    http::{PathId, Problem, problem::ProblemBody},
    processing, search,
};

/// Deletes a topic. Documents under it are kept.
#[utoipa::path(delete, path = "/api/v1/topics/{id}", operation_id = "delete_topic", tag = "topics", params(("id" = uuid::Uuid, Path)), responses((status = NO_CONTENT), (status = NOT_FOUND, body = ProblemBody)))]
pub async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<StatusCode, Problem> {
    let id = TopicId(id);
    let mut tx = caller.begin(&state).await?;
    store::lock_topic(&mut tx, id).await?;
    let documents = store::documents_of(&mut tx, id).await?;
    store::delete_topic(&mut tx, id).await?;
    processing::forget_topic(&mut tx, id).await?;
    for document in documents {
        search::index_document(&mut tx, document).await?;
    }
    audit::record(
        &mut tx,
        audit::Event::new("topic.deleted").with("topic_id", id.to_string()),
    )
    .await?;
    events::announce(&mut tx, events::Change::Topic(id)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
