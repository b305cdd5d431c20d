//! Workers that die, freeze or lose their connection: their jobs are run by others, and they can do no harm.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use docuvault_jobs::{EnqueueOptions, JobContext, Worker};
use tokio_util::sync::CancellationToken;

use crate::{
    database::Database,
    recorder::{AtWork, Numbered, Recorder, worker},
};

const LEASE: Duration = Duration::from_millis(400);
const HELD_SECOND_TIME: &str = "SELECT count(*) FROM jobs WHERE state = 'running' AND attempts = 2";

/// Runs a worker on a thread of its own whose handler freezes that whole thread, heartbeat and all.
fn start_frozen_worker(database: &Database, awake: Arc<AtomicBool>) -> std::thread::JoinHandle<()> {
    let app = database.app.clone();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let shutdown = CancellationToken::new();
        let stop = shutdown.clone();
        let frozen = move |_: Numbered, _: JobContext| {
            let (awake, stop) = (Arc::clone(&awake), stop.clone());
            async move {
                std::thread::sleep(LEASE * 4);
                awake.store(true, Ordering::SeqCst);
                stop.cancel();
                Ok(())
            }
        };
        runtime.block_on(async {
            let frozen_worker = Worker::builder(&app)
                .lease(LEASE)
                .register(frozen)
                .build()
                .unwrap();
            frozen_worker.run(shutdown).await;
        });
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_worker_cannot_finish_a_job_that_was_taken_over() {
    let database = Database::create().await;
    let awake = Arc::new(AtomicBool::new(false));
    database
        .queue(Numbered { number: 1 }, EnqueueOptions::default())
        .await;
    let frozen = start_frozen_worker(&database, Arc::clone(&awake));
    database
        .wait_for(
            "SELECT count(*) FROM jobs WHERE state = 'running' AND attempts = 1",
            1,
        )
        .await;

    let recorder = Recorder::default();
    let handler = recorder.handler(LEASE * 8, Ok(()));
    let at_work = AtWork::start(worker(&database).lease(LEASE).register(handler));
    recorder.wait_for_runs(1).await;
    assert!(
        !awake.load(Ordering::SeqCst),
        "the second run began only after the first had ended"
    );
    tokio::task::spawn_blocking(move || frozen.join())
        .await
        .unwrap()
        .unwrap();
    assert!(awake.load(Ordering::SeqCst));
    assert_eq!(
        database.count(HELD_SECOND_TIME).await,
        1,
        "the first run ended a job that was no longer its own"
    );
    database.wait_until_idle().await;
    assert_eq!(recorder.attempts(), [2]);
    assert_eq!(database.count("SELECT count(*) FROM jobs").await, 0);
    at_work.stop().await;
}

#[tokio::test]
async fn a_run_longer_than_its_lease_keeps_it() {
    let database = Database::create().await;
    let recorder = Recorder::default();
    let start = || {
        let handler = recorder.handler(LEASE * 4, Ok(()));
        AtWork::start(worker(&database).lease(LEASE).register(handler))
    };
    let (one, other) = (start(), start());
    database
        .queue(Numbered { number: 1 }, EnqueueOptions::default())
        .await;
    recorder.wait_for_runs(1).await;
    database.wait_until_idle().await;
    assert_eq!(recorder.attempts(), [1]);
    one.stop().await;
    other.stop().await;
}

#[tokio::test]
async fn jobs_of_a_dead_worker_are_run_again_until_their_attempts_are_used_up() {
    let database = Database::create().await;
    for number in 1..=2 {
        database
            .queue(Numbered { number }, EnqueueOptions::default())
            .await;
    }
    // What a kill -9 leaves: the first in its first attempt, the second in its last.
    database
        .execute(
            "UPDATE jobs SET state = 'running', worker = gen_random_uuid(), lease_until = now() - interval '1 s',
                    attempts = CASE payload->>'number' WHEN '1' THEN 1 ELSE 3 END",
        )
        .await;
    let recorder = Recorder::default();
    let notified = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&notified);
    let builder = worker(&database)
        .register(recorder.handler(Duration::ZERO, Ok(())))
        .on_dead(move |job| {
            noted.store(job.last_error == "lease_expired", Ordering::SeqCst);
            std::future::ready(())
        });
    let at_work = AtWork::start(builder);
    database.wait_until_idle().await;
    at_work.stop().await;
    assert_eq!(
        (recorder.numbers(), recorder.attempts()),
        (vec![1], vec![2])
    );
    let dead = "SELECT count(*) FROM jobs WHERE state = 'dead' AND last_error = 'lease_expired'";
    assert_eq!(database.count(dead).await, 1);
    assert!(notified.load(Ordering::SeqCst));
}

#[tokio::test]
async fn a_run_is_told_that_it_has_lost_its_job() {
    let database = Database::create().await;
    let told = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&told);
    let builder = worker(&database)
        .lease(LEASE)
        .register(move |_: Numbered, context| {
            let noted = Arc::clone(&noted);
            async move {
                assert!(context.progress(&"half way").await.unwrap());
                context.cancelled().cancelled().await;
                assert!(!context.progress(&"too late").await.unwrap());
                noted.store(true, Ordering::SeqCst);
                Ok(())
            }
        });
    let at_work = AtWork::start(builder);
    database
        .queue(Numbered { number: 1 }, EnqueueOptions::default())
        .await;
    database
        .wait_for(
            "SELECT count(*) FROM jobs WHERE progress = '\"half way\"'",
            1,
        )
        .await;
    database
        .execute("UPDATE jobs SET worker = gen_random_uuid(), lease_until = now() + interval '1 h'")
        .await;
    for _ in 0..200 {
        if told.load(Ordering::SeqCst) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(told.load(Ordering::SeqCst));
    at_work.stop().await;
    assert_eq!(
        database
            .count("SELECT count(*) FROM jobs WHERE state = 'running'")
            .await,
        1,
        "not ours to end"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_connections_are_survived() {
    const JOBS: usize = 150;
    let database = Database::create().await;
    let recorder = Recorder::default();
    for number in 0..JOBS {
        database
            .queue(Numbered { number }, EnqueueOptions::default())
            .await;
    }
    let handler = recorder.handler(Duration::from_millis(20), Ok(()));
    let at_work = AtWork::start(
        worker(&database)
            .lease(Duration::from_secs(1))
            .register(handler),
    );
    for count in [10, 40, 70, 100] {
        recorder.wait_for_runs(count).await;
        database
            .execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND application_name = 'docuvault-jobs'",
            )
            .await;
    }
    database.wait_until_idle().await;
    at_work.stop().await;
    let mut numbers = recorder.numbers();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers, (0..JOBS).collect::<Vec<_>>());
    assert_eq!(
        database.count("SELECT count(*) FROM jobs").await,
        0,
        "none was given up"
    );
}
