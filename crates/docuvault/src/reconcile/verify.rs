//! Reads the bytes of documents again and compares their digest, those first that were not read for longest. Some each hour, so that a whole
//! vault is read in its time without anyone noticing.

use std::time::Duration;

use docuvault_jobs::{Job, JobContext, JobError};
use docuvault_storage::{ObjectKey, StorageError};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    look_at_document::look_at_document,
    store::{self, Row},
    tell_owner::{Loss, report_found, report_loss},
};
use crate::{
    app::AppState,
    db::{DocumentId, UserId, UserTx},
    http::Problem,
};

const ASKED_AT_ONCE: i32 = 50;
/// What was found damaged is read again so often, in case it was repaired.
const DAMAGED_AGAIN_AFTER: Duration = Duration::from_hours(24);
const DAMAGED_AT_ONCE: i64 = 20;
/// Read each time, also while new documents wait to be read.
const AT_LEAST: u64 = 10;

/// The job that reads some documents again.
#[derive(Debug, Serialize, Deserialize)]
pub struct Verify {}

impl Job for Verify {
    const KIND: &'static str = "verify";
    const MAX_ATTEMPTS: i32 = 3;
    const PRIORITY: i16 = 100;
    const TIMEOUT: Duration = Duration::from_hours(2);
}

/// How much is read at most. A document that was begun is read to its end.
#[derive(Debug, Clone, Copy)]
pub struct VerifyBudget {
    pub documents: u64,
    pub bytes: u64,
    /// Whether new documents that wait to be read come first.
    pub yields_to_reading: bool,
}

impl VerifyBudget {
    /// Of the job.
    pub const HOURLY: Self = Self {
        documents: 200,
        bytes: 2 * 1024 * 1024 * 1024,
        yields_to_reading: true,
    };
    pub const ALL: Self = Self {
        documents: u64::MAX,
        bytes: u64::MAX,
        yields_to_reading: false,
    };
}

/// What came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Verified {
    /// Read, and as they should be.
    pub sound: u64,
    pub damaged: u64,
    /// Not there, or of another length.
    pub lost: u64,
    /// Could not be read to their end, though the store works. They are met again next time.
    pub unreadable: u64,
    pub bytes: u64,
}

impl Verified {
    fn documents(self) -> u64 {
        self.sound + self.damaged + self.lost
    }
}

/// The job.
pub async fn verify_some(state: &AppState, context: &JobContext) -> Result<(), JobError> {
    let Some(after) = state.config().limits.verify_after else {
        return Ok(());
    };
    let cancelled = context.cancelled();
    let work = verify_documents(state, state.now() - after, VerifyBudget::HOURLY);
    match cancelled.run_until_cancelled(work).await {
        Some(Err(problem)) => {
            if let Some(cause) = problem.cause() {
                let (code, cause) = (problem.code, format!("{cause:#}"));
                tracing::warn!(code, cause, "documents could not be verified just now");
            }
            Err(JobError::Retry(problem.code))
        }
        _ => Ok(()),
    }
}

/// Reads what was last read before `before`, as far as the budget goes.
pub async fn verify_documents(
    state: &AppState,
    before: OffsetDateTime,
    budget: VerifyBudget,
) -> Result<Verified, Problem> {
    let mut verified = Verified::default();
    let damaged_before = state.now() - DAMAGED_AGAIN_AFTER;
    for (user, id) in store::damaged_before(state, damaged_before, DAMAGED_AT_ONCE).await? {
        verify(state, user, id, &mut verified).await?;
    }
    let mut after = (OffsetDateTime::UNIX_EPOCH, Uuid::nil());
    loop {
        let documents = store::documents_to_verify(state, before, after, ASKED_AT_ONCE).await?;
        let Some(last) = documents.last() else { break };
        after = (last.verified_at, last.id.0);
        for document in documents {
            if verified.documents() >= budget.documents || verified.bytes >= budget.bytes {
                return Ok(told(verified));
            }
            if budget.yields_to_reading
                && verified.documents() >= AT_LEAST
                && store::reading_waits(state).await?
            {
                return Ok(told(verified));
            }
            verify(state, document.user, document.id, &mut verified).await?;
        }
    }
    Ok(told(verified))
}

