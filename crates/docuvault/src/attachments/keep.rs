//! Makes documents of what is attached to a message.

use axum::extract::State;
use docuvault_extract::{Attachments, ReadError, sniff};
use docuvault_jobs::{EnqueueOptions, enqueue};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::store::{self, Message};
use crate::{
    app::AppState,
    audit,
    auth::Caller,
    db::{DocumentId, UserId, UserTx},
    events,
    http::{PathId, Problem, problem::ProblemBody},
    processing,
    uploads::{MadeOf, NewDocument, keep_bytes, name_for},
};

/// Has everything attached to one message kept.
#[derive(Debug, Serialize, Deserialize)]
pub struct KeepAttachments {
    pub document_id: DocumentId,
}

impl docuvault_jobs::Job for KeepAttachments {
    const KIND: &'static str = "keep_attachments";
}

/// Keeps what is attached to a message as documents of their own.
///
/// They are read and filed like any other. What the vault holds already is not kept twice. `document.updated` of the message tells when
/// all are there.
#[utoipa::path(post, path = "/api/v1/documents/{id}/attachments", operation_id = "keep_attachments", tag = "documents", params(("id" = uuid::Uuid, Path)), responses(
    (status = ACCEPTED),
    (status = NOT_FOUND, body = ProblemBody),
    (status = CONFLICT, description = "`no_message`: nothing can be attached to it; `not_readable_now`: it has not arrived, or is being read", body = ProblemBody),
))]
pub async fn keep(
    State(state): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<StatusCode, Problem> {
    let id = DocumentId(id);
    let mut tx = caller.begin(&state).await?;
    let message = store::message(&mut tx, id)
        .await?
        .ok_or_else(Problem::not_found)?;
    if !message.is_read() {
        return Err(Problem::conflict(
            "not_readable_now",
            "This document has not arrived yet, or is being read at this moment.",
        ));
    }
    if !message.is_message() {
        return Err(Problem::conflict(
            "no_message",
            "This document is no message, so nothing is attached to it.",
        ));
    }
    let options = EnqueueOptions {
        user_id: Some(tx.user().0),
        dedupe_key: Some(id.to_string()),
        ..EnqueueOptions::default()
    };
    enqueue(tx.conn(), &KeepAttachments { document_id: id }, options)
        .await
        .map_err(Problem::internal)?;
    tx.commit().await?;
    Ok(StatusCode::ACCEPTED)
}

/// The job. A repeat goes on where the attempt before it ended.
pub async fn keep_attachments(
    state: &AppState,
    user: UserId,
    job: KeepAttachments,
) -> Result<(), Problem> {
    let id = job.document_id;
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    let message = store::message(&mut tx, id).await?;
    tx.commit().await?;
    let Some(message) = message.filter(|message| message.is_read() && message.is_message()) else {
        return Ok(());
    };
    let problem = match attachments_of(state, &message).await? {
        Ok(attached) => keep_all(state, user, id, &message, attached).await?,
        Err(code) => Some(code),
    };
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    store::note_problem(&mut tx, id, problem).await?;
    audit::record(
        &mut tx,
        audit::Event::new("document.attachments_kept").document(id),
    )
    .await?;
    events::announce(&mut tx, events::Change::Document(id)).await?;
    tx.commit().await?;
    Ok(())
}

/// What is attached, by a child in the sandbox; or why that cannot be told.
async fn attachments_of(
    state: &AppState,
    message: &Message,
) -> Result<Result<Attachments, &'static str>, Problem> {
    let reader = state
        .reader()
        .ok_or_else(|| Problem::internal(ReadError::ProgramMissing))?;
    let Some(fetched) = processing::fetch_object(state, &message.object_key).await? else {
        return Ok(Err("object_missing"));
    };
    match reader.attachments(fetched).await {
        Ok(attached) if attached.documents.is_empty() && !attached.is_cut => {
            Ok(Err("nothing_attached"))
        }
        Ok(attached) => Ok(Ok(attached)),
        Err(error @ (ReadError::ProgramMissing | ReadError::Io(_))) => {
            Err(Problem::internal(error))
        }
        Err(error) => Ok(Err(error.code())),
    }
}

/// Answers why not all are kept, if so. Where there is no room for one, there may be for another.
async fn keep_all(
    state: &AppState,
    user: UserId,
    id: DocumentId,
    message: &Message,
    attached: Attachments,
) -> Result<Option<&'static str>, Problem> {
    let mut problem = attached.is_cut.then_some("too_much_attached");
    for (number, attachment) in (1..).zip(attached.documents) {
        let given = attachment.name.unwrap_or_default();
        let filename = name_for(&given, &format!("attachment-{number}"));
        let extension = filename
            .rsplit_once('.')
            .map(|(_, extension)| extension.to_lowercase());
        let new = NewDocument {
            size_bytes: attachment.bytes.len() as i64,
            content_type: sniff(&attachment.bytes, extension.as_deref()).to_owned(),
            filename,
            sha256: None,
            folder_id: message.folder_id,
            title: None,
            backend_id: None,
        };
        let bytes = attachment.bytes.into();
        let refusal = keep_bytes(state, user, new, bytes, MadeOf::Message(id)).await?;
        problem = refusal.or(problem);
    }
    Ok(problem)
}
