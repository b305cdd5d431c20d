//! `Idempotency-Key`: a creating request that is repeated creates once.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Response, SendIt, TestApp, TestUser};

async fn post(user: &TestUser, path: &str, key: &str, body: &Value) -> Response {
    user.request(Method::POST, path)
        .header("idempotency-key", key)
        .json(body)
        .send_it()
        .await
}

fn file() -> Value {
    json!({"filename": "a.txt", "size_bytes": 10, "content_type": "text/plain"})
}

#[tokio::test]
async fn a_repeat_gets_what_the_first_created() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let topic = json!({"name": "Sailing"});
    let first = post(&alice, "/api/v1/topics", "k", &topic)
        .await
        .expect(201);
    let again = post(&alice, "/api/v1/topics", "k", &topic)
        .await
        .expect(201);
    assert_eq!(first.json(), again.json());
    post(&alice, "/api/v1/topics", "k2", &topic)
        .await
        .expect_problem(409, "name_taken");

    let first = post(&alice, "/api/v1/documents", "k", &file())
        .await
        .expect(201)
        .json();
    let again = post(&alice, "/api/v1/documents", "k", &file())
        .await
        .expect(201)
        .json();
    assert_eq!(
        (&first["document"]["id"], &first["upload"]["id"]),
        (&again["document"]["id"], &again["upload"]["id"])
    );
    assert_eq!(
        alice.get("/api/v1/me/quota").await.json()["reserved_bytes"],
        10,
        "reserved once"
    );
}

#[tokio::test]
async fn another_request_under_the_same_key_is_refused() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    post(&alice, "/api/v1/topics", "k", &json!({"name": "Sailing"}))
        .await
        .expect(201);
    post(&alice, "/api/v1/topics", "k", &json!({"name": "Rowing"}))
        .await
        .expect_problem(422, "idempotency_key_reused");
    let names = alice.get("/api/v1/topics").await.text();
    assert!(names.contains("Sailing") && !names.contains("Rowing"));
}

#[tokio::test]
async fn a_key_is_its_users_own() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let of_alice = post(&alice, "/api/v1/topics", "k", &json!({"name": "Sailing"}))
        .await
        .expect(201)
        .id();
    let of_bob = post(&bob, "/api/v1/topics", "k", &json!({"name": "Sailing"}))
        .await
        .expect(201)
        .id();
    assert_ne!(of_alice, of_bob);
}

#[tokio::test]
async fn a_request_that_failed_leaves_its_key_free() {
    let app = TestApp::with().quota_bytes(5).start().await;
    let alice = app.user("alice").await;
    post(&alice, "/api/v1/documents", "k", &file())
        .await
        .expect_problem(413, "quota_exceeded");
    let small = json!({"filename": "a.txt", "size_bytes": 5, "content_type": "text/plain"});
    post(&alice, "/api/v1/documents", "k", &small)
        .await
        .expect(201);
}

#[tokio::test]
async fn ten_at_once_under_one_key_create_one() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let mut racing = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let alice = alice.clone();
        racing.spawn(async move {
            post(&alice, "/api/v1/documents", "k", &file())
                .await
                .expect(201)
                .json()["document"]["id"]
                .to_string()
        });
    }
    let made: BTreeSet<String> = racing.join_all().await.into_iter().collect();
    assert_eq!(made.len(), 1);
    let listed = alice.get("/api/v1/documents").await.json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_that_is_none_is_told() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for key in ["", &"k".repeat(201), "schlüssel"] {
        post(&alice, "/api/v1/topics", key, &json!({"name": "x"}))
            .await
            .expect_problem(400, "invalid_idempotency_key");
    }
    post(
        &alice,
        "/api/v1/topics",
        &"k".repeat(200),
        &json!({"name": "x"}),
    )
    .await
    .expect(201);
}
