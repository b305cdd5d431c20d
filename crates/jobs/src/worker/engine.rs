//! The state all tasks of one worker share: what it can run, what it is running, and its leases.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sqlx::PgPool;
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use super::{
    builder::{DeathNotice, Registered, Scheduled},
    run_job,
};
use crate::{
    QueueError,
    dead_letters::dead_letter,
    lease::{self, Claimed, GiveBack, Lease},
};

pub(super) struct Engine {
    pub(super) pool: PgPool,
    pub(super) worker: Uuid,
    pub(super) registered: HashMap<&'static str, Registered>,
    pub(super) scheduled: Vec<Scheduled>,
    pub(super) on_dead: Option<DeathNotice>,
    pub(super) concurrency: usize,
    pub(super) concurrency_of: HashMap<&'static str, usize>,
    pub(super) poll_interval: Duration,
    pub(super) lease: Duration,
    pub(super) grace: Duration,
    pub(super) longest_back_off: Duration,
    pub(super) running: Mutex<HashMap<Lease, Running>>,
    pub(super) jobs: TaskTracker,
    /// A slot became free, or jobs were announced.
    pub(super) wake: Notify,
    /// The grace time is over: jobs under way are given back.
    pub(super) release: CancellationToken,
}

/// A job under way.
pub(super) struct Running {
    kind: &'static str,
    lost: CancellationToken,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Engine")
            .field("worker", &self.worker)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// Never held across an await, and nothing panics while it is held.
    fn running(&self) -> MutexGuard<'_, HashMap<Lease, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Free slots in total, and of each kind that has any.
    fn free_slots(&self) -> (usize, Vec<(&'static str, usize)>) {
        let running = self.running();
        let free = self.concurrency.saturating_sub(running.len());
        let free_of = |kind: &'static str| {
            let taken = running.values().filter(|job| job.kind == kind).count();
            self.concurrency_of
                .get(kind)
                .map_or(free, |limit| limit.saturating_sub(taken).min(free))
        };
        let by_kind = self
            .registered
            .keys()
            .map(|kind| (*kind, free_of(kind)))
            .filter(|(_, free)| *free > 0);
        (free, by_kind.collect())
    }

    pub(super) async fn claim_for_free_slots(&self) -> Result<Vec<Claimed>, QueueError> {
        let (free, by_kind) = self.free_slots();
        if by_kind.is_empty() {
            return Ok(Vec::new());
        }
        lease::claim(&self.pool, self.worker, self.lease, &by_kind, free).await
    }

    /// Runs a claimed job as a task of its own.
    pub(super) fn start(self: &Arc<Self>, job: Claimed) {
        // Only registered kinds are claimed.
        let Some((kind, _)) = self.registered.get_key_value(job.kind.as_str()) else {
            return;
        };
        let lost = CancellationToken::new();
        self.running().insert(
            job.lease,
            Running {
                kind,
                lost: lost.clone(),
            },
        );
        let engine = Arc::clone(self);
        self.jobs.spawn(async move {
            let lease = job.lease;
            run_job::run(&engine, job, &lost).await;
            engine.running().remove(&lease);
            engine.wake.notify_one();
        });
    }

    /// Renews the leases of all jobs under way, and tells those that have lost theirs.
    pub(super) async fn renew_leases(&self) -> Result<(), QueueError> {
        let held: Vec<Lease> = self.running().keys().copied().collect();
        if held.is_empty() {
            return Ok(());
        }
        let renewed: HashSet<Lease> = lease::renew(&self.pool, &held, self.lease)
            .await?
            .into_iter()
            .collect();
        let running = self.running();
        for lease in held.iter().filter(|lease| !renewed.contains(lease)) {
            if let Some(job) = running.get(lease) {
                job.lost.cancel();
            }
        }
        Ok(())
    }

    /// Takes jobs away from workers that are no longer heard of. Their attempt counts: it may be the job that kills.
    pub(super) async fn sweep_expired_leases(&self) -> Result<(), QueueError> {
        const ERROR: &str = "lease_expired";
        for (lease, max_attempts) in lease::expired(&self.pool).await? {
            if lease.attempt >= max_attempts {
                self.bury(&lease, ERROR).await?;
            } else {
                let delay = self.back_off(lease.attempt);
                lease
                    .give_back(
                        &self.pool,
                        GiveBack {
                            delay,
                            refund: false,
                            error: Some(ERROR),
                        },
                    )
                    .await?;
            }
            tracing::warn!(
                job = lease.job_id,
                attempt = lease.attempt,
                "a worker went away in the middle of a job"
            );
        }
        self.wake.notify_one();
        Ok(())
    }

    /// Gives the job up and tells whoever wants to know. Answers `false` if the lease was lost.
    pub(super) async fn bury(
        &self,
        lease: &Lease,
        error: &'static str,
    ) -> Result<bool, QueueError> {
        let buried = lease.bury(&self.pool, error).await?;
        if buried && let Some(notice) = &self.on_dead {
            let mut conn = self.pool.acquire().await?;
            if let Some(dead) = dead_letter(&mut conn, lease.job_id).await? {
                drop(conn);
                self.jobs.spawn(notice(dead));
            }
        }
        Ok(buried)
    }

    /// 2^attempt seconds up to the longest, times ½ to 1, so that jobs that failed together do not return together.
    pub(super) fn back_off(&self, attempt: i32) -> Duration {
        let seconds = 2_f64.powi(attempt).min(self.longest_back_off.as_secs_f64());
        Duration::from_secs_f64(seconds * rand::random_range(0.5..1.0))
    }
}
