//! Clients go away at any moment; what they had asked for is then done whole or not at all, and the next one finds all in order.

use std::{pin::pin, time::Duration};

use docuvault::db::UserTx;
use futures::future::join_all;
use tokio::time::{sleep, timeout};

use crate::{
    support::TestApp,
    uploads::{new_file, room},
};

/// Connections of the vault that are in a transaction although nobody works with them.
async fn transactions_left_open(app: &TestApp) -> i64 {
    let mut connection = app.database.superuser().await;
    let sql = "SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND usename = 'docuvault_app' AND state LIKE 'idle in transaction%'";
    let mut open = 0;
    // What was dropped is given back by a task of its own, shortly after.
    for _ in 0..50 {
        open = sqlx::query_scalar(sql)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        if open == 0 {
            break;
        }
        sleep(Duration::from_millis(20)).await;
    }
    open
}

/// Drops the work at its await number `awaits`.
async fn give_up(work: impl Future, awaits: usize) {
    let mut work = pin!(work);
    for _ in 0..awaits {
        if futures::poll!(work.as_mut()).is_ready() {
            return;
        }
        // Long enough for an answer of the database to come.
        sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn a_transaction_that_nobody_waits_for_is_ended() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for awaits in (1..=6).cycle().take(60) {
        give_up(UserTx::on_behalf_of(app.state.db(), alice.id), awaits).await;
        let left = "the next to get such a connection would work in a stranger's transaction";
        assert_eq!(
            transactions_left_open(&app).await,
            0,
            "{left}, dropped at await {awaits}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_nobody_waits_for_are_done_whole_or_not_at_all() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for round in 0..40_u64 {
        let patience = |number: u64| Duration::from_millis(round % 10 + number * 3);
        let requests = (0..8).map(|number| {
            timeout(
                patience(number),
                alice.post("/api/v1/documents", new_file("a.txt", 10)),
            )
        });
        join_all(requests).await;
    }
    assert_eq!(transactions_left_open(&app).await, 0);

    let mut connection = app.database.superuser().await;
    let sql = "SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM uploads)";
    let (documents, uploads): (i64, i64) = sqlx::query_as(sql)
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert!(
        (1..320).contains(&documents),
        "some were in time and some were not: {documents}"
    );
    assert_eq!(documents, uploads);
    assert_eq!(room(&alice).await.reserved_bytes, documents * 10);
}