fn told(verified: Verified) -> Verified {
    if verified != Verified::default() {
        let Verified {
            sound,
            damaged,
            lost,
            unreadable,
            bytes,
        } = verified;
        tracing::info!(
            sound,
            damaged,
            lost,
            unreadable,
            bytes,
            "read documents again"
        );
    }
    verified
}

/// What reading an object came to.
enum Bytes {
    Digest([u8; 32]),
    /// Not there, or of another length than it should be.
    Lost,
    /// The store works, and still does not deliver it.
    Unreadable,
}

async fn verify(
    state: &AppState,
    user: UserId,
    id: DocumentId,
    verified: &mut Verified,
) -> Result<(), Problem> {
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    let row = store::lock_document(&mut tx, id).await?;
    tx.commit().await?;
    let Some(row) = row else {
        return Ok(());
    };
    let mut bytes = read(state, &row, verified).await?;
    // Nobody is told of damage that a second reading does not show.
    if matches!((&bytes, &row.sha256), (Bytes::Digest(digest), Some(known)) if known[..] != digest[..])
    {
        bytes = read(state, &row, verified).await?;
    }
    match bytes {
        Bytes::Digest(digest) => settle(state, user, id, &row, &digest, verified).await,
        Bytes::Lost => {
            verified.lost += 1;
            look_at_document(state, user, id).await
        }
        Bytes::Unreadable => {
            verified.unreadable += 1;
            tracing::warn!(document = %id, "a document could not be read again; the store works");
            Ok(())
        }
    }
}

async fn settle(
    state: &AppState,
    user: UserId,
    id: DocumentId,
    before: &Row,
    digest: &[u8; 32],
    verified: &mut Verified,
) -> Result<(), Problem> {
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    let Some(row) = store::lock_document(&mut tx, id).await? else {
        return Ok(());
    };
    // Erased, or read for the first time meanwhile: it has its turn another time.
    if (&row.object_key, &row.sha256) != (&before.object_key, &before.sha256) {
        return Ok(());
    }
    if row
        .sha256
        .as_ref()
        .is_none_or(|known| known[..] == digest[..])
    {
        verified.sound += 1;
        let forgotten = store::forget_findings(&mut tx, &row.object_key, &["damaged"]).await?;
        if forgotten > 0 && row.storage_problem.as_deref() == Some("damaged") {
            report_found(&mut tx, id).await?;
        }
        store::set_verified(&mut tx, id, digest, state.now()).await?;
    } else {
        verified.damaged += 1;
        report_loss(state, &mut tx, id, &row, Loss::Damaged, row.size_bytes).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn read(state: &AppState, row: &Row, verified: &mut Verified) -> Result<Bytes, Problem> {
    let Ok(key) = ObjectKey::parse(&row.object_key) else {
        return Ok(Bytes::Lost);
    };
    let error = match digest_of(state, &key, row.size_bytes, verified).await {
        Ok(bytes) => return Ok(bytes),
        Err(error) => error,
    };
    // A single bad object must not keep all others from being read.
    match state.storage().check().await {
        Ok(()) => Ok(Bytes::Unreadable),
        Err(_) => Err(error.into()),
    }
}

async fn digest_of(
    state: &AppState,
    key: &ObjectKey,
    size_bytes: i64,
    verified: &mut Verified,
) -> Result<Bytes, StorageError> {
    let mut object = match state.storage().get_stream(key, None).await {
        Err(StorageError::NotFound) => return Ok(Bytes::Lost),
        object => object?,
    };
    if object.stat.size_bytes.cast_signed() != size_bytes {
        return Ok(Bytes::Lost);
    }
    let mut hash = Sha256::new();
    while let Some(chunk) = object.bytes.next().await {
        let chunk = chunk.map_err(StorageError::unavailable)?;
        verified.bytes += chunk.len() as u64;
        hash = tokio::task::spawn_blocking(move || hash.chain_update(&chunk))
            .await
            .map_err(StorageError::unavailable)?;
    }
    Ok(Bytes::Digest(hash.finalize().into()))
}
