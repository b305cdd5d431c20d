//! A run's hold on its job: claimed, renewed, and ended. Every ending is fenced, so a run that lost its job to another
//! changes nothing.

use std::time::Duration;

use serde_json::Value;
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use crate::QueueError;

/// How many candidates beyond the free slots a claim looks at, so that workers claiming at once do not all reach for
/// the same rows and go away empty.
const CLAIM_SLACK: i64 = 32;

/// How many abandoned jobs one sweep takes up.
const SWEEP_LIMIT: i64 = 100;

/// Which attempt at which job a worker holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, FromRow)]
pub(crate) struct Lease {
    #[sqlx(rename = "id")]
    pub(crate) job_id: i64,
    pub(crate) worker: Uuid,
    #[sqlx(rename = "attempts")]
    pub(crate) attempt: i32,
}

/// A job this worker now holds.
#[derive(Debug, FromRow)]
pub(crate) struct Claimed {
    #[sqlx(flatten)]
    pub(crate) lease: Lease,
    pub(crate) kind: String,
    pub(crate) payload: Value,
    pub(crate) user_id: Option<Uuid>,
    pub(crate) max_attempts: i32,
}

/// How a job goes back to waiting.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GiveBack {
    pub(crate) delay: Duration,
    /// Whether the run does not count as an attempt.
    pub(crate) refund: bool,
    pub(crate) error: Option<&'static str>,
}

