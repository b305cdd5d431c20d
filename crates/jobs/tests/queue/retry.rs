//! Failures: tried again with growing pauses, given up, and tried again by hand.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use docuvault_jobs::{
    DeadJob, EnqueueOptions, Job, JobError, Retried, Worker, dead_letters, retry_dead,
};
use uuid::Uuid;

use crate::{
    database::Database,
    recorder::{AtWork, Numbered, Recorder, Urgent, of_user, with_key, worker},
};

const DEAD: &str = "SELECT count(*) FROM jobs WHERE state = 'dead'";

async fn dead(database: &Database) -> Vec<DeadJob> {
    let mut conn = database.superuser.acquire().await.unwrap();
    dead_letters(&mut conn, None, 100).await.unwrap()
}

#[tokio::test]
async fn attempts_are_used_up_then_the_job_is_dead_and_can_be_retried() {
    let database = Database::create().await;
    let recorder = Recorder::default();
    let notices = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&notices);
    let builder = worker(&database)
        .register(recorder.handler(Duration::ZERO, Err(JobError::Retry("no_luck"))))
        .on_dead(move |job| {
            noted.lock().unwrap().push(job);
            std::future::ready(())
        });
    let at_work = AtWork::start(builder);
    let user_id = Uuid::new_v4();
    let id = database
        .queue(Numbered { number: 7 }, of_user(user_id))
        .await
        .id;
    database.wait_for(DEAD, 1).await;
    assert_eq!(recorder.attempts(), [1, 2, 3]);

    let letters = dead(&database).await;
    assert_eq!(
        (letters[0].id, letters[0].attempts, letters[0].user_id),
        (id, 3, Some(user_id))
    );
    assert_eq!(
        (letters[0].kind.as_str(), letters[0].last_error.as_str()),
        (Numbered::KIND, "no_luck")
    );
    assert_eq!(letters[0].payload["number"], 7);

    let mut conn = database.superuser.acquire().await.unwrap();
    assert_eq!(retry_dead(&mut conn, id).await.unwrap(), Retried::Queued);
    assert_eq!(
        retry_dead(&mut conn, id + 1).await.unwrap(),
        Retried::NotFound
    );
    recorder.wait_for_runs(6).await;
    database.wait_for(DEAD, 1).await;
    assert_eq!(recorder.attempts(), [1, 2, 3, 1, 2, 3]);
    at_work.stop().await;
    let buried_again = dead(&database).await;
    assert_eq!(
        *notices.lock().unwrap(),
        [letters[0].clone(), buried_again[0].clone()]
    );
}

#[tokio::test]
async fn a_dead_job_gives_way_to_an_equal_one_that_waits() {
    let database = Database::create().await;
    let id = database
        .queue(Numbered { number: 1 }, with_key("a"))
        .await
        .id;
    database
        .execute("UPDATE jobs SET state = 'dead', died_at = now()")
        .await;
    let later = Some(time::OffsetDateTime::now_utc() + Duration::from_hours(1));
    let waiting = database
        .queue(
            Numbered { number: 2 },
            EnqueueOptions {
                run_at: later,
                ..with_key("a")
            },
        )
        .await;
    assert!(!waiting.was_waiting);
    let mut conn = database.superuser.acquire().await.unwrap();
    assert_eq!(
        retry_dead(&mut conn, id).await.unwrap(),
        Retried::AlreadyQueued
    );
    assert_eq!(
        retry_dead(&mut conn, waiting.id).await.unwrap(),
        Retried::NotFound
    );
    assert_eq!(database.count("SELECT id FROM jobs").await, waiting.id);
}

#[tokio::test]
async fn a_permanent_failure_is_not_tried_again() {
    let database = Database::create().await;
    let recorder = Recorder::default();
    let handler = recorder.handler(Duration::ZERO, Err(JobError::Fail("unreadable")));
    let at_work = AtWork::start(worker(&database).register(handler));
    database
        .queue(Numbered { number: 1 }, EnqueueOptions::default())
        .await;
    database.wait_for(DEAD, 1).await;
    at_work.stop().await;
    assert_eq!(recorder.attempts(), [1]);
    assert_eq!(dead(&database).await[0].last_error, "unreadable");
}

