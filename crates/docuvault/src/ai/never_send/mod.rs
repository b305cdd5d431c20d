//! What is never sent to a provider: single documents, all under a topic, all in a folder and the folders in it. Such a document is filed
//! on the device, and not a byte of it leaves.

mod store;

use axum::{Json, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

pub use store::{forbidden_topics, forbids};

use crate::{
    app::AppState,
    audit,
    auth::SessionCaller,
    http::{JsonBody, PathId, Problem, problem::ProblemBody},
};

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleKind {
    Topic,
    Document,
    Folder,
}

/// Something that is never sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct NeverSendRule {
    id: Uuid,
    kind: RuleKind,
    target_id: Uuid,
    /// The topic's or folder's name, or the document's title.
    name: String,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct NeverSendRules {
    items: Vec<NeverSendRule>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRule {
    kind: RuleKind,
    target_id: Uuid,
}

/// What is never sent, the newest first.
#[utoipa::path(get, path = "/api/v1/me/ai/never-send", operation_id = "list_never_send", tag = "ai", responses((status = OK, body = NeverSendRules)))]
pub async fn list(
    State(state): State<AppState>,
    caller: SessionCaller,
) -> Result<Json<NeverSendRules>, Problem> {
    let mut tx = caller.begin(&state).await?;
    let items = store::rules(&mut tx).await?;
    tx.commit().await?;
    Ok(Json(NeverSendRules { items }))
}

/// Never sends a document, or what is under a topic or in a folder. A rule that is there already is answered as it is.
#[utoipa::path(post, path = "/api/v1/me/ai/never-send", operation_id = "add_never_send", tag = "ai", request_body = NewRule, responses(
    (status = CREATED, body = NeverSendRule),
    (status = UNPROCESSABLE_ENTITY, description = "`not_found`", body = ProblemBody),
))]
pub async fn add(
    State(state): State<AppState>,
    caller: SessionCaller,
    JsonBody(body): JsonBody<NewRule>,
) -> Result<(StatusCode, Json<NeverSendRule>), Problem> {
    let mut tx = caller.begin(&state).await?;
    if !store::exists(&mut tx, body.kind, body.target_id).await? {
        return Err(Problem::invalid(
            "target_id",
            "not_found",
            "There is no such thing.",
        ));
    }
    store::add(&mut tx, body.kind, body.target_id).await?;
    audit::record(
        &mut tx,
        audit::Event::new("ai.never_send_added").with("target_id", body.target_id.to_string()),
    )
    .await?;
    let rules = store::rules(&mut tx).await?;
    tx.commit().await?;
    let rule = rules
        .into_iter()
        .find(|rule| rule.kind == body.kind && rule.target_id == body.target_id)
        .ok_or_else(Problem::not_found)?;
    Ok((StatusCode::CREATED, Json(rule)))
}

/// Removes a rule.
#[utoipa::path(delete, path = "/api/v1/me/ai/never-send/{id}", operation_id = "remove_never_send", tag = "ai", params(("id" = Uuid, Path)), responses((status = NO_CONTENT), (status = NOT_FOUND, body = ProblemBody)))]
pub async fn remove(
    State(state): State<AppState>,
    caller: SessionCaller,
    PathId(id): PathId,
) -> Result<StatusCode, Problem> {
    let mut tx = caller.begin(&state).await?;
    let target = store::remove(&mut tx, id)
        .await?
        .ok_or_else(Problem::not_found)?;
    audit::record(
        &mut tx,
        audit::Event::new("ai.never_send_removed").with("target_id", target.to_string()),
    )
    .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
