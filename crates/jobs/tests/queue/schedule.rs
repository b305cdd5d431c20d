//! Jobs by the clock: once per point, however many processes schedule them.

use std::time::Duration;

use docuvault_jobs::Cadence;

use crate::{
    database::Database,
    recorder::{AtWork, Numbered, Recorder, worker},
};

const SLOTS: &str = "SELECT count(*) FROM job_schedule WHERE name = 'tick'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_point_queues_one_job_whoever_comes_first() {
    let database = Database::create().await;
    let recorder = Recorder::default();
    let start = |number| {
        let handler = recorder.handler(Duration::ZERO, Ok(()));
        let every_second = Cadence::every(Duration::from_secs(1));
        AtWork::start(worker(&database).register(handler).schedule(
            "tick",
            every_second,
            Numbered { number },
        ))
    };
    let workers = [start(1), start(2), start(3)];
    recorder.wait_for_runs(4).await;
    for at_work in workers {
        at_work.stop().await;
    }
    let waiting = database.count("SELECT count(*) FROM jobs").await;
    assert_eq!(
        recorder.runs().len() as i64 + waiting,
        database.count(SLOTS).await
    );
    let whole = "SELECT count(*) FROM job_schedule WHERE slot <> date_trunc('second', slot) OR slot > now()";
    assert_eq!(database.count(whole).await, 0);
}

#[tokio::test]
async fn a_missed_point_is_made_up_for_once_and_old_points_are_forgotten() {
    let database = Database::create().await;
    database
        .execute(
            "INSERT INTO job_schedule (name, slot)
             SELECT 'tick', date_trunc('day', now()) - make_interval(days => day) FROM generate_series(2, 100) AS day",
        )
        .await;
    let recorder = Recorder::default();
    let builder = worker(&database)
        .register(recorder.handler(Duration::ZERO, Ok(())))
        .schedule("tick", Cadence::daily_at(0, 0), Numbered { number: 1 });
    let at_work = AtWork::start(builder);
    recorder.wait_for_runs(1).await;
    at_work.stop().await;
    assert_eq!(recorder.runs().len(), 1);
    assert!((20..=31).contains(&database.count(SLOTS).await));
}

#[tokio::test]
async fn a_job_that_still_waits_is_not_queued_again() {
    let database = Database::create().await;
    // Schedules, but runs nothing of that kind.
    let builder = worker(&database).schedule(
        "tick",
        Cadence::every(Duration::from_secs(1)),
        Numbered { number: 1 },
    );
    let at_work = AtWork::start(builder);
    database
        .wait_for("SELECT (count(*) >= 3)::int::bigint FROM job_schedule", 1)
        .await;
    assert_eq!(database.count("SELECT count(*) FROM jobs").await, 1);
    at_work.stop().await;
}
