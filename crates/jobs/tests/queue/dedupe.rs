//! One waiting job per key; a change during a run is not lost; two runs of one key never overlap.

use std::time::Duration;

use docuvault_jobs::{EnqueueOptions, enqueue};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    database::Database,
    recorder::{AtWork, Numbered, Recorder, with_key, worker},
};

const ALL: &str = "SELECT count(*) FROM jobs";

#[tokio::test]
async fn an_equal_job_that_waits_is_joined() {
    let database = Database::create().await;
    let tomorrow = Some(OffsetDateTime::now_utc() + Duration::from_hours(24));
    let first = database
        .queue(
            Numbered { number: 1 },
            EnqueueOptions {
                run_at: tomorrow,
                ..with_key("a")
            },
        )
        .await;
    let second = database.queue(Numbered { number: 2 }, with_key("a")).await;
    assert_eq!((first.was_waiting, second.was_waiting), (false, true));
    assert_eq!(first.id, second.id);
    assert_eq!(
        database
            .count("SELECT count(*) FROM jobs WHERE run_at <= now()")
            .await,
        1,
        "the earlier time wins"
    );
    assert_eq!(
        database
            .count("SELECT (payload->>'number')::bigint FROM jobs")
            .await,
        2,
        "the newer payload wins"
    );

    let other_key = database.queue(Numbered { number: 3 }, with_key("b")).await;
    let of_user = EnqueueOptions {
        user_id: Some(Uuid::new_v4()),
        ..with_key("a")
    };
    let other_user = database.queue(Numbered { number: 4 }, of_user).await;
    assert!(!other_key.was_waiting && !other_user.was_waiting);
    for number in 5..8 {
        assert!(
            !database
                .queue(Numbered { number }, EnqueueOptions::default())
                .await
                .was_waiting
        );
    }
    assert_eq!(database.count(ALL).await, 6);
}

#[tokio::test]
async fn what_changes_during_a_run_gets_a_run_of_its_own_afterwards() {
    let database = Database::create().await;
    let recorder = Recorder::default();
    let handler = recorder.handler(Duration::from_millis(500), Ok(()));
    let at_work = AtWork::start(worker(&database).register(handler));
    database.queue(Numbered { number: 1 }, with_key("a")).await;
    recorder.wait_for_runs(1).await;
    assert!(
        !database
            .queue(Numbered { number: 2 }, with_key("a"))
            .await
            .was_waiting
    );
    assert!(
        database
            .queue(Numbered { number: 3 }, with_key("a"))
            .await
            .was_waiting
    );
    database.wait_until_idle().await;
    assert_eq!(recorder.numbers(), [1, 3]);
    assert_eq!(recorder.most_running(), 1, "two runs of one key overlapped");
    at_work.stop().await;
}

#[tokio::test]
async fn a_job_joined_by_an_open_transaction_waits_for_it() {
    let database = Database::create().await;
    let user_id = Uuid::new_v4();
    let options = || EnqueueOptions {
        user_id: Some(user_id),
        ..with_key("a")
    };
    database.queue(Numbered { number: 1 }, options()).await;
    let mut open = database.begin_as(user_id).await;
    assert!(
        enqueue(&mut open, &Numbered { number: 2 }, options())
            .await
            .unwrap()
            .was_waiting
    );

    let recorder = Recorder::default();
    let at_work =
        AtWork::start(worker(&database).register(recorder.handler(Duration::ZERO, Ok(()))));
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(
        recorder.numbers(),
        [0; 0],
        "it ran without what the transaction writes"
    );
    open.commit().await.unwrap();
    database.wait_until_idle().await;
    assert_eq!(recorder.numbers(), [2]);
    at_work.stop().await;
}

#[tokio::test]
async fn a_failed_run_makes_way_for_the_equal_job_behind_it() {
    let database = Database::create().await;
    let recorder = Recorder::default();
    let failing = recorder.handler(
        Duration::from_millis(300),
        Err(docuvault_jobs::JobError::Retry("again")),
    );
    let at_work = AtWork::start(worker(&database).register(failing));
    database.queue(Numbered { number: 1 }, with_key("a")).await;
    recorder.wait_for_runs(1).await;
    database.queue(Numbered { number: 2 }, with_key("a")).await;
    database
        .wait_for("SELECT count(*) FROM jobs WHERE state = 'dead'", 1)
        .await;
    database.wait_until_idle().await;
    assert_eq!(
        recorder.numbers(),
        [1, 2, 2, 2],
        "the first was merged into the second, which has its own attempts"
    );
    at_work.stop().await;
}
