//! Jobs that record their runs, and workers that run them.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use docuvault_jobs::{EnqueueOptions, Job, JobContext, JobError, Worker, WorkerBuilder};
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::database::Database;

/// A job with a number to recognise it by.
#[derive(Debug, Serialize, Deserialize)]
pub struct Numbered {
    pub number: usize,
}

impl Job for Numbered {
    const KIND: &'static str = "numbered";
    const MAX_ATTEMPTS: i32 = 3;
}

/// Like [`Numbered`], but more urgent.
#[derive(Debug, Serialize, Deserialize)]
pub struct Urgent {
    pub number: usize,
}

impl Job for Urgent {
    const KIND: &'static str = "urgent";
    const PRIORITY: i16 = -10;
    const TIMEOUT: Duration = Duration::from_millis(200);
    const MAX_ATTEMPTS: i32 = 1;
}

/// One run that has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    pub number: usize,
    pub attempt: i32,
    pub user_id: Option<Uuid>,
}

/// Every run of every worker it is given to, in order.
#[derive(Debug, Clone, Default)]
pub struct Recorder {
    runs: Arc<Mutex<Vec<Run>>>,
    running: Arc<AtomicUsize>,
    most_running: Arc<AtomicUsize>,
}

impl Recorder {
    pub fn runs(&self) -> Vec<Run> {
        self.runs.lock().unwrap().clone()
    }

    pub fn numbers(&self) -> Vec<usize> {
        self.runs().iter().map(|run| run.number).collect()
    }

    pub fn attempts(&self) -> Vec<i32> {
        self.runs().iter().map(|run| run.attempt).collect()
    }

    /// The most that ran at once.
    pub fn most_running(&self) -> usize {
        self.most_running.load(Ordering::SeqCst)
    }

    pub fn note(&self, number: usize, context: &JobContext) {
        let run = Run {
            number,
            attempt: context.attempt(),
            user_id: context.user_id(),
        };
        self.runs.lock().unwrap().push(run);
    }

    /// A handler that takes `time` and then ends with `result`.
    pub fn handler(
        &self,
        time: Duration,
        result: Result<(), JobError>,
    ) -> impl Fn(Numbered, JobContext) -> HandlerFuture + Send + Sync + use<> {
        let recorder = self.clone();
        move |job, context| {
            let recorder = recorder.clone();
            Box::pin(async move {
                recorder.note(job.number, &context);
                let running = recorder.running.fetch_add(1, Ordering::SeqCst) + 1;
                recorder.most_running.fetch_max(running, Ordering::SeqCst);
                tokio::time::sleep(time).await;
                recorder.running.fetch_sub(1, Ordering::SeqCst);
                result
            })
        }
    }

    pub async fn wait_for_runs(&self, count: usize) {
        let started = Instant::now();
        while self.runs().len() < count {
            assert!(
                started.elapsed() < Duration::from_secs(20),
                "only these ran: {:?}",
                self.runs()
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

pub type HandlerFuture = std::pin::Pin<Box<dyn Future<Output = Result<(), JobError>> + Send>>;

/// A worker with short times.
pub fn worker(database: &Database) -> WorkerBuilder {
    Worker::builder(&database.app)
        .poll_interval(Duration::from_millis(100))
        .longest_back_off(Duration::from_millis(50))
        .grace(Duration::from_secs(5))
}

/// A worker at work, stopped and waited for with [`AtWork::stop`].
pub struct AtWork {
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

impl AtWork {
    pub fn start(builder: WorkerBuilder) -> Self {
        let (shutdown, worker) = (CancellationToken::new(), builder.build().unwrap());
        let task = tokio::spawn(worker.run(shutdown.clone()));
        Self { shutdown, task }
    }

    pub async fn stop(self) {
        self.shutdown.cancel();
        tokio::time::timeout(Duration::from_secs(20), self.task)
            .await
            .unwrap()
            .unwrap();
    }
}

pub fn of_user(user_id: Uuid) -> EnqueueOptions {
    EnqueueOptions {
        user_id: Some(user_id),
        ..EnqueueOptions::default()
    }
}

pub fn with_key(key: &str) -> EnqueueOptions {
    EnqueueOptions {
        dedupe_key: Some(key.to_owned()),
        ..EnqueueOptions::default()
    }
}
