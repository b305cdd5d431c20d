//! Accepts and rejects what filing proposes. It is the same as giving the document its topics by hand, and teaches the same.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, header};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::store;
use crate::{
    app::AppState,
    auth::Caller,
    db::{DocumentId, UserTx},
    documents::{self, Document, decide_topics, document},
    http::{
        JsonBody, PathId, Problem,
        etag::{check_if_match, etag},
        problem::{FieldError, ProblemBody},
    },
    storage_backends::BaseUrl,
};

/// More than a document can have of both.
const MAX_DECISIONS: usize = 100;

/// Topics that the document has stay, and are the user's word from now on. Proposals that are not named stay open, but the document
/// leaves the inbox; with nothing named it is right as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    #[serde(default)]
    #[schema(max_items = 100)]
    accept: Vec<Uuid>,
    #[serde(default)]
    #[schema(max_items = 100)]
    reject: Vec<Uuid>,
}

/// Decides on what is proposed for a document.
#[utoipa::path(post, path = "/api/v1/documents/{id}/suggestions", operation_id = "decide_suggestions", tag = "review", params(("id" = Uuid, Path)), request_body = Decision, responses(
    (status = OK, body = Document),
    (status = NOT_FOUND, body = ProblemBody),
    (status = PRECONDITION_FAILED, body = ProblemBody),
    (status = UNPROCESSABLE_ENTITY, description = "`not_found`, `contradiction`, `too_many`", body = ProblemBody),
))]
pub async fn decide(
    State(state): State<AppState>,
    caller: Caller,
    base: BaseUrl,
    PathId(id): PathId,
    headers: HeaderMap,
    JsonBody(body): JsonBody<Decision>,
) -> Result<Response, Problem> {
    let id = DocumentId(id);
    let mut tx = caller.begin(&state).await?;
    let version = documents::lock_version(&mut tx, id).await?;
    check_if_match(&headers, version)?;
    apply(&state, &mut tx, id, &body).await?;
    let document = document(&state, &base, &mut tx, id).await?;
    tx.commit().await?;
    Ok(([(header::ETAG, etag(document.version))], Json(document)).into_response())
}

async fn apply(
    state: &AppState,
    tx: &mut UserTx,
    id: DocumentId,
    decision: &Decision,
) -> Result<(), Problem> {
    check(decision)?;
    let known = store::known_topics(tx, &[&decision.accept[..], &decision.reject].concat()).await?;
    all_known("accept", &decision.accept, &known)?;
    all_known("reject", &decision.reject, &known)?;
    let mut topics = store::applied(tx, id).await?;
    topics.extend(&decision.accept);
    topics.retain(|topic| !decision.reject.contains(topic));
    decide_topics(state, tx, id, topics).await?;
    store::reject(tx, id, &decision.reject).await
}

fn check(decision: &Decision) -> Result<(), Problem> {
    let mut errors = Vec::new();
    for (field, topics) in [("accept", &decision.accept), ("reject", &decision.reject)] {
        if topics.len() > MAX_DECISIONS {
            errors.push(FieldError {
                field: field.to_owned(),
                code: "too_many".to_owned(),
                detail: format!("At most {MAX_DECISIONS} topics at once."),
            });
        }
    }
    if errors.is_empty()
        && decision
            .accept
            .iter()
            .any(|topic| decision.reject.contains(topic))
    {
        errors.push(FieldError {
            field: "reject".to_owned(),
            code: "contradiction".to_owned(),
            detail: "A topic is either accepted or rejected.".to_owned(),
        });
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Problem::invalid_fields(errors))
    }
}

fn all_known(field: &str, topics: &[Uuid], known: &[Uuid]) -> Result<(), Problem> {
    if topics.iter().all(|topic| known.contains(topic)) {
        Ok(())
    } else {
        Err(Problem::invalid(
            field,
            "not_found",
            "There is no such topic.",
        ))
    }
}
