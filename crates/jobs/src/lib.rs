//! A job queue in PostgreSQL: claim, lease, retry, schedule, dead letters. Knows nothing of what the jobs do.
//!
//! # How to
//! ```ignore
//! #[derive(Serialize, Deserialize)]
//! struct MakeThumbnail { document_id: Uuid }
//! impl Job for MakeThumbnail { const KIND: &'static str = "make_thumbnail"; }
//!
//! // In the transaction that creates the need: the job exists if and only if that commits.
//! enqueue(&mut *tx, &MakeThumbnail { document_id }, EnqueueOptions { user_id: Some(user_id), ..default() }).await?;
//!
//! // In the worker process, until `shutdown` is cancelled:
//! Worker::builder(&pool)
//!     .register(move |job: MakeThumbnail, context| make_thumbnail(state.clone(), job, context))
//!     .schedule("sweep", Cadence::every(Duration::from_mins(10)), Sweep {})
//!     .concurrency(8)
//!     .concurrency_of(MakeThumbnail::KIND, 2)
//!     .build()?
//!     .run(shutdown)
//!     .await;
//! ```
//!
//! # What holds
//! - **At least once.** A job runs until a run of it ends well, or its attempts are used up. Handlers are idempotent.
//! - **One at a time.** A run holds a lease that is renewed while it lasts. A run whose lease was lost can change
//!   nothing about its job any more (fencing by worker and attempt).
//! - **Users take turns**: however much one has queued, another's next job comes next.
//! - **Polling is the truth, NOTIFY a hint**: a lost notification costs one poll interval.
//! - **A database outage** is waited out.
//!
//! The tables are in `schema.sql` ([`SCHEMA`]). Their row-level security shows users their own jobs; the worker opens
//! connections of its own with `docuvault.worker = on`, so that the flag never reaches a connection a user's
//! transaction runs on.

mod cadence;
mod dead_letters;
mod enqueue;
mod error;
mod job;
mod lease;
mod stats;
mod worker;

pub use cadence::Cadence;
pub use dead_letters::{DeadJob, Retried, dead_letters, retry_dead};
pub use enqueue::{EnqueueOptions, Enqueued, enqueue};
pub use error::{QueueError, WorkerConfigError};
pub use job::{Job, JobContext, JobError};
pub use stats::{JobState, QueueDepth, queue_depth};
pub use worker::{Worker, WorkerBuilder};

/// The tables, indexes and policies, as SQL for a migration. Expects the role `docuvault_app`.
pub const SCHEMA: &str = include_str!("../schema.sql");

/// Where a commit that queued something is announced. The payload is empty: look into the table.
const CHANNEL: &str = "docuvault_jobs";
