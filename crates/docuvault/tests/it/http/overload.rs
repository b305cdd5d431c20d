//! When more is asked than can be done: a prompt no, and never a queue without end.

use std::time::{Duration, Instant};

use docuvault::http::limits::HttpLimits;
use serde_json::json;
use sqlx::{Connection, PgConnection, Postgres, Transaction};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{TestApp, TestUser};

/// Makes every change of a topic wait until the transaction ends.
async fn hold_topics(connection: &mut PgConnection) -> Transaction<'_, Postgres> {
    let mut tx = connection.begin().await.unwrap();
    sqlx::query("LOCK TABLE topics IN SHARE MODE")
        .execute(&mut *tx)
        .await
        .unwrap();
    tx
}

async fn topics(app: &TestApp) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM topics WHERE name LIKE 'Held %'")
        .fetch_one(&mut app.database.superuser().await)
        .await
        .unwrap()
}

async fn make_topic(user: &TestUser, number: usize) -> crate::support::Response {
    user.post("/api/v1/topics", json!({"name": format!("Held {number}")}))
        .await
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_is_given_up_with_all_it_did() {
    let limits = HttpLimits {
        deadline: Duration::from_millis(700),
        ..HttpLimits::default()
    };
    let app = TestApp::with().http_limits(limits).start().await;
    let alice = app.user("alice").await;
    let mut superuser = app.database.superuser().await;
    let held = hold_topics(&mut superuser).await;
    let began = Instant::now();
    let refused = make_topic(&alice, 1)
        .await
        .expect_problem(503, "deadline_exceeded");
    assert!(began.elapsed() < Duration::from_secs(3));
    assert!(refused.header("retry-after").is_some());
    held.rollback().await.unwrap();
    make_topic(&alice, 2).await.expect(201);
    assert_eq!(topics(&app).await, 1, "what was given up left nothing");
    // A stream of events outlives the deadline.
    let mut events = alice
        .request(reqwest::Method::GET, "/api/v1/events")
        .send()
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(1200)).await;
    make_topic(&alice, 3).await.expect(201);
    let heard = events.chunk().await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&heard).contains("topic.updated"));
}

#[tokio::test]
async fn without_a_free_place_the_answer_is_a_prompt_no() {
    let limits = HttpLimits {
        running: 2,
        ..HttpLimits::default()
    };
    let app = TestApp::with().http_limits(limits).start().await;
    let alice = app.user("alice").await;
    let mut superuser = app.database.superuser().await;
    let held = hold_topics(&mut superuser).await;
    let waiting: Vec<_> = [1, 2]
        .map(|number| {
            let alice = alice.clone();
            tokio::spawn(async move { make_topic(&alice, number).await })
        })
        .into();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let began = Instant::now();
    for _ in 0..20 {
        let refused = alice
            .get("/api/v1/me")
            .await
            .expect_problem(503, "overloaded");
        assert_eq!(refused.header("retry-after"), Some("1"));
    }
    assert!(began.elapsed() < Duration::from_secs(2));
    app.anon().get("/health/live").await.expect(200);
    held.rollback().await.unwrap();
    for answer in waiting {
        answer.await.unwrap().expect(201);
    }
    alice.get("/api/v1/me").await.expect(200);
}

#[tokio::test]
async fn one_peer_cannot_take_all_connections_and_is_told_at_once() {
    let limits = HttpLimits {
        connections_of_a_peer: 8,
        ..HttpLimits::default()
    };
    let app = TestApp::with().http_limits(limits.clone()).start().await;
    let held = connections(&app, 8).await;
    let told = first_bytes(&app).await;
    assert!(
        told.starts_with("HTTP/1.1 503 ") && told.contains("retry-after: 1"),
        "{told}"
    );
    drop(held);
    tokio::time::sleep(Duration::from_millis(300)).await;
    app.anon().get("/health").await.expect(200);

    let app = TestApp::with()
        .http_limits(limits)
        .setting("DOCUVAULT_TRUSTED_PROXIES", "127.0.0.1")
        .start()
        .await;
    let _held = connections(&app, 50).await;
    app.anon().get("/health").await.expect(200);
}

#[tokio::test]
async fn beyond_the_last_connection_a_client_is_told_at_once() {
    let limits = HttpLimits {
        connections: 8,
        ..HttpLimits::default()
    };
    let app = TestApp::with().http_limits(limits).start().await;
    let _held = connections(&app, 8).await;
    let told = first_bytes(&app).await;
    assert!(told.starts_with("HTTP/1.1 503 "), "{told}");
}

async fn connections(app: &TestApp, count: usize) -> Vec<TcpStream> {
    let mut open = Vec::new();
    for _ in 0..count {
        let addr = app.base_url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(addr).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
        open.push(stream);
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    open
}

/// What a new connection is told before it has said anything.
async fn first_bytes(app: &TestApp) -> String {
    let addr = app.base_url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(addr).await.unwrap();
    let mut told = [0; 200];
    let read = tokio::time::timeout(Duration::from_secs(2), stream.read(&mut told));
    let count = read.await.expect("not told at once").unwrap();
    String::from_utf8_lossy(&told[..count]).into_owned()
}
