//! The same bytes are kept once per vault, unless their owner wants them twice.

use futures::future::join;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{EMPTY, Room, new_file_of, room, stored_objects};
use crate::support::{Response, Started, TestApp};

#[track_caller]
fn assert_duplicate_of(answer: Response, existing: Uuid, trashed: bool) {
    let problem = answer.expect_problem(409, "duplicate_document").json();
    assert_eq!(
        (&problem["existing_id"], &problem["existing_trashed"]),
        (&json!(existing), &Value::Bool(trashed))
    );
}

#[tokio::test]
async fn a_known_digest_is_refused_before_a_byte_is_sent() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let first = alice.upload("a.txt", "hello").await;
    assert_duplicate_of(
        alice
            .post("/api/v1/documents", new_file_of("b.txt", b"hello"))
            .await,
        first,
        false,
    );
    bob.post("/api/v1/documents", new_file_of("b.txt", b"hello"))
        .await
        .expect(201);

    alice
        .delete(&format!("/api/v1/documents/{first}"))
        .await
        .expect(204);
    assert_duplicate_of(
        alice
            .post("/api/v1/documents", new_file_of("b.txt", b"hello"))
            .await,
        first,
        true,
    );
    alice
        .delete(&format!("/api/v1/documents/{first}/permanently"))
        .await
        .expect(204);
    alice
        .post("/api/v1/documents", new_file_of("b.txt", b"hello"))
        .await
        .expect(201);
}

#[tokio::test]
async fn an_untold_duplicate_is_found_when_it_is_completed() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let first = alice.upload("a.txt", "hello").await;
    let started = alice.start_upload("b.txt", 5).await;
    alice.put(&started.url, "hello").await.expect(201);
    assert_duplicate_of(alice.complete(started.document).await, first, false);
    alice
        .get(&format!("/api/v1/documents/{}", started.document))
        .await
        .expect_problem(404, "not_found");
    assert_eq!(
        room(&alice).await,
        Room {
            used_bytes: 5,
            reserved_bytes: 0,
            documents: 1
        }
    );
    assert_eq!(stored_objects(&app).await.len(), 1);
}

#[tokio::test]
async fn of_two_at_once_one_is_kept() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for round in 0..5 {
        let bytes = format!("hello {round}");
        let (one, other) = (
            alice.start_upload("a.txt", 7).await,
            alice.start_upload("b.txt", 7).await,
        );
        alice.put(&one.url, bytes.as_str()).await.expect(201);
        alice.put(&other.url, bytes.as_str()).await.expect(201);
        let (first, second) =
            join(alice.complete(one.document), alice.complete(other.document)).await;
        if first.status == 200 {
            assert_duplicate_of(second, one.document, false);
        } else {
            second.expect(200);
            assert_duplicate_of(first, other.document, false);
        }
    }
    assert_eq!(
        room(&alice).await,
        Room {
            used_bytes: 35,
            reserved_bytes: 0,
            documents: 5
        }
    );
    assert_eq!(stored_objects(&app).await.len(), 5);
}

#[tokio::test]
async fn a_second_copy_is_kept_when_it_is_wanted() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let first = alice.upload("a.txt", "hello").await;
    let started = Started::of(
        &alice
            .post(
                "/api/v1/documents?allow_duplicate=true",
                new_file_of("b.txt", b"hello"),
            )
            .await
            .expect(201)
            .json(),
    );
    alice.put(&started.url, "hello").await.expect(201);
    alice.complete(started.document).await.expect(200);
    assert_eq!(
        room(&alice).await,
        Room {
            used_bytes: 10,
            reserved_bytes: 0,
            documents: 2
        }
    );

    assert_duplicate_of(
        alice
            .post("/api/v1/documents", new_file_of("c.txt", b"hello"))
            .await,
        first,
        false,
    );
    for id in [first, started.document] {
        alice
            .delete(&format!("/api/v1/documents/{id}/permanently"))
            .await
            .expect(204);
    }
    assert_eq!(room(&alice).await, EMPTY);
}
