//! Putting a worker together: which kinds it runs, how many at once, and what it queues by the clock.

use std::{collections::HashMap, pin::Pin, sync::Arc, time::Duration};

use serde_json::Value;
use sqlx::{PgPool, postgres::PgPoolOptions};

use super::{Worker, engine::Engine};
use crate::{Cadence, DeadJob, Job, JobContext, JobError, WorkerConfigError, enqueue::StoredJob};

/// Connections for the listener, claiming, leases, endings and the schedule.
const CONNECTIONS: u32 = 6;

type Running<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type Handler = Arc<dyn Fn(Value, JobContext) -> Running<Result<(), JobError>> + Send + Sync>;
pub(super) type DeathNotice = Arc<dyn Fn(DeadJob) -> Running<()> + Send + Sync>;

/// A kind and how to run it.
pub(super) struct Registered {
    pub(super) kind: &'static str,
    pub(super) timeout: Duration,
    pub(super) handler: Handler,
}

/// A job queued by the clock.
pub(super) struct Scheduled {
    pub(super) name: &'static str,
    pub(super) cadence: Cadence,
    pub(super) job: StoredJob,
}

/// Collects what a [`Worker`] needs.
pub struct WorkerBuilder {
    pool: PgPool,
    registered: Vec<Registered>,
    scheduled: Vec<(&'static str, Cadence, Result<StoredJob, serde_json::Error>)>,
    on_dead: Option<DeathNotice>,
    concurrency: usize,
    concurrency_of: HashMap<&'static str, usize>,
    poll_interval: Duration,
    lease: Duration,
    grace: Duration,
    longest_back_off: Duration,
}

impl std::fmt::Debug for WorkerBuilder {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("WorkerBuilder")
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}

impl WorkerBuilder {
    pub(super) fn new(pool: &PgPool) -> Self {
        Self {
            pool: pool.clone(),
            registered: Vec::new(),
            scheduled: Vec::new(),
            on_dead: None,
            concurrency: 4,
            concurrency_of: HashMap::new(),
            poll_interval: Duration::from_secs(1),
            lease: Duration::from_mins(1),
            grace: Duration::from_secs(20),
            longest_back_off: Duration::from_hours(1),
        }
    }

    /// Runs jobs of this kind with `handler`. Only registered kinds are taken. A panic counts as a failure.
    pub fn register<J, F>(
        mut self,
        handler: impl Fn(J, JobContext) -> F + Send + Sync + 'static,
    ) -> Self
    where
        J: Job,
        F: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        let handler: Handler =
            Arc::new(
                move |payload, context| match serde_json::from_value(payload) {
                    Ok(job) => Box::pin(handler(job, context)),
                    Err(_) => Box::pin(std::future::ready(Err(JobError::Fail("invalid_payload")))),
                },
            );
        self.registered.push(Registered {
            kind: J::KIND,
            timeout: J::TIMEOUT,
            handler,
        });
        self
    }

    /// Queues `job` at every point of `cadence`, once across all processes that schedule this name. A job that still
    /// waits when the next point comes is not queued twice.
    pub fn schedule<J: Job>(mut self, name: &'static str, cadence: Cadence, job: J) -> Self {
        self.scheduled.push((name, cadence, StoredJob::of(&job)));
        self
    }

    /// Called by whichever worker gives a job up, once that is committed; also for jobs whose worker died. Not called
    /// again if it fails or the process ends: [`crate::dead_letters()`] is the truth.
    pub fn on_dead<F>(mut self, notice: impl Fn(DeadJob) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.on_dead = Some(Arc::new(move |job| Box::pin(notice(job))));
        self
    }

    /// How many jobs run at once; 4 if not said.
    pub fn concurrency(mut self, jobs: usize) -> Self {
        self.concurrency = jobs;
        self
    }

    /// How many jobs of one kind run at once; as many as there are slots if not said.
    pub fn concurrency_of(mut self, kind: &'static str, jobs: usize) -> Self {
        self.concurrency_of.insert(kind, jobs);
        self
    }

    /// How long to wait for a notification before looking anyway; 1 s if not said.
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.poll_interval = interval;
        self
    }

    /// How long a job stays taken after its worker was last heard of; 60 s if not said. Renewed every third of it.
    pub fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease.max(Duration::from_millis(100));
        self
    }

    /// How long a shutdown waits for jobs under way; 20 s if not said.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// The back-off is 2^attempts seconds, at most this, times a random factor of ½ to 1; one hour if not said.
    pub fn longest_back_off(mut self, longest: Duration) -> Self {
        self.longest_back_off = longest;
        self
    }

    /// Checks it all; opens no connection yet, but must be called within the Tokio runtime.
    pub fn build(self) -> Result<Worker, WorkerConfigError> {
        if self.concurrency == 0 || self.concurrency_of.values().any(|jobs| *jobs == 0) {
            return Err(WorkerConfigError::NoSlots);
        }
        let mut registered = HashMap::new();
        for one in self.registered {
            let kind = one.kind;
            if registered.insert(kind, one).is_some() {
                return Err(WorkerConfigError::DuplicateKind(kind));
            }
        }
        let mut scheduled: Vec<Scheduled> = Vec::new();
        for (name, cadence, job) in self.scheduled {
            if scheduled.iter().any(|other| other.name == name) {
                return Err(WorkerConfigError::DuplicateSchedule(name));
            }
            scheduled.push(Scheduled {
                name,
                cadence,
                job: job?,
            });
        }
        let options = self.pool.connect_options().as_ref().clone();
        // To the planner a claim looks expensive; compiling it would take a hundred times as long as running it.
        let settings = [("docuvault.worker", "on"), ("jit", "off")];
        let options = options.application_name("docuvault-jobs").options(settings);
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(Duration::from_secs(5))
            .connect_lazy_with(options);
        Ok(Worker {
            engine: Arc::new(Engine {
                pool,
                worker: uuid::Uuid::new_v4(),
                registered,
                scheduled,
                on_dead: self.on_dead,
                concurrency: self.concurrency,
                concurrency_of: self.concurrency_of,
                poll_interval: self.poll_interval,
                lease: self.lease,
                grace: self.grace,
                longest_back_off: self.longest_back_off,
                running: std::sync::Mutex::default(),
                jobs: tokio_util::task::TaskTracker::new(),
                wake: tokio::sync::Notify::new(),
                release: tokio_util::sync::CancellationToken::new(),
            }),
        })
    }
}
