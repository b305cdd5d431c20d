//! Queueing a job inside the transaction that creates the need for it.

use serde_json::Value;
use sqlx::{PgConnection, Row};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{CHANNEL, Job, QueueError};

/// When a job runs, for whom, and what it may coincide with.
#[derive(Debug, Clone, Default)]
pub struct EnqueueOptions {
    /// On whose behalf; row-level security lets a user's transaction queue only for that user.
    pub user_id: Option<Uuid>,
    /// Not before; `None` for at once.
    pub run_at: Option<OffsetDateTime>,
    /// At most one job of this kind, user and key waits at a time. One that is already *running* does not count: it
    /// may have missed what has changed since, so another run is queued behind it. At most 200 characters.
    pub dedupe_key: Option<String>,
}

/// What became of an enqueue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enqueued {
    /// The job that will do the work.
    pub id: i64,
    /// Whether that job was waiting already.
    pub was_waiting: bool,
}

/// A job as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct StoredJob {
    kind: &'static str,
    payload: Value,
    priority: i16,
    max_attempts: i32,
}

impl StoredJob {
    pub(crate) fn of<J: Job>(job: &J) -> Result<Self, serde_json::Error> {
        let payload = serde_json::to_value(job)?;
        Ok(Self {
            kind: J::KIND,
            payload,
            priority: J::PRIORITY,
            max_attempts: J::MAX_ATTEMPTS,
        })
    }
}

/// Queues `job`; it becomes visible to workers, and they are woken, when the caller's transaction commits.
///
/// Several jobs with dedupe keys in one transaction: queue them in a fixed order, since a waiting one is locked.
pub async fn enqueue<J: Job>(
    conn: &mut PgConnection,
    job: &J,
    options: EnqueueOptions,
) -> Result<Enqueued, QueueError> {
    insert(conn, &StoredJob::of(job)?, options).await
}

pub(crate) async fn insert(
    conn: &mut PgConnection,
    job: &StoredJob,
    options: EnqueueOptions,
) -> Result<Enqueued, QueueError> {
    // DO UPDATE rather than DO NOTHING: it locks the waiting job until this transaction commits. Otherwise a worker
    // could run it before then, without what this transaction writes, and the need would be lost.
    // PostgreSQL sends equal notifications of one transaction once.
    let row = sqlx::query(
        "WITH queued AS (
             INSERT INTO jobs (kind, payload, priority, max_attempts, user_id, run_at, dedupe_key)
             VALUES ($1, $2, $3, $4, $5, coalesce($6, now()), $7)
             ON CONFLICT (kind, lane, dedupe_key) WHERE state = 'ready' AND dedupe_key IS NOT NULL
             DO UPDATE SET run_at = least(jobs.run_at, excluded.run_at), payload = excluded.payload
             RETURNING id, xmax <> 0 AS was_waiting
         )
         SELECT id, was_waiting, pg_notify($8, '') FROM queued",
    )
    .bind(job.kind)
    .bind(&job.payload)
    .bind(job.priority)
    .bind(job.max_attempts)
    .bind(options.user_id)
    .bind(options.run_at)
    .bind(options.dedupe_key)
    .bind(CHANNEL)
    .fetch_one(conn)
    .await?;
    Ok(Enqueued {
        id: row.try_get("id")?,
        was_waiting: row.try_get("was_waiting")?,
    })
}
