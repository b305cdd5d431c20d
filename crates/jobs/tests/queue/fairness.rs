//! Whose turn it is: users alternate, urgent kinds go first, limits hold.

use std::time::Duration;

use docuvault_jobs::{EnqueueOptions, Job};
use uuid::Uuid;

use crate::{
    database::Database,
    recorder::{AtWork, Numbered, Recorder, Urgent, of_user, worker},
};

#[tokio::test]
async fn ten_thousand_jobs_of_one_user_do_not_hold_up_another() {
    let database = Database::create().await;
    database
        .execute(
            "INSERT INTO jobs (kind, payload, max_attempts, user_id, run_at)
             SELECT 'numbered', jsonb_build_object('number', 0), 3, '00000000-0000-0000-0000-00000000000a',
                    now() - interval '1 h'
             FROM generate_series(1, 10000)",
        )
        .await;
    let modest = Uuid::new_v4();
    for number in 1..=5 {
        database.queue(Numbered { number }, of_user(modest)).await;
    }
    let recorder = Recorder::default();
    let handler = recorder.handler(Duration::from_millis(10), Ok(()));
    let at_work = AtWork::start(worker(&database).concurrency(4).register(handler));
    let of_modest =
        "SELECT count(*) FROM jobs WHERE user_id <> '00000000-0000-0000-0000-00000000000a'";
    database.wait_for(of_modest, 0).await;
    at_work.stop().await;
    let last = recorder
        .numbers()
        .iter()
        .rposition(|number| *number == 5)
        .unwrap();
    assert!(
        last < 20,
        "the fifth job of the modest user was run number {last}"
    );
}

#[tokio::test]
async fn the_urgent_kind_goes_first() {
    let database = Database::create().await;
    let recorder = Recorder::default();
    for number in 0..10 {
        database
            .queue(Numbered { number }, EnqueueOptions::default())
            .await;
    }
    database
        .queue(Urgent { number: 100 }, EnqueueOptions::default())
        .await;
    let noted = recorder.clone();
    let builder = worker(&database)
        .concurrency(1)
        .register(recorder.handler(Duration::ZERO, Ok(())))
        .register(move |job: Urgent, context| {
            noted.note(job.number, &context);
            std::future::ready(Ok(()))
        });
    let at_work = AtWork::start(builder);
    database.wait_until_idle().await;
    at_work.stop().await;
    assert_eq!(
        recorder.numbers(),
        [100, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        "urgent first, then in order of arrival"
    );
}

#[tokio::test]
async fn a_kind_at_its_limit_leaves_the_other_slots_to_others() {
    let database = Database::create().await;
    let (slow, quick) = (Recorder::default(), Recorder::default());
    for number in 0..40 {
        database
            .queue(Numbered { number }, EnqueueOptions::default())
            .await;
    }
    for number in 0..20 {
        database
            .queue(Urgent { number }, EnqueueOptions::default())
            .await;
    }
    let noted = quick.clone();
    let builder = worker(&database)
        .concurrency(6)
        .concurrency_of(Numbered::KIND, 2)
        .register(slow.handler(Duration::from_millis(30), Ok(())))
        .register(move |job: Urgent, context| {
            noted.note(job.number, &context);
            std::future::ready(Ok(()))
        });
    let at_work = AtWork::start(builder);
    quick.wait_for_runs(20).await;
    assert!(
        slow.runs().len() < 40,
        "the quick kind had to wait for the slow one"
    );
    database.wait_until_idle().await;
    at_work.stop().await;
    assert_eq!(slow.runs().len(), 40);
    assert_eq!(slow.most_running(), 2);
}
