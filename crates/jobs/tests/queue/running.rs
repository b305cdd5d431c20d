//! Many workers at once, the depth of the queue, and how a worker may not be put together.

use std::time::Duration;

use docuvault_jobs::{EnqueueOptions, Job, JobState, Worker, WorkerConfigError, queue_depth};

use crate::{
    database::Database,
    recorder::{AtWork, Numbered, Recorder, Urgent, worker},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_workers_run_each_of_five_hundred_jobs_once() {
    const JOBS: usize = 500;
    let database = Database::create().await;
    database
        .execute(
            "INSERT INTO jobs (kind, payload, max_attempts, user_id)
             SELECT 'numbered', jsonb_build_object('number', number), 3, md5((number % 25)::text)::uuid
             FROM generate_series(0, 499) AS number",
        )
        .await;
    let recorder = Recorder::default();
    let workers: Vec<AtWork> = (0..8)
        .map(|_| {
            let handler = recorder.handler(Duration::from_millis(2), Ok(()));
            AtWork::start(worker(&database).concurrency(4).register(handler))
        })
        .collect();
    database.wait_until_idle().await;
    for at_work in workers {
        at_work.stop().await;
    }
    let mut numbers = recorder.numbers();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..JOBS).collect::<Vec<_>>());
    assert!(recorder.attempts().iter().all(|attempt| *attempt == 1));
    assert_eq!(database.count("SELECT count(*) FROM jobs").await, 0);
}

#[tokio::test]
async fn the_depth_of_the_queue_is_told_by_kind_and_state() {
    let database = Database::create().await;
    for number in 0..3 {
        database
            .queue(Numbered { number }, EnqueueOptions::default())
            .await;
    }
    database
        .queue(Urgent { number: 1 }, EnqueueOptions::default())
        .await;
    database
        .execute("UPDATE jobs SET state = 'dead', died_at = now() WHERE payload->>'number' = '0'")
        .await;
    let mut conn = database.superuser.acquire().await.unwrap();
    let depth = queue_depth(&mut conn).await.unwrap();
    let told: Vec<_> = depth
        .iter()
        .map(|depth| (depth.kind.as_str(), depth.state, depth.jobs))
        .collect();
    assert_eq!(
        told,
        [
            ("numbered", JobState::Dead, 1),
            ("numbered", JobState::Ready, 2),
            ("urgent", JobState::Ready, 1)
        ]
    );
}

#[tokio::test]
async fn a_worker_leaves_kinds_it_does_not_know_to_others() {
    let database = Database::create().await;
    database
        .queue(Urgent { number: 1 }, EnqueueOptions::default())
        .await;
    database
        .queue(Numbered { number: 2 }, EnqueueOptions::default())
        .await;
    let recorder = Recorder::default();
    let at_work =
        AtWork::start(worker(&database).register(recorder.handler(Duration::ZERO, Ok(()))));
    recorder.wait_for_runs(1).await;
    at_work.stop().await;
    assert_eq!(
        database
            .count("SELECT count(*) FROM jobs WHERE kind = 'urgent' AND attempts = 0")
            .await,
        1
    );
}

#[tokio::test]
async fn a_worker_that_makes_no_sense_is_refused() {
    let database = Database::create().await;
    let handler = || Recorder::default().handler(Duration::ZERO, Ok(()));
    let twice = worker(&database)
        .register(handler())
        .register(handler())
        .build();
    assert!(matches!(
        twice,
        Err(WorkerConfigError::DuplicateKind(Numbered::KIND))
    ));
    for none in [
        worker(&database).concurrency(0),
        worker(&database).concurrency_of(Numbered::KIND, 0),
    ] {
        assert!(matches!(none.build(), Err(WorkerConfigError::NoSlots)));
    }
    let hourly = docuvault_jobs::Cadence::every(Duration::from_hours(1));
    let schedules = Worker::builder(&database.app)
        .schedule("a", hourly, Numbered { number: 1 })
        .schedule("a", hourly, Numbered { number: 2 })
        .build();
    assert!(matches!(
        schedules,
        Err(WorkerConfigError::DuplicateSchedule("a"))
    ));
}