#[tokio::test]
async fn pauses_grow_with_the_attempts_and_scatter() {
    let database = Database::create().await;
    for number in 0..40 {
        database
            .queue(Numbered { number }, EnqueueOptions::default())
            .await;
    }
    // As if each had already failed once.
    database.execute("UPDATE jobs SET attempts = 1").await;
    let recorder = Recorder::default();
    let handler = recorder.handler(Duration::ZERO, Err(JobError::Retry("again")));
    let at_work = AtWork::start(
        Worker::builder(&database.app)
            .concurrency(40)
            .register(handler),
    );
    let waiting = "SELECT count(*) FROM jobs WHERE state = 'ready' AND attempts = 2";
    database.wait_for(waiting, 40).await;
    at_work.stop().await;
    // The second failure: 2² seconds, times ½ to 1.
    let outside = "SELECT count(*) FROM jobs WHERE extract(epoch FROM run_at - started_at) NOT BETWEEN 2 AND 5";
    assert_eq!(database.count(outside).await, 0);
    let distinct =
        "SELECT count(DISTINCT round(extract(epoch FROM run_at - started_at), 1)) FROM jobs";
    assert!(
        database.count(distinct).await > 5,
        "jobs that failed together return together"
    );
}

#[tokio::test]
async fn a_service_may_say_when_to_come_back() {
    let database = Database::create().await;
    let recorder = Recorder::default();
    let later = JobError::RetryAfter(Duration::from_hours(2), "rate_limited");
    let at_work =
        AtWork::start(worker(&database).register(recorder.handler(Duration::ZERO, Err(later))));
    database
        .queue(Numbered { number: 1 }, EnqueueOptions::default())
        .await;
    let in_two_hours = "SELECT count(*) FROM jobs WHERE state = 'ready' AND last_error = 'rate_limited'
                        AND run_at BETWEEN now() + interval '119 min' AND now() + interval '121 min'";
    database.wait_for(in_two_hours, 1).await;
    at_work.stop().await;
}

#[tokio::test]
async fn a_panic_is_a_failure_and_no_more() {
    let database = Database::create().await;
    let recorder = Recorder::default();
    let builder = worker(&database)
        .concurrency(1)
        .register(recorder.handler(Duration::ZERO, Ok(())))
        .register(|job: Urgent, _| async move {
            if job.number == 1 {
                panic!("on purpose")
            } else {
                Ok(())
            }
        });
    let at_work = AtWork::start(builder);
    database
        .queue(Urgent { number: 1 }, EnqueueOptions::default())
        .await;
    database.wait_for(DEAD, 1).await;
    assert_eq!(dead(&database).await[0].last_error, "panic");
    database
        .queue(Numbered { number: 2 }, EnqueueOptions::default())
        .await;
    recorder.wait_for_runs(1).await;
    at_work.stop().await;
}

#[tokio::test]
async fn a_run_that_takes_too_long_is_stopped() {
    let database = Database::create().await;
    let told = Arc::new(Mutex::new(false));
    let noted = Arc::clone(&told);
    let builder = worker(&database).register(move |_: Urgent, context| {
        let noted = Arc::clone(&noted);
        async move {
            context.cancelled().cancelled().await;
            *noted.lock().unwrap() = true;
            std::future::pending().await
        }
    });
    let at_work = AtWork::start(builder);
    database
        .queue(Urgent { number: 1 }, EnqueueOptions::default())
        .await;
    database.wait_for(DEAD, 1).await;
    assert_eq!(dead(&database).await[0].last_error, "timeout");
    assert!(
        *told.lock().unwrap(),
        "the handler was not told before it was stopped"
    );
    at_work.stop().await;
}

#[tokio::test]
async fn a_payload_nobody_understands_is_dead_at_once() {
    let database = Database::create().await;
    database
        .execute(
            "INSERT INTO jobs (kind, payload, max_attempts) VALUES ('numbered', '{\"x\": 1}', 9)",
        )
        .await;
    let recorder = Recorder::default();
    let at_work =
        AtWork::start(worker(&database).register(recorder.handler(Duration::ZERO, Ok(()))));
    database.wait_for(DEAD, 1).await;
    assert_eq!(dead(&database).await[0].last_error, "invalid_payload");
    assert!(recorder.runs().is_empty());
    at_work.stop().await;
}
