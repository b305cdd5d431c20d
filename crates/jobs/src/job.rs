//! What a job is, what its handler is given, and how it may fail.

use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{QueueError, lease::Lease};

/// Something to be done later. Its fields are the payload: ids and settings, never secrets or content.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Name of the kind, at most 64 characters. Stored: renaming it strands the jobs queued under the old name.
    const KIND: &'static str;
    /// Runs that may fail before the job is dead. At least 1.
    const MAX_ATTEMPTS: i32 = 5;
    /// Smaller goes first, whoever's turn it is.
    const PRIORITY: i16 = 0;
    /// A run that takes longer is stopped and counts as failed.
    const TIMEOUT: Duration = Duration::from_mins(10);
}

/// Why a run did not succeed. The codes are stored and shown, so they are fixed words, never content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobError {
    /// Try again after the usual back-off, as long as attempts are left.
    Retry(&'static str),
    /// Try again after this long (a service said when), as long as attempts are left.
    RetryAfter(Duration, &'static str),
    /// Trying again is pointless: dead at once.
    Fail(&'static str),
}

/// One run of a job, as its handler sees it.
#[derive(Debug, Clone)]
pub struct JobContext {
    pub(crate) lease: Lease,
    pub(crate) max_attempts: i32,
    pub(crate) user_id: Option<Uuid>,
    pub(crate) cancelled: CancellationToken,
    pub(crate) pool: sqlx::PgPool,
}

impl JobContext {
    /// The job's id, the same in every attempt.
    pub fn id(&self) -> i64 {
        self.lease.job_id
    }

    /// Which attempt this is, from 1.
    pub fn attempt(&self) -> i32 {
        self.lease.attempt
    }

    /// How many attempts there may be.
    pub fn max_attempts(&self) -> i32 {
        self.max_attempts
    }

    /// Whether a failure now is final.
    pub fn is_last_attempt(&self) -> bool {
        self.lease.attempt >= self.max_attempts
    }

    /// On whose behalf; `None` for the system.
    pub fn user_id(&self) -> Option<Uuid> {
        self.user_id
    }

    /// Cancelled when the run should end: it took too long, lost its lease, or the worker is stopping. The handler is
    /// stopped shortly after, at its next await.
    pub fn cancelled(&self) -> &CancellationToken {
        &self.cancelled
    }

    /// Stores progress for the user to see, in a shape of the job's own. Answers `false` once the lease is lost.
    pub async fn progress(&self, progress: &impl Serialize) -> Result<bool, QueueError> {
        self.lease
            .report(&self.pool, &serde_json::to_value(progress)?)
            .await
    }
}
