//! Queues jobs by the clock, once across all processes.

use std::{sync::Arc, time::Duration};

use time::OffsetDateTime;

use super::{FIRST_PAUSE, LONGEST_PAUSE, builder::Scheduled, cause, engine::Engine};
use crate::{EnqueueOptions, QueueError, enqueue};

/// However far the next point is, this soon we look again: the machine's clock is not the database's.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);
/// Points are kept this long, far longer than any clock is off.
const KEPT_DAYS: i32 = 30;

/// Queues what has fallen due, then sleeps until something does.
pub(super) async fn queue_when_due(engine: Arc<Engine>) {
    let mut pause = FIRST_PAUSE;
    loop {
        let sleep = match queue_all_due(&engine).await {
            Ok(()) => {
                pause = FIRST_PAUSE;
                until_next(&engine.scheduled, OffsetDateTime::now_utc())
            }
            Err(error) => {
                tracing::warn!(%error, cause = cause(&error), "could not queue scheduled jobs; trying again");
                let sleep = pause;
                pause = (pause * 2).min(LONGEST_PAUSE);
                sleep
            }
        };
        tokio::time::sleep(sleep).await;
    }
}

fn until_next(scheduled: &[Scheduled], now: OffsetDateTime) -> Duration {
    scheduled
        .iter()
        .map(|one| one.cadence.until_next(now))
        .fold(LONGEST_SLEEP, Duration::min)
}

async fn queue_all_due(engine: &Engine) -> Result<(), QueueError> {
    for scheduled in &engine.scheduled {
        queue_if_due(engine, scheduled).await?;
    }
    Ok(())
}

/// The row of the point and its job commit together: whoever inserts the row first queues the job.
async fn queue_if_due(engine: &Engine, scheduled: &Scheduled) -> Result<(), QueueError> {
    let mut tx = engine.pool.begin().await?;
    let inserted = sqlx::query(
        "INSERT INTO job_schedule (name, slot)
         SELECT $1, to_timestamp(floor((extract(epoch FROM now()) - $3) / $2) * $2 + $3)
         ON CONFLICT DO NOTHING",
    )
    .bind(scheduled.name)
    .bind(scheduled.cadence.period_seconds)
    .bind(scheduled.cadence.offset_seconds)
    .execute(&mut *tx)
    .await?;
    if inserted.rows_affected() == 1 {
        let options = EnqueueOptions {
            dedupe_key: Some(scheduled.name.to_owned()),
            ..EnqueueOptions::default()
        };
        enqueue::insert(&mut tx, &scheduled.job, options).await?;
        let prune = "DELETE FROM job_schedule AS old WHERE name = $1 AND slot < now() - make_interval(days => $2)
                     AND EXISTS (SELECT FROM job_schedule AS new WHERE new.name = old.name AND new.slot > old.slot)";
        sqlx::query(prune)
            .bind(scheduled.name)
            .bind(KEPT_DAYS)
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await?;
    Ok(())
}
