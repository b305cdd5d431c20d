//! What can go wrong with the queue itself; what goes wrong in a job is [`crate::JobError`].

/// A call on the queue failed.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The database refused or could not be reached.
    #[error("the queue's database call failed")]
    Database(#[from] sqlx::Error),
    /// The job or its progress cannot be written as JSON.
    #[error("the job cannot be written as JSON")]
    Payload(#[from] serde_json::Error),
}

/// The worker was put together wrongly.
#[derive(Debug, thiserror::Error)]
pub enum WorkerConfigError {
    /// Two handlers for one kind.
    #[error("two handlers are registered for jobs of kind {0}")]
    DuplicateKind(&'static str),
    /// Two schedules of one name.
    #[error("two schedules are named {0}")]
    DuplicateSchedule(&'static str),
    /// A concurrency of zero, in total or for a kind: those jobs would wait for ever.
    #[error("a concurrency must be at least 1")]
    NoSlots,
    /// A scheduled job cannot be written as JSON.
    #[error("a scheduled job cannot be written as JSON")]
    Payload(#[from] serde_json::Error),
}
