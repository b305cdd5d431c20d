//! Queueing is part of the caller's transaction, announces itself, and respects whose job it is.

use std::time::{Duration, Instant};

use docuvault_jobs::{EnqueueOptions, JobState, dead_letters, enqueue, queue_depth};
use sqlx::Row;
use uuid::Uuid;

use crate::{
    database::Database,
    recorder::{AtWork, Numbered, Recorder, of_user, worker},
};

const ALL: &str = "SELECT count(*) FROM jobs";

#[tokio::test]
async fn a_job_exists_if_and_only_if_its_transaction_commits() {
    let database = Database::create().await;
    let recorder = Recorder::default();
    let at_work =
        AtWork::start(worker(&database).register(recorder.handler(Duration::ZERO, Ok(()))));
    let user_id = Uuid::new_v4();

    let mut dropped = database.begin_as(user_id).await;
    enqueue(&mut dropped, &Numbered { number: 1 }, of_user(user_id))
        .await
        .unwrap();
    dropped.rollback().await.unwrap();

    let mut open = database.begin_as(user_id).await;
    enqueue(&mut open, &Numbered { number: 2 }, of_user(user_id))
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(recorder.numbers(), [0; 0], "an uncommitted job ran");
    open.commit().await.unwrap();

    database.wait_until_idle().await;
    assert_eq!(recorder.numbers(), [2]);
    assert_eq!(recorder.runs()[0].user_id, Some(user_id));
    assert_eq!(database.count(ALL).await, 0, "a finished job is deleted");
    at_work.stop().await;
}

#[tokio::test]
async fn a_commit_wakes_the_worker_long_before_it_polls() {
    let database = Database::create().await;
    let recorder = Recorder::default();
    let builder = worker(&database).poll_interval(Duration::from_mins(1));
    let at_work = AtWork::start(builder.register(recorder.handler(Duration::ZERO, Ok(()))));
    let listening = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    database.wait_for(listening, 1).await;
    for number in 1..=3 {
        let queued = Instant::now();
        database
            .queue(Numbered { number }, EnqueueOptions::default())
            .await;
        recorder.wait_for_runs(number).await;
        assert!(
            queued.elapsed() < Duration::from_secs(5),
            "took {:?}",
            queued.elapsed()
        );
    }
    at_work.stop().await;
}

#[tokio::test]
async fn a_transaction_announces_its_jobs_once_and_says_nothing_about_them() {
    let database = Database::create().await;
    let mut listener = sqlx::postgres::PgListener::connect_with(&database.app)
        .await
        .unwrap();
    listener.listen("docuvault_jobs").await.unwrap();
    let user_id = Uuid::new_v4();
    let mut tx = database.begin_as(user_id).await;
    for number in 0..10 {
        enqueue(&mut tx, &Numbered { number }, of_user(user_id))
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(listener.recv().await.unwrap().payload(), "");
    assert!(
        tokio::time::timeout(Duration::from_millis(300), listener.recv())
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_job_waits_for_its_time() {
    let database = Database::create().await;
    let recorder = Recorder::default();
    let at_work =
        AtWork::start(worker(&database).register(recorder.handler(Duration::ZERO, Ok(()))));
    let run_at = Some(time::OffsetDateTime::now_utc() + Duration::from_secs(1));
    let queued = Instant::now();
    database
        .queue(
            Numbered { number: 1 },
            EnqueueOptions {
                run_at,
                ..EnqueueOptions::default()
            },
        )
        .await;
    recorder.wait_for_runs(1).await;
    assert!(
        queued.elapsed() >= Duration::from_millis(900),
        "ran after {:?}",
        queued.elapsed()
    );
    at_work.stop().await;
}

#[tokio::test]
async fn users_see_and_queue_their_own_jobs_only() {
    let database = Database::create().await;
    let (alice, bob) = (Uuid::new_v4(), Uuid::new_v4());
    let alices = database
        .queue(Numbered { number: 1 }, of_user(alice))
        .await
        .id;
    database.queue(Numbered { number: 2 }, of_user(bob)).await;
    database
        .queue(Numbered { number: 3 }, EnqueueOptions::default())
        .await;
    database
        .execute("INSERT INTO job_schedule VALUES ('sweep', now())")
        .await;

    let mut tx = database.begin_as(alice).await;
    let seen: Vec<i64> = sqlx::query_scalar("SELECT id FROM jobs")
        .fetch_all(&mut *tx)
        .await
        .unwrap();
    assert_eq!(seen, [alices]);
    let depth = queue_depth(&mut tx).await.unwrap();
    assert_eq!(
        (depth[0].jobs, depth[0].state, depth.len()),
        (1, JobState::Ready, 1)
    );
    assert_eq!(dead_letters(&mut tx, None, 10).await.unwrap(), []);
    let changed = sqlx::query("UPDATE jobs SET priority = 1")
        .execute(&mut *tx)
        .await
        .unwrap();
    assert_eq!(changed.rows_affected(), 1);
    let slots = sqlx::query("SELECT FROM job_schedule")
        .fetch_all(&mut *tx)
        .await
        .unwrap();
    assert!(slots.is_empty());
    tx.rollback().await.unwrap();

    for foreign in [Some(bob), None] {
        let mut tx = database.begin_as(alice).await;
        let options = EnqueueOptions {
            user_id: foreign,
            ..EnqueueOptions::default()
        };
        assert!(
            enqueue(&mut tx, &Numbered { number: 4 }, options)
                .await
                .is_err()
        );
    }
    let nobody = sqlx::query("SELECT FROM jobs")
        .fetch_all(&database.app)
        .await
        .unwrap();
    assert!(nobody.is_empty(), "a connection without a user saw jobs");
}

#[tokio::test]
async fn the_workers_privilege_stays_on_its_own_connections() {
    let database = Database::create().await;
    let recorder = Recorder::default();
    let at_work =
        AtWork::start(worker(&database).register(recorder.handler(Duration::ZERO, Ok(()))));
    database
        .queue(Numbered { number: 1 }, of_user(Uuid::new_v4()))
        .await;
    recorder.wait_for_runs(1).await;
    let flag = sqlx::query(
        "SELECT current_setting('docuvault.worker', true) AS flag, current_user::text AS role",
    );
    let row = flag.fetch_one(&database.app).await.unwrap();
    assert_eq!(row.get::<Option<String>, _>("flag").unwrap_or_default(), "");
    assert_eq!(row.get::<String, _>("role"), "docuvault_app");
    at_work.stop().await;
}
