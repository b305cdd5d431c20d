//! How much is waiting, running and dead.

use sqlx::{PgConnection, Row};
use time::OffsetDateTime;

use crate::QueueError;

/// Where a job stands. Finished jobs are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobState {
    /// Waits for its time and a free slot.
    Ready,
    /// Held by a worker.
    Running,
    /// Given up.
    Dead,
}

/// The jobs of one kind in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueDepth {
    /// Their kind.
    pub kind: String,
    /// Their state.
    pub state: JobState,
    /// How many.
    pub jobs: i64,
    /// The earliest time one of them was to run: far in the past means that workers do not keep up.
    pub oldest_run_at: OffsetDateTime,
}

/// Depth of the queue by kind and state. Row-level security decides whose jobs are counted.
pub async fn queue_depth(conn: &mut PgConnection) -> Result<Vec<QueueDepth>, QueueError> {
    let rows = sqlx::query(
        "SELECT kind, state, count(*) AS jobs, min(run_at) AS oldest_run_at
         FROM jobs GROUP BY kind, state ORDER BY kind, state",
    )
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let state = match row.try_get::<&str, _>("state")? {
                "ready" => JobState::Ready,
                "running" => JobState::Running,
                _ => JobState::Dead,
            };
            let (kind, jobs) = (row.try_get("kind")?, row.try_get("jobs")?);
            Ok(QueueDepth {
                kind,
                state,
                jobs,
                oldest_run_at: row.try_get("oldest_run_at")?,
            })
        })
        .collect()
}
