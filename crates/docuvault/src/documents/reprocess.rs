//! Reads a document anew: with other languages, or with a reader that has learned more since.

use axum::extract::State;
use docuvault_jobs::{EnqueueOptions, enqueue};
use http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{password::keep_password, store};
use crate::{
    app::AppState,
    audit,
    auth::Caller,
    db::{DocumentId, UserTx},
    events, filing_settings,
    http::{OptionalJsonBody, PathId, Problem, problem::ProblemBody},
    processing::ReadDocument,
};

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reprocess {
    /// Languages of this reading, of those that are installed; without, those of the filing settings.
    #[schema(max_items = 8)]
    ocr_languages: Option<Vec<String>>,
    /// What opens an encrypted PDF. It is kept, sealed, for later readings; a wrong one is forgotten.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 512, format = Password)]
    password: Option<SecretString>,
}

/// Reads and files a document again.
///
/// What was read before stays, and is found, until the new text is there. What the user said of the document stays.
#[utoipa::path(post, path = "/api/v1/documents/{id}/reprocess", operation_id = "reprocess_document", tag = "documents", params(("id" = uuid::Uuid, Path)), request_body = Option<Reprocess>, responses(
    (status = ACCEPTED),
    (status = NOT_FOUND, body = ProblemBody),
    (status = CONFLICT, description = "`not_readable_now`: it has not arrived, or is being read", body = ProblemBody),
    (status = UNPROCESSABLE_ENTITY, description = "`language_not_installed`, `too_many`, `invalid_password`", body = ProblemBody),
))]
pub async fn reprocess(
    State(state): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
    OptionalJsonBody(body): OptionalJsonBody<Reprocess>,
) -> Result<StatusCode, Problem> {
    let id = DocumentId(id);
    let mut tx = caller.begin(&state).await?;
    let Reprocess {
        ocr_languages,
        password,
    } = body.unwrap_or_default();
    let reading = store::lock_readable(&mut tx, id).await?;
    if let Some(languages) = &ocr_languages {
        filing_settings::check_languages(&state, languages)?;
    }
    if !matches!(reading.as_str(), "ready" | "failed") {
        return Err(Problem::conflict(
            "not_readable_now",
            "This document has not arrived yet, or is being read at this moment.",
        ));
    }
    if let Some(password) = &password {
        keep_password(&state, &mut tx, id, password).await?;
    }
    read_again(&mut tx, id, ocr_languages).await?;
    tx.commit().await?;
    Ok(StatusCode::ACCEPTED)
}

/// Queues the reading of a document that is locked and was read before.
pub async fn read_again(
    tx: &mut UserTx,
    id: DocumentId,
    ocr_languages: Option<Vec<String>>,
) -> Result<(), Problem> {
    store::mark_unread(tx, id).await?;
    let options = EnqueueOptions {
        user_id: Some(tx.user().0),
        ..EnqueueOptions::default()
    };
    let job = ReadDocument {
        document_id: id,
        ocr_languages,
    };
    enqueue(tx.conn(), &job, options)
        .await
        .map_err(Problem::internal)?;
    audit::record(tx, audit::Event::new("document.reprocessed").document(id)).await?;
    events::announce(tx, events::Change::Document(id)).await
}
