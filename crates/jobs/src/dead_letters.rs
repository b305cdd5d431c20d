//! Jobs that were given up: shown to an admin, and tried again when the cause is gone.

use sqlx::{FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{CHANNEL, QueueError};

/// A job whose attempts are used up, or that failed for good.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct DeadJob {
    /// Its id.
    pub id: i64,
    /// Its kind.
    pub kind: String,
    /// On whose behalf it ran.
    pub user_id: Option<Uuid>,
    /// How often it was tried.
    pub attempts: i32,
    /// The code of the last failure.
    pub last_error: String,
    /// When it was queued.
    pub created_at: OffsetDateTime,
    /// When it was given up.
    pub died_at: OffsetDateTime,
    /// What it was to do.
    pub payload: serde_json::Value,
}

/// What became of a dead job that was to be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retried {
    /// It waits again, with all its attempts.
    Queued,
    /// An equal job waits already; the dead one is gone.
    AlreadyQueued,
    /// No dead job of that id (that the caller may see).
    NotFound,
}

/// Dead jobs with an id below `before_id` (`None`: from the newest), newest first. Row-level security decides whose.
pub async fn dead_letters(
    conn: &mut PgConnection,
    before_id: Option<i64>,
    limit: i64,
) -> Result<Vec<DeadJob>, QueueError> {
    let dead = sqlx::query_as(
        "SELECT id, kind, user_id, attempts, coalesce(last_error, '') AS last_error, created_at, died_at, payload
         FROM jobs WHERE state = 'dead' AND id < coalesce($1, 9223372036854775807)
         ORDER BY id DESC LIMIT $2",
    )
    .bind(before_id)
    .bind(limit)
    .fetch_all(conn)
    .await?;
    Ok(dead)
}

/// One dead job, if it still is.
pub(crate) async fn dead_letter(
    conn: &mut PgConnection,
    id: i64,
) -> Result<Option<DeadJob>, QueueError> {
    Ok(dead_letters(conn, Some(id.saturating_add(1)), 1)
        .await?
        .into_iter()
        .find(|dead| dead.id == id))
}

/// Queues a dead job again, for now and with fresh attempts.
pub async fn retry_dead(conn: &mut PgConnection, id: i64) -> Result<Retried, QueueError> {
    let queued = sqlx::query(
        "WITH queued AS (
             UPDATE jobs SET state = 'ready', run_at = now(), attempts = 0, died_at = NULL
             WHERE id = $1 AND state = 'dead' AND NOT EXISTS (
                 SELECT FROM jobs AS twin WHERE twin.state = 'ready' AND twin.kind = jobs.kind
                    AND twin.lane = jobs.lane AND twin.dedupe_key = jobs.dedupe_key)
             RETURNING id
         )
         SELECT id, pg_notify($2, '') FROM queued",
    )
    .bind(id)
    .bind(CHANNEL)
    .fetch_optional(&mut *conn)
    .await?;
    if queued.is_some() {
        return Ok(Retried::Queued);
    }
    let removed = sqlx::query("DELETE FROM jobs WHERE id = $1 AND state = 'dead'")
        .bind(id)
        .execute(conn)
        .await?;
    Ok(if removed.rows_affected() == 1 {
        Retried::AlreadyQueued
    } else {
        Retried::NotFound
    })
}
