//! Makes the searchable copy of a scan.

use axum::extract::State;
use docuvault_extract::{Note, ReadError, ReadRequest, SearchableCopy};
use docuvault_jobs::{EnqueueOptions, enqueue};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::store::{self, Scan};
use crate::{
    app::AppState,
    audit,
    auth::Caller,
    db::{DocumentId, UserId, UserTx},
    documents, events, filing_settings,
    http::{PathId, Problem, problem::ProblemBody},
    processing,
    uploads::{MadeOf, NewDocument, keep_bytes, name_for},
};

/// There is a copy, but not with the words of all pages.
const NOT_ALL_PAGES: &str = "ocr_incomplete";

/// Has the searchable copy of one scan made.
#[derive(Debug, Serialize, Deserialize)]
pub struct MakeSearchableCopy {
    pub document_id: DocumentId,
}

impl docuvault_jobs::Job for MakeSearchableCopy {
    const KIND: &'static str = "make_searchable_copy";
    /// Above what the reader allows itself.
    const TIMEOUT: std::time::Duration = std::time::Duration::from_mins(20);
}

/// Makes a PDF of a scan in which its text can be marked and searched by any program, as a document of its own.
///
/// The pages look the same: of a PDF every byte stays, and the words are added. The copy is read and filed like any other document, and
/// takes room like one. `document.updated` of the scan tells when it is there.
#[utoipa::path(post, path = "/api/v1/documents/{id}/searchable-copy", operation_id = "make_searchable_copy", tag = "documents", params(("id" = uuid::Uuid, Path)), responses(
    (status = ACCEPTED),
    (status = NOT_FOUND, body = ProblemBody),
    (status = CONFLICT, description = "`nothing_recognised`: its text was not recognised in pictures, so it needs no copy; `not_readable_now`: it has not arrived, or is being read", body = ProblemBody),
))]
pub async fn make(
    State(state): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<StatusCode, Problem> {
    let id = DocumentId(id);
    let mut tx = caller.begin(&state).await?;
    let scan = store::scan(&mut tx, id)
        .await?
        .ok_or_else(Problem::not_found)?;
    if !scan.is_read() {
        return Err(Problem::conflict(
            "not_readable_now",
            "This document has not arrived yet, or is being read at this moment.",
        ));
    }
    if !scan.has_recognised_text {
        return Err(Problem::conflict(
            "nothing_recognised",
            "No text was recognised in pictures of this document, so there is nothing to add.",
        ));
    }
    let options = EnqueueOptions {
        user_id: Some(tx.user().0),
        dedupe_key: Some(id.to_string()),
        ..EnqueueOptions::default()
    };
    enqueue(tx.conn(), &MakeSearchableCopy { document_id: id }, options)
        .await
        .map_err(Problem::internal)?;
    tx.commit().await?;
    Ok(StatusCode::ACCEPTED)
}

/// The job. A repeat finds the copy that the attempt before it made.
pub async fn make_searchable_copy(
    state: &AppState,
    user: UserId,
    job: MakeSearchableCopy,
) -> Result<(), Problem> {
    let id = job.document_id;
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    let scan = store::scan(&mut tx, id).await?;
    let Some(scan) = scan.filter(|scan| scan.is_read() && scan.has_recognised_text) else {
        return Ok(());
    };
    let request = ReadRequest {
        ocr_languages: filing_settings::languages_of(state, &mut tx).await?,
        password: documents::password_of(state, &mut tx, id).await?,
        ..ReadRequest::default()
    };
    tx.commit().await?;
    let problem = match copy_of(state, &scan, request).await? {
        Ok(copy) => keep(state, user, id, scan, copy).await?,
        Err(code) => Some(code),
    };
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    store::note_problem(&mut tx, id, problem).await?;
    if matches!(problem, None | Some(NOT_ALL_PAGES)) {
        audit::record(
            &mut tx,
            audit::Event::new("document.searchable_copy_made").document(id),
        )
        .await?;
    }
    events::announce(&mut tx, events::Change::Document(id)).await?;
    tx.commit().await?;
    Ok(())
}

/// The copy, by a child in the sandbox; or why there is none.
async fn copy_of(
    state: &AppState,
    scan: &Scan,
    request: ReadRequest,
) -> Result<Result<SearchableCopy, &'static str>, Problem> {
    let reader = state
        .reader()
        .ok_or_else(|| Problem::internal(ReadError::ProgramMissing))?;
    let Some(fetched) = processing::fetch_object(state, &scan.object_key).await? else {
        return Ok(Err("object_missing"));
    };
    match reader.searchable_copy(fetched, request).await {
        Ok(copy) => Ok(Ok(copy)),
        Err(error @ (ReadError::ProgramMissing | ReadError::Io(_))) => {
            Err(Problem::internal(error))
        }
        Err(error) => Ok(Err(error.code())),
    }
}

/// Answers why there is no copy, or none of all pages.
async fn keep(
    state: &AppState,
    user: UserId,
    id: DocumentId,
    scan: Scan,
    copy: SearchableCopy,
) -> Result<Option<&'static str>, Problem> {
    let Some(pdf) = copy.pdf else {
        let is_missing = copy.notes.contains(&Note::OcrMissing);
        return Ok(Some(if is_missing {
            "ocr_missing"
        } else {
            "nothing_recognised"
        }));
    };
    let stem = scan
        .filename
        .rsplit_once('.')
        .map_or(scan.filename.as_str(), |(stem, _)| stem);
    let new = NewDocument {
        size_bytes: pdf.len() as i64,
        content_type: "application/pdf".to_owned(),
        filename: name_for(&format!("{stem}-searchable.pdf"), "searchable.pdf"),
        sha256: None,
        folder_id: scan.folder_id,
        title: Some(scan.title),
        backend_id: None,
    };
    let refusal = keep_bytes(state, user, new, pdf.into(), MadeOf::Scan(id)).await?;
    let is_incomplete = copy.notes.contains(&Note::OcrIncomplete);
    Ok(refusal.or(is_incomplete.then_some(NOT_ALL_PAGES)))
}
