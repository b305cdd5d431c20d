//! The worker: takes jobs as slots become free, runs them, and lets go of them in good order.

mod builder;
mod engine;
mod listen;
mod run_job;
mod schedule;

use std::{pin::Pin, sync::Arc, time::Duration};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use self::builder::WorkerBuilder;
use self::engine::Engine;
use crate::QueueError;

/// How long the first pause after a failed database call is; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Runs jobs until told to stop. Put together with [`Worker::builder`].
#[derive(Debug)]
pub struct Worker {
    engine: Arc<Engine>,
}

impl Worker {
    /// Starts putting a worker together. Of `pool` only the connection options are used: the worker opens connections
    /// of its own, on which row-level security knows it as the worker.
    pub fn builder(pool: &sqlx::PgPool) -> WorkerBuilder {
        WorkerBuilder::new(pool)
    }

    /// Works until `shutdown` is cancelled. Then takes no more jobs, gives those under way the grace time, tells them
    /// to stop, and gives back what is left: ready again, the attempt not counted. Dropping the future does the same
    /// without anyone waiting for it.
    pub async fn run(self, shutdown: CancellationToken) {
        let engine = self.engine;
        let (claiming, serving) = (shutdown.child_token(), CancellationToken::new());
        let _when_dropped = (
            claiming.clone().drop_guard(),
            engine.release.clone().drop_guard(),
        );
        let _helpers_end_with_us = serving.clone().drop_guard();

        let helpers = TaskTracker::new();
        let until = |end: &CancellationToken, work| {
            helpers.spawn(end.clone().run_until_cancelled_owned(work))
        };
        until(
            &claiming,
            boxed(listen::wake_on_notify(Arc::clone(&engine))),
        );
        until(
            &claiming,
            boxed(schedule::queue_when_due(Arc::clone(&engine))),
        );
        until(&claiming, boxed(sweep_leases(Arc::clone(&engine))));
        until(&serving, boxed(renew_leases(Arc::clone(&engine))));
        helpers.close();

        take_jobs(&engine, &claiming).await;
        engine.jobs.close();
        if tokio::time::timeout(engine.grace, engine.jobs.wait())
            .await
            .is_err()
        {
            tracing::info!(
                jobs = engine.jobs.len(),
                "stopping jobs that outlast the grace time"
            );
            engine.release.cancel();
            engine.jobs.wait().await;
        }
        serving.cancel();
        helpers.wait().await;
    }
}

/// Claims for the free slots whenever one becomes free, a commit announces jobs, or the poll interval has passed.
async fn take_jobs(engine: &Arc<Engine>, claiming: &CancellationToken) {
    let mut pause = FIRST_PAUSE;
    while !claiming.is_cancelled() {
        let wait = match engine.claim_for_free_slots().await {
            Ok(jobs) if !jobs.is_empty() => {
                for job in jobs {
                    engine.start(job);
                }
                pause = FIRST_PAUSE;
                continue;
            }
            Ok(_) => {
                pause = FIRST_PAUSE;
                engine.poll_interval
            }
            Err(error) => {
                tracing::warn!(%error, cause = cause(&error), "could not claim jobs; trying again");
                let wait = pause;
                pause = (pause * 2).min(LONGEST_PAUSE);
                wait
            }
        };
        tokio::select! {
            () = claiming.cancelled() => {}
            () = engine.wake.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

async fn renew_leases(engine: Arc<Engine>) {
    loop {
        tokio::time::sleep(engine.lease / 3).await;
        if let Err(error) = engine.renew_leases().await {
            tracing::warn!(%error, cause = cause(&error), "could not renew leases; trying again");
        }
    }
}

async fn sweep_leases(engine: Arc<Engine>) {
    loop {
        if let Err(error) = engine.sweep_expired_leases().await {
            tracing::warn!(%error, cause = cause(&error), "could not sweep expired leases; trying again");
        }
        tokio::time::sleep(engine.lease / 4).await;
    }
}

fn boxed(
    work: impl Future<Output = ()> + Send + 'static,
) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(work)
}

/// The database's own words; they hold no parameters.
fn cause(error: &QueueError) -> String {
    std::error::Error::source(error)
        .map(ToString::to_string)
        .unwrap_or_default()
}