/// Takes up to `limit` due jobs, and of each kind up to its free slots. Lanes (users) take turns: the one with the
/// fewest jobs running and chosen comes first.
pub(crate) async fn claim(
    pool: &PgPool,
    worker: Uuid,
    lease: Duration,
    free_by_kind: &[(&'static str, usize)],
    limit: usize,
) -> Result<Vec<Claimed>, QueueError> {
    let (kinds, free): (Vec<&str>, Vec<i64>) = free_by_kind
        .iter()
        .map(|(kind, free)| (*kind, *free as i64))
        .unzip();
    // `lanes` hops through the index from one user with waiting jobs to the next, and only the heads of the lanes are
    // looked at, so the cost of a claim does not depend on how many jobs each has waiting. The subqueries that lock
    // and that look for a running twin are written so that no statistics can turn them into scans of the table.
    let claimed = sqlx::query_as(
        "WITH RECURSIVE
         wanted AS (SELECT kind, free FROM unnest($1::text[], $2::bigint[]) AS wanted (kind, free)),
         lanes AS (
             SELECT wanted.kind, wanted.free, first.lane
             FROM wanted CROSS JOIN LATERAL (
                 SELECT lane FROM jobs WHERE state = 'ready' AND kind = wanted.kind
                 ORDER BY lane LIMIT 1) AS first
             UNION ALL
             SELECT lanes.kind, lanes.free, next.lane
             FROM lanes CROSS JOIN LATERAL (
                 SELECT lane FROM jobs WHERE state = 'ready' AND kind = lanes.kind AND lane > lanes.lane
                 ORDER BY lane LIMIT 1) AS next
         ),
         busy AS (SELECT lane, count(*) AS running FROM jobs WHERE state = 'running' GROUP BY lane),
         due AS (
             SELECT lanes.kind, lanes.free, head.*, coalesce(busy.running, 0) + row_number() OVER (
                        PARTITION BY lanes.lane ORDER BY head.priority, head.run_at, head.id) AS turn
             FROM lanes
             LEFT JOIN busy ON busy.lane = lanes.lane
             CROSS JOIN LATERAL (
                 SELECT id, priority, run_at FROM jobs
                 WHERE state = 'ready' AND kind = lanes.kind AND lane = lanes.lane AND run_at <= now()
                   AND (dedupe_key IS NULL OR NOT EXISTS (
                       SELECT FROM jobs AS twin
                       WHERE twin.state = 'running' AND twin.kind = jobs.kind AND twin.lane = jobs.lane
                         AND twin.dedupe_key = jobs.dedupe_key))
                 ORDER BY run_at, id LIMIT 1 + ($3 + $4) / (SELECT count(*) FROM lanes)) AS head
         ),
         ranked AS (
             SELECT *, row_number() OVER (PARTITION BY kind ORDER BY priority, turn, run_at, id) AS place FROM due
         ),
         candidates AS MATERIALIZED (
             SELECT id, kind, free, place FROM ranked WHERE place <= free + $4
             ORDER BY priority, turn, run_at, id
         ),
         locked AS MATERIALIZED (
             SELECT candidates.* FROM candidates CROSS JOIN LATERAL (
                 SELECT FROM jobs WHERE jobs.id = candidates.id AND state = 'ready' AND run_at <= now()
                 FOR UPDATE SKIP LOCKED) AS held
             LIMIT $3
         ),
         chosen AS (
             SELECT id FROM (
                 SELECT id, free, row_number() OVER (PARTITION BY kind ORDER BY place) AS taken FROM locked) AS counted
             WHERE taken <= free
         )
         UPDATE jobs SET state = 'running', worker = $5, lease_until = now() + make_interval(secs => $6),
                attempts = attempts + 1, started_at = now(), progress = NULL
         WHERE id = ANY (ARRAY(SELECT id FROM chosen))
         RETURNING id, worker, attempts, kind, payload, user_id, max_attempts",
    )
    .bind(kinds)
    .bind(free)
    .bind(limit as i64)
    .bind(CLAIM_SLACK)
    .bind(worker)
    .bind(lease.as_secs_f64())
    .fetch_all(pool)
    .await?;
    Ok(claimed)
}

/// Extends the leases and answers which of them are still held.
pub(crate) async fn renew(
    pool: &PgPool,
    leases: &[Lease],
    lease: Duration,
) -> Result<Vec<Lease>, QueueError> {
    let renewed = sqlx::query_as(
        "UPDATE jobs SET lease_until = now() + make_interval(secs => $4)
         FROM unnest($1::bigint[], $2::uuid[], $3::int[]) AS held (id, worker, attempts)
         WHERE jobs.id = held.id AND jobs.worker = held.worker AND jobs.attempts = held.attempts
           AND jobs.state = 'running'
         RETURNING jobs.id, jobs.worker, jobs.attempts",
    )
    .bind(leases.iter().map(|lease| lease.job_id).collect::<Vec<_>>())
    .bind(leases.iter().map(|lease| lease.worker).collect::<Vec<_>>())
    .bind(leases.iter().map(|lease| lease.attempt).collect::<Vec<_>>())
    .bind(lease.as_secs_f64())
    .fetch_all(pool)
    .await?;
    Ok(renewed)
}

/// Leases whose worker has not renewed them in time, with the attempts their jobs may have.
pub(crate) async fn expired(pool: &PgPool) -> Result<Vec<(Lease, i32)>, QueueError> {
    #[derive(FromRow)]
    struct Expired {
        #[sqlx(flatten)]
        lease: Lease,
        max_attempts: i32,
    }
    let expired: Vec<Expired> = sqlx::query_as(
        "SELECT id, worker, attempts, max_attempts FROM jobs
         WHERE state = 'running' AND lease_until < now() ORDER BY lease_until LIMIT $1",
    )
    .bind(SWEEP_LIMIT)
    .fetch_all(pool)
    .await?;
    Ok(expired
        .into_iter()
        .map(|expired| (expired.lease, expired.max_attempts))
        .collect())
}

impl Lease {
    /// The work is done: the job goes. Answers `false` if the lease was lost, here and below.
    pub(crate) async fn complete(&self, pool: &PgPool) -> Result<bool, QueueError> {
        let query = sqlx::query(
            "DELETE FROM jobs WHERE id = $1 AND worker = $2 AND attempts = $3 AND state = 'running'",
        );
        let result = query
            .bind(self.job_id)
            .bind(self.worker)
            .bind(self.attempt)
            .execute(pool)
            .await?;
        Ok(result.rows_affected() == 1)
    }

    /// The job waits again. Should an equal one have been queued meanwhile, that one does the work.
    pub(crate) async fn give_back(&self, pool: &PgPool, how: GiveBack) -> Result<bool, QueueError> {
        let updated = sqlx::query(
            "UPDATE jobs SET state = 'ready', worker = NULL, lease_until = NULL,
                    run_at = now() + make_interval(secs => $4), attempts = attempts - $5,
                    last_error = coalesce($6, last_error)
             WHERE id = $1 AND worker = $2 AND attempts = $3 AND state = 'running'",
        )
        .bind(self.job_id)
        .bind(self.worker)
        .bind(self.attempt)
        .bind(how.delay.as_secs_f64())
        .bind(i32::from(how.refund))
        .bind(how.error)
        .execute(pool)
        .await;
        match updated {
            Err(sqlx::Error::Database(error)) if error.constraint() == Some("jobs_ready_once") => {
                self.complete(pool).await
            }
            updated => Ok(updated?.rows_affected() == 1),
        }
    }

    /// The job is given up and kept for someone to look at.
    pub(crate) async fn bury(
        &self,
        pool: &PgPool,
        error: &'static str,
    ) -> Result<bool, QueueError> {
        let result = sqlx::query(
            "UPDATE jobs SET state = 'dead', worker = NULL, lease_until = NULL, died_at = now(), last_error = $4
             WHERE id = $1 AND worker = $2 AND attempts = $3 AND state = 'running'",
        )
        .bind(self.job_id)
        .bind(self.worker)
        .bind(self.attempt)
        .bind(error)
        .execute(pool)
        .await?;
        Ok(result.rows_affected() == 1)
    }

    pub(crate) async fn report(&self, pool: &PgPool, progress: &Value) -> Result<bool, QueueError> {
        let result = sqlx::query(
            "UPDATE jobs SET progress = $4 WHERE id = $1 AND worker = $2 AND attempts = $3 AND state = 'running'",
        )
        .bind(self.job_id)
        .bind(self.worker)
        .bind(self.attempt)
        .bind(progress)
        .execute(pool)
        .await?;
        Ok(result.rows_affected() == 1)
    }
}
