//! The job that reads one document: fetch its bytes, open it in a sandboxed child, keep what was read, file it.
//!
//! A document that cannot be read ends `failed` with a reason, and can be downloaded all the same. One that brings the child
//! down is tried three times. On the way the bytes are hashed: what is not what was sent is not read.

use docuvault_extract::{ReadError, ReadRequest, Reading, sniff};
use docuvault_jobs::{JobContext, JobError};
use serde::{Deserialize, Serialize};

use super::{
    fetch::{confirm, fetch},
    file_document::{self, PaperText},
    give_up::{Failure, OBJECT_MISSING, give_up},
    progress::read_telling,
    store,
    thumbnail::store_thumbnail,
};
use crate::{
    app::AppState,
    audit,
    db::{DocumentId, UserId, UserTx},
    documents, events, filing_settings,
    http::Problem,
    likeness, search,
};

/// A document that crashes, starves or hangs its reader so often is given up.
const READ_ATTEMPTS: i32 = 3;
const THUMBNAIL_WIDTH_PX: u32 = 480;
/// Of pictures that browsers do not draw, the thumbnail is what one looks at.
const DRAWN_WIDTH_PX: u32 = 1_200;

/// Reads, files and indexes one document.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReadDocument {
    pub document_id: DocumentId,
    /// Languages of this reading; without, those of the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ocr_languages: Option<Vec<String>>,
}

impl ReadDocument {
    pub fn new(document_id: DocumentId) -> Self {
        Self {
            document_id,
            ocr_languages: None,
        }
    }
}

impl docuvault_jobs::Job for ReadDocument {
    const KIND: &'static str = "read_document";
    /// Enough to wait out an hour or two without the store; a document that is itself to blame is given up sooner.
    const MAX_ATTEMPTS: i32 = 12;
    /// Above what the reader allows itself.
    const TIMEOUT: std::time::Duration = std::time::Duration::from_mins(20);
}

/// Why this attempt did not get to the end.
enum Setback {
    /// Not the document's fault: the store or database is away, or no reader is installed.
    Later(&'static str),
    /// With the content type that its bytes have.
    Unreadable(ReadError, &'static str),
    /// The store has no such object, or less of it than there should be. It may be found again.
    Missing,
    /// The store has other bytes, of this digest.
    Damaged([u8; 32]),
}

impl From<Problem> for Setback {
    fn from(problem: Problem) -> Self {
        if let Some(cause) = problem.cause() {
            tracing::warn!(
                code = problem.code,
                cause = format!("{cause:#}"),
                "a document could not be read just now"
            );
        }
        Self::Later(problem.code)
    }
}

impl From<sqlx::Error> for Setback {
    fn from(error: sqlx::Error) -> Self {
        Problem::from(error).into()
    }
}

pub async fn read_document(
    state: &AppState,
    job: ReadDocument,
    context: &JobContext,
) -> Result<(), JobError> {
    let Some(user) = context.user_id().map(UserId) else {
        return Err(JobError::Fail("no_user"));
    };
    let id = job.document_id;
    match read_and_keep(state, user, job).await {
        Ok(()) => Ok(()),
        Err(Setback::Later(code)) if !context.is_last_attempt() => Err(JobError::Retry(code)),
        Err(Setback::Later(code)) => give_up(state, user, id, Failure::of(code)).await,
        Err(Setback::Unreadable(error, content_type))
            if error.is_permanent() || context.attempt() >= READ_ATTEMPTS =>
        {
            let failure = Failure::of(error.code()).with_content_type(content_type);
            give_up(state, user, id, failure).await
        }
        Err(Setback::Unreadable(error, _)) => Err(JobError::Retry(error.code())),
        Err(Setback::Missing) if !context.is_last_attempt() => Err(JobError::Retry(OBJECT_MISSING)),
        Err(Setback::Missing) => give_up(state, user, id, Failure::missing()).await,
        Err(Setback::Damaged(found)) => give_up(state, user, id, Failure::damaged(found)).await,
    }
}

async fn read_and_keep(state: &AppState, user: UserId, job: ReadDocument) -> Result<(), Setback> {
    let id = job.document_id;
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    let Some(source) = store::begin_reading(&mut tx, id).await? else {
        return Ok(());
    };
    let ocr_languages = match job.ocr_languages {
        Some(languages) => languages,
        None => filing_settings::languages_of(state, &mut tx).await?,
    };
    let password = documents::password_of(state, &mut tx, id).await?;
    events::announce(&mut tx, events::Change::Document(id)).await?;
    tx.commit().await?;

    let reader = state.reader().ok_or(Setback::Later("reader_missing"))?;
    let fetched = fetch(state, &source)
        .await?
        .filter(|fetched| fetched.size_bytes >= source.size_bytes.unsigned_abs())
        .ok_or(Setback::Missing)?;
    if !confirm(state, user, id, &source, &fetched).await? {
        return Err(Setback::Damaged(fetched.sha256));
    }
    let extension = source
        .filename
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_lowercase());
    let content_type = sniff(&fetched.head, extension.as_deref());
    let request = ReadRequest {
        extension,
        ocr_languages,
        thumbnail_width_px: match content_type {
            "image/heic" | "image/tiff" => DRAWN_WIDTH_PX,
            _ => THUMBNAIL_WIDTH_PX,
        },
        password,
    };
    let read = read_telling(state, user, id, reader, fetched.file, request).await;
    if matches!(read, Err(ReadError::WrongPassword)) {
        documents::forget_password(state, user, id).await?;
    }
    let mut reading = read.map_err(|error| match error {
        ReadError::ProgramMissing => Setback::Later("reader_missing"),
        ReadError::Io(error) => Setback::from(Problem::internal(error)),
        error => Setback::Unreadable(error, content_type),
    })?;
    if let Some(thumbnail) = reading.thumbnail.take() {
        store_thumbnail(state, user, id, thumbnail).await?;
    }
    keep(state, user, id, &source, reading).await?;
    Ok(())
}

/// Everything that was read, in one transaction.
async fn keep(
    state: &AppState,
    user: UserId,
    id: DocumentId,
    source: &store::Source,
    reading: Reading,
) -> Result<(), Problem> {
    let text = PaperText::of(&source.filename, &reading);
    let filed = file_document::propose(state, user, id, text, false).await?;
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    if !store::lock_reading(&mut tx, id).await? {
        return Ok(());
    }
    store::replace_pages(&mut tx, id, &reading.pages).await?;
    store::finish_reading(&mut tx, id, &reading).await?;
    likeness::note_likeness(&mut tx, id).await?;
    file_document::keep(&mut tx, id, &filed).await?;
    search::index_document(&mut tx, id).await?;
    audit::record(
        &mut tx,
        audit::Event::new("document.read")
            .document(id)
            .with("pages", reading.page_count),
    )
    .await?;
    events::announce(&mut tx, events::Change::Document(id)).await?;
    events::announce(&mut tx, events::Change::TopicCounts).await?;
    tx.commit().await?;
    // Left to the sweep, should this fail: the document has been read.
    if let Err(problem) = search::count_words(state, user).await {
        tracing::warn!(code = problem.code, "new words are not counted yet");
    }
    Ok(())
}
