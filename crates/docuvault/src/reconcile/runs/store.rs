//! The rows of runs: taken, moved on, ended. Every change but the taking is fenced.

use time::OffsetDateTime;
use uuid::Uuid;

use super::{GIVEN_UP_AFTER, HELD, Page, Run, Step};
use crate::{
    app::AppState,
    db::UserTx,
    http::Problem,
    reconcile::{
        RunReport,
        store::{Found, begin_as_system},
    },
};

const RUNS_KEPT: i64 = 100;

/// The run that is open, if whoever held it is gone or this very job; else a new one. `None`: another is at work.
pub async fn take(state: &AppState, job: Option<i64>) -> Result<Option<Run>, Problem> {
    let mut tx = begin_as_system(state).await?;
    let now = state.now();
    sqlx::query!(
        "UPDATE storage_runs SET finished_at = $1, error = coalesce(error, 'given_up')
          WHERE finished_at IS NULL AND held_until < now() - make_interval(secs => $2)",
        now,
        GIVEN_UP_AFTER.as_secs_f64()
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "INSERT INTO storage_runs (id, started_at, job_id, fence, held_until) VALUES ($1, $2, $3, 0, now() - interval '1 second')
         ON CONFLICT ((true)) WHERE finished_at IS NULL DO NOTHING",
        Uuid::now_v7(),
        now,
        job
    )
    .execute(tx.conn())
    .await?;
    let taken = sqlx::query!(
        "UPDATE storage_runs SET fence = fence + 1, job_id = $1, held_until = now() + make_interval(secs => $2)
          WHERE finished_at IS NULL AND (held_until < now() OR job_id = $1) RETURNING id, fence, started_at, step, reached",
        job,
        HELD.as_secs_f64()
    )
    .fetch_optional(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(taken.map(|row| Run {
        id: row.id,
        fence: row.fence,
        started_at: row.started_at,
        step: Step::from_name(&row.step),
        reached: row.reached,
    }))
}

/// Keeps where the run has come to, with what the page added. False: another has taken it over.
pub async fn advance(state: &AppState, run: &Run, page: &Page) -> Result<bool, Problem> {
    let mut tx = begin_as_system(state).await?;
    let counted = page.counted;
    let moved = sqlx::query!(
        "UPDATE storage_runs SET step = $3, reached = $4, held_until = now() + make_interval(secs => $5), error = NULL,
                objects = CASE WHEN $12 THEN 0 ELSE objects + $6 END, bytes = CASE WHEN $12 THEN 0 ELSE bytes + $7 END,
                orphans = CASE WHEN $12 THEN 0 ELSE orphans + $8 END, orphan_bytes = CASE WHEN $12 THEN 0 ELSE orphan_bytes + $9 END,
                unfinished_uploads = unfinished_uploads + $10, removed = removed + $11
          WHERE id = $1 AND fence = $2 AND finished_at IS NULL",
        run.id,
        run.fence,
        run.step.name(),
        run.reached,
        HELD.as_secs_f64(),
        counted.objects,
        counted.bytes,
        counted.orphans,
        counted.orphan_bytes,
        counted.unfinished_uploads,
        counted.removed,
        page.from_the_start
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    tx.commit().await?;
    Ok(moved == 1)
}

/// What the listing has counted.
pub async fn objects_and_orphans(state: &AppState, run: &Run) -> Result<(i64, i64), Problem> {
    let mut tx = begin_as_system(state).await?;
    let row = sqlx::query!(
        "SELECT objects, orphans FROM storage_runs WHERE id = $1",
        run.id
    )
    .fetch_one(tx.conn())
    .await?;
    tx.commit().await?;
    Ok((row.objects, row.orphans))
}

/// Why it cannot go on just now. It is let go of, so that whoever tries next need not wait; for good after the last attempt.
pub async fn note_error(
    state: &AppState,
    run: &Run,
    code: &str,
    for_good: bool,
) -> Result<(), Problem> {
    let mut tx = begin_as_system(state).await?;
    sqlx::query!(
        "UPDATE storage_runs SET error = $3, held_until = now(), finished_at = CASE WHEN $4 THEN $5::timestamptz END WHERE id = $1 AND fence = $2 AND finished_at IS NULL",
        run.id,
        run.fence,
        code,
        for_good,
        state.now()
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Ends it, and forgets the oldest runs. `None`: another has taken it over.
pub async fn finish(
    tx: &mut UserTx,
    run: &Run,
    found: &Found,
    left_undone: Option<&str>,
    now: OffsetDateTime,
) -> Result<Option<RunReport>, Problem> {
    let report = sqlx::query_as!(
        RunReport,
        r#"UPDATE storage_runs SET finished_at = $3, missing = $4, wrong_size = $5, damaged = $6, error = $7, held_until = now()
            WHERE id = $1 AND fence = $2 AND finished_at IS NULL
        RETURNING started_at, finished_at, objects, bytes, orphans, orphan_bytes, missing, wrong_size, damaged, unfinished_uploads, removed, error"#,
        run.id,
        run.fence,
        now,
        found.missing,
        found.wrong_size,
        found.damaged,
        left_undone
    )
    .fetch_optional(tx.conn())
    .await?;
    sqlx::query!(
        "DELETE FROM storage_runs WHERE id < (SELECT kept.id FROM storage_runs AS kept WHERE kept.id <= $1 ORDER BY kept.id DESC OFFSET $2 LIMIT 1)",
        run.id,
        RUNS_KEPT
    )
    .execute(tx.conn())
    .await?;
    Ok(report)
}
