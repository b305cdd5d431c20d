//! Changes what a document is called, dated, from whom, and under which topics. What the user says here, filing never overwrites,
//! and the topics teach it.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, header};
use serde::Deserialize;
use time::Date;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Document, document, store};
use crate::{
    app::AppState,
    audit,
    auth::Caller,
    db::{DocumentId, UserTx},
    events,
    http::{
        JsonBody, Patch, PathId, Problem,
        etag::{check_if_match, etag},
        problem::{FieldError, ProblemBody},
    },
    processing, search,
    storage_backends::BaseUrl,
};

const MAX_TITLE_CHARS: usize = 300;
const MAX_TOPICS: usize = 50;

/// What is left out stays as it is; `null` removes a date, correspondent or folder.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentChange {
    #[schema(min_length = 1, max_length = 300)]
    pub title: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub folder_id: Patch<Uuid>,
    /// The whole list: topics left out of it are taken off the document.
    pub topic_ids: Option<Vec<Uuid>>,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub document_date: Patch<Date>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 300)]
    pub correspondent: Patch<String>,
}

/// Changes a document.
#[utoipa::path(patch, path = "/api/v1/documents/{id}", operation_id = "change_document", tag = "documents", params(("id" = Uuid, Path)), request_body = DocumentChange, responses(
    (status = OK, body = Document),
    (status = NOT_FOUND, body = ProblemBody),
    (status = PRECONDITION_FAILED, body = ProblemBody),
    (status = UNPROCESSABLE_ENTITY, body = ProblemBody),
))]
pub async fn change(
    State(state): State<AppState>,
    caller: Caller,
    base: BaseUrl,
    PathId(id): PathId,
    headers: HeaderMap,
    JsonBody(mut body): JsonBody<DocumentChange>,
) -> Result<Response, Problem> {
    let id = DocumentId(id);
    let mut tx = caller.begin(&state).await?;
    let version = store::lock_version(&mut tx, id).await?;
    body.check()?;
    check_if_match(&headers, version)?;
    change_document(&state, &mut tx, id, &body).await?;
    let document = document(&state, &base, &mut tx, id).await?;
    tx.commit().await?;
    Ok(([(header::ETAG, etag(document.version))], Json(document)).into_response())
}

async fn change_document(
    state: &AppState,
    tx: &mut UserTx,
    id: DocumentId,
    change: &DocumentChange,
) -> Result<(), Problem> {
    if let Some(folder) = change.folder_id.value() {
        store::check_folder(tx, *folder).await?;
    }
    store::apply_change(tx, id, change).await?;
    if let Some(topics) = &change.topic_ids {
        store::set_topics(tx, id, topics).await?;
        processing::learn_soon(state, tx).await?;
        events::announce(tx, events::Change::TopicCounts).await?;
    } else if change.correspondent.is_given() {
        processing::learn_soon(state, tx).await?;
    }
    search::index_document(tx, id).await?;
    audit::record(tx, audit::Event::new("document.changed").document(id)).await?;
    events::announce(tx, events::Change::Document(id)).await
}

/// Makes `topics` the document's topics, as when the user sets them: it teaches, is found and is told of the same.
pub async fn decide_topics(
    state: &AppState,
    tx: &mut UserTx,
    id: DocumentId,
    topics: Vec<Uuid>,
) -> Result<(), Problem> {
    let mut change = DocumentChange {
        topic_ids: Some(topics),
        ..DocumentChange::default()
    };
    change.check()?;
    change_document(state, tx, id, &change).await
}

/// Takes back what the user decided on the document's topics, and what was learned from it. Filing decides again.
pub async fn undecide_topics(
    state: &AppState,
    tx: &mut UserTx,
    id: DocumentId,
) -> Result<(), Problem> {
    store::undecide_topics(tx, id).await?;
    processing::forget_document(tx, id).await?;
    processing::learn_soon(state, tx).await?;
    processing::file_soon(tx, id, false).await?;
    search::index_document(tx, id).await?;
    audit::record(tx, audit::Event::new("document.undecided").document(id)).await?;
    events::announce(tx, events::Change::TopicCounts).await?;
    events::announce(tx, events::Change::Document(id)).await
}

impl DocumentChange {
    /// Trims what is text; 422 with every fault.
    fn check(&mut self) -> Result<(), Problem> {
        let mut errors = Vec::new();
        let mut refuse = |field: &str, code: &str, detail: String| {
            errors.push(FieldError {
                field: field.to_owned(),
                code: code.to_owned(),
                detail,
            });
        };
        let is_text = |text: &str| {
            !text.is_empty()
                && text.chars().count() <= MAX_TITLE_CHARS
                && !text.chars().any(char::is_control)
        };
        if let Some(title) = &mut self.title {
            *title = title.trim().to_owned();
            if !is_text(title) {
                refuse(
                    "title",
                    "invalid_length",
                    format!("A title has 1 to {MAX_TITLE_CHARS} characters."),
                );
            }
        }
        if let Patch::Set(correspondent) = &mut self.correspondent {
            *correspondent = correspondent.trim().to_owned();
            if !is_text(correspondent) {
                refuse(
                    "correspondent",
                    "invalid_length",
                    format!(
                        "A correspondent has 1 to {MAX_TITLE_CHARS} characters; send null for none."
                    ),
                );
            }
        }
        if let Patch::Set(date) = self.document_date
            && !(1000..=9999).contains(&date.year())
        {
            refuse(
                "document_date",
                "out_of_range",
                "A date between the years 1000 and 9999.".to_owned(),
            );
        }
        if let Some(topics) = &mut self.topic_ids {
            topics.sort_unstable();
            topics.dedup();
            if topics.len() > MAX_TOPICS {
                refuse(
                    "topic_ids",
                    "too_many",
                    format!("A document has at most {MAX_TOPICS} topics."),
                );
            }
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(Problem::invalid_fields(errors))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> DocumentChange {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn null_removes_and_left_out_leaves() {
        let change = read(r#"{"correspondent": null, "title": "x"}"#);
        assert_eq!(change.correspondent, Patch::Clear);
        assert_eq!(change.document_date, Patch::Keep);
        assert_eq!(
            read(r#"{"document_date": "2026-02-03"}"#)
                .document_date
                .value()
                .unwrap()
                .to_string(),
            "2026-02-03"
        );
    }

    #[test]
    fn faults_are_told_together() {
        let mut change = read(r#"{"title": "  ", "correspondent": "a\u0000b"}"#);
        let fields: Vec<_> = change
            .check()
            .unwrap_err()
            .fields
            .into_iter()
            .map(|error| error.field)
            .collect();
        assert_eq!(fields, ["title", "correspondent"]);
    }
}
