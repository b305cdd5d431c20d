//! Clients go away at any moment; what they had asked for is then done whole or not at all, and the next one finds all in order.

use std::time::Duration;

use docuvault::db::UserTx;
use futures::future::join_all;
use tokio::time::timeout;

use crate::{
    support::TestApp,
    uploads::{EMPTY, new_file, room},
};

/// Enough to hit every await of a request by chance.
const ATTEMPTS: u64 = 400;

async fn transactions_left_open(app: &TestApp) -> i64 {
    let mut connection = app.database.superuser().await;
    // What is given back is given back by a task of its own, shortly after.
    for _ in 0..50 {
        let open: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'docuvault_app' AND state LIKE 'idle in transaction%'")
            .fetch_one(&mut connection)
            .await
            .unwrap();
        if open == 0 {
            return 0;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    1
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_nobody_waits_for_is_ended() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for attempt in 0..ATTEMPTS {
        let _ = timeout(Duration::from_micros(attempt * 5), UserTx::on_behalf_of(app.state.db(), alice.id)).await;
    }
    assert_eq!(transactions_left_open(&app).await, 0, "the next to get such a connection would work in a stranger's transaction");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_nobody_waits_for_are_done_whole_or_not_at_all() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for round in 0..ATTEMPTS / 8 {
        let requests = (0..8).map(|number| timeout(Duration::from_micros(500 + round * 150 + number * 40), alice.post("/api/v1/documents", new_file("a.txt", 10))));
        join_all(requests).await;
    }
    assert_eq!(transactions_left_open(&app).await, 0);

    let mut connection = app.database.superuser().await;
    let (documents, uploads): (i64, i64) =
        sqlx::query_as("SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM uploads WHERE state = 'reserved')").fetch_one(&mut connection).await.unwrap();
    assert_eq!(documents, uploads);
    assert_eq!(room(&alice).await.reserved_bytes, documents * 10);
    let list = alice.get("/api/v1/documents?limit=200").await.expect(200).json();
    for item in list["items"].as_array().unwrap() {
        alice.delete(&format!("/api/v1/documents/{}/upload", item["id"].as_str().unwrap())).await.expect(204);
    }
    if documents <= 200 {
        assert_eq!(room(&alice).await, EMPTY);
    }
}
