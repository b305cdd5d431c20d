//! A start that is repeated, because its answer was lost, starts nothing new.

use futures::future::join_all;
use reqwest::Method;
use serde_json::Value;

use super::{EMPTY, Room, new_file, room};
use crate::support::{Client, Response, SendIt, Started, TestApp};

async fn start(user: &Client, key: &str, body: &Value) -> Response {
    user.request(Method::POST, "/api/v1/documents")
        .header("idempotency-key", key)
        .json(body)
        .send_it()
        .await
}

#[tokio::test]
async fn a_repeat_gets_the_same_document_and_a_url_that_works() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let body = new_file("a.txt", 5);
    let answers = join_all((0..8).map(|_| start(&alice, "key-1", &body))).await;
    let started: Vec<Started> = answers
        .into_iter()
        .map(|answer| Started::of(&answer.expect(201).json()))
        .collect();
    assert!(
        started
            .iter()
            .all(|upload| (upload.document, upload.upload_id)
                == (started[0].document, started[0].upload_id))
    );
    assert_eq!(
        room(&alice).await,
        Room {
            reserved_bytes: 5,
            ..EMPTY
        }
    );

    alice.put(&started[7].url, "hello").await.expect(201);
    alice.complete(started[0].document).await.expect(200);
    assert_eq!(
        room(&alice).await,
        Room {
            used_bytes: 5,
            reserved_bytes: 0,
            documents: 1
        }
    );
}

#[tokio::test]
async fn a_key_belongs_to_one_request_of_one_user() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let first = Started::of(
        &start(&alice, "key", &new_file("a.txt", 5))
            .await
            .expect(201)
            .json(),
    );
    start(&alice, "key", &new_file("a.txt", 6))
        .await
        .expect_problem(422, "idempotency_key_reused");
    let other = Started::of(
        &start(&alice, "another key", &new_file("a.txt", 5))
            .await
            .expect(201)
            .json(),
    );
    let bobs = Started::of(
        &start(&bob, "key", &new_file("a.txt", 5))
            .await
            .expect(201)
            .json(),
    );
    assert!(first.document != other.document && first.document != bobs.document);
    for bad in ["", &"x".repeat(201)] {
        start(&alice, bad, &new_file("a.txt", 5))
            .await
            .expect_problem(400, "invalid_idempotency_key");
    }
}

#[tokio::test]
async fn a_refused_start_leaves_its_key_free() {
    let app = TestApp::with().quota_bytes(10).start().await;
    let alice = app.user("alice").await;
    let filler = alice.start_upload("filler.txt", 10).await;
    start(&alice, "key", &new_file("a.txt", 5))
        .await
        .expect_problem(413, "quota_exceeded");
    alice
        .delete(&format!("/api/v1/documents/{}/upload", filler.document))
        .await
        .expect(204);
    start(&alice, "key", &new_file("a.txt", 5))
        .await
        .expect(201);
}
