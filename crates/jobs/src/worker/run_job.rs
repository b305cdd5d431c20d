//! One run of one job: its time limit, its panics, and how it ends.

use std::time::Duration;

use tokio::{
    task::JoinError,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{FIRST_PAUSE, LONGEST_PAUSE, cause, engine::Engine};
use crate::{
    JobContext, JobError, QueueError,
    lease::{Claimed, GiveBack, Lease},
};

/// How long a run that was told to stop may take to do so.
const COURTESY: Duration = Duration::from_secs(2);
/// How long a worker that is stopping tries to record how its runs ended.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// How a run ended.
#[derive(Debug, Clone, Copy)]
enum Ending {
    Done,
    Failed(JobError),
    /// Not the job's fault: it waits again as if this run had not been.
    Released,
    /// Another worker has the job now; it is none of our business any more.
    Lost,
}

/// Runs `job` and records how that ended.
pub(super) async fn run(engine: &Engine, job: Claimed, lost: &CancellationToken) {
    let (lease, max_attempts) = (job.lease, job.max_attempts);
    let span = tracing::info_span!(
        "job",
        id = lease.job_id,
        kind = job.kind,
        attempt = lease.attempt
    );
    async {
        let started = Instant::now();
        let ending = end_of_run(engine, job, lost).await;
        tracing::debug!(
            ?ending,
            elapsed_ms = started.elapsed().as_millis() as u64,
            "run ended"
        );
        record(engine, &lease, max_attempts, ending, lost).await;
    }
    .instrument(span)
    .await;
}

async fn end_of_run(engine: &Engine, job: Claimed, lost: &CancellationToken) -> Ending {
    let Some(registered) = engine.registered.get(job.kind.as_str()) else {
        return Ending::Released;
    };
    let cancelled = CancellationToken::new();
    let context = JobContext {
        lease: job.lease,
        max_attempts: job.max_attempts,
        user_id: job.user_id,
        cancelled: cancelled.clone(),
        pool: engine.pool.clone(),
    };
    // A task of its own, so that a panic ends the run and nothing else. The handler may panic before its first await.
    let (handler, payload) = (registered.handler.clone(), job.payload);
    let run = async move { handler(payload, context).await };
    let mut run = tokio::spawn(run.in_current_span());
    let interrupted = tokio::select! {
        ended = &mut run => return ending_of(ended),
        () = sleep(registered.timeout) => Ending::Failed(JobError::Retry("timeout")),
        () = lost.cancelled() => Ending::Lost,
        () = engine.release.cancelled() => Ending::Released,
    };
    cancelled.cancel();
    let ended = timeout(COURTESY, &mut run).await;
    run.abort();
    match ended {
        // It was as good as done: better to say so than to do it all again.
        Ok(Ok(Ok(()))) => Ending::Done,
        _ => interrupted,
    }
}

fn ending_of(ended: Result<Result<(), JobError>, JoinError>) -> Ending {
    match ended {
        Ok(Ok(())) => Ending::Done,
        Ok(Err(error)) => Ending::Failed(error),
        Err(error) if error.is_panic() => Ending::Failed(JobError::Retry("panic")),
        // The runtime is shutting down.
        Err(_) => Ending::Released,
    }
}

/// Writes the ending down. While the database is away it keeps trying as long as the lease can still be ours.
async fn record(
    engine: &Engine,
    lease: &Lease,
    max_attempts: i32,
    ending: Ending,
    lost: &CancellationToken,
) {
    let (first_try, mut pause) = (Instant::now(), FIRST_PAUSE);
    loop {
        match write(engine, lease, max_attempts, ending).await {
            Ok(true) => return,
            Ok(false) => {
                return tracing::warn!(
                    "the job was taken over; the result of this run is discarded"
                );
            }
            Err(error) => {
                let stopping = engine.release.is_cancelled();
                let patience = if stopping {
                    LAST_WORDS
                } else {
                    engine.lease * 2
                };
                if lost.is_cancelled() || first_try.elapsed() > patience {
                    return tracing::error!(%error, cause = cause(&error), "could not record how the job ended");
                }
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Answers `false` if the lease was lost.
async fn write(
    engine: &Engine,
    lease: &Lease,
    max_attempts: i32,
    ending: Ending,
) -> Result<bool, QueueError> {
    let again = |delay, error| GiveBack {
        delay,
        refund: false,
        error: Some(error),
    };
    match ending {
        Ending::Done => lease.complete(&engine.pool).await,
        Ending::Released => {
            lease
                .give_back(
                    &engine.pool,
                    GiveBack {
                        delay: Duration::ZERO,
                        refund: true,
                        error: None,
                    },
                )
                .await
        }
        Ending::Lost => Ok(false),
        Ending::Failed(JobError::Fail(code)) => engine.bury(lease, code).await,
        Ending::Failed(JobError::Retry(code) | JobError::RetryAfter(_, code))
            if lease.attempt >= max_attempts =>
        {
            engine.bury(lease, code).await
        }
        Ending::Failed(JobError::Retry(code)) => {
            lease
                .give_back(&engine.pool, again(engine.back_off(lease.attempt), code))
                .await
        }
        Ending::Failed(JobError::RetryAfter(delay, code)) => {
            lease.give_back(&engine.pool, again(delay, code)).await
        }
    }
}
