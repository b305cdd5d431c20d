//! Stopping: no new jobs, a grace time for those under way, and what is left goes back as if it had not begun.

use std::time::{Duration, Instant};

use docuvault_jobs::{EnqueueOptions, JobContext};

use crate::{
    database::Database,
    recorder::{AtWork, Numbered, Recorder, worker},
};

const UNTOUCHED: &str = "SELECT count(*) FROM jobs
    WHERE state = 'ready' AND attempts = 0 AND run_at <= now() AND last_error IS NULL";

#[tokio::test]
async fn a_job_under_way_may_finish_and_no_other_begins() {
    let database = Database::create().await;
    let recorder = Recorder::default();
    let handler = recorder.handler(Duration::from_millis(400), Ok(()));
    let at_work = AtWork::start(worker(&database).concurrency(1).register(handler));
    for number in 1..=2 {
        database
            .queue(Numbered { number }, EnqueueOptions::default())
            .await;
    }
    recorder.wait_for_runs(1).await;
    at_work.stop().await;
    assert_eq!(recorder.numbers(), [1]);
    assert_eq!(database.count(UNTOUCHED).await, 1);
    assert_eq!(database.count("SELECT count(*) FROM jobs").await, 1);
}

#[tokio::test]
async fn a_job_that_outlasts_the_grace_time_goes_back_uncounted() {
    let database = Database::create().await;
    let recorder = Recorder::default();
    let stubborn = recorder.handler(Duration::from_hours(1), Ok(()));
    let at_work = AtWork::start(
        worker(&database)
            .grace(Duration::from_millis(100))
            .register(stubborn),
    );
    database
        .queue(Numbered { number: 1 }, EnqueueOptions::default())
        .await;
    recorder.wait_for_runs(1).await;
    let stopping = Instant::now();
    at_work.stop().await;
    assert!(stopping.elapsed() < Duration::from_secs(10));
    assert_eq!(database.count(UNTOUCHED).await, 1);

    let again = AtWork::start(worker(&database).register(recorder.handler(Duration::ZERO, Ok(()))));
    database.wait_until_idle().await;
    assert_eq!(recorder.attempts(), [1, 1]);
    again.stop().await;
}

#[tokio::test]
async fn a_handler_that_listens_ends_in_its_own_time() {
    let database = Database::create().await;
    let recorder = Recorder::default();
    let noted = recorder.clone();
    let builder = worker(&database).grace(Duration::ZERO).register(
        move |job: Numbered, context: JobContext| {
            let noted = noted.clone();
            async move {
                noted.note(job.number, &context);
                context.cancelled().cancelled().await;
                tokio::time::sleep(Duration::from_millis(200)).await;
                Ok(())
            }
        },
    );
    let at_work = AtWork::start(builder);
    database
        .queue(Numbered { number: 1 }, EnqueueOptions::default())
        .await;
    recorder.wait_for_runs(1).await;
    at_work.stop().await;
    assert_eq!(
        database.count("SELECT count(*) FROM jobs").await,
        0,
        "it said it was done"
    );
}
