//! Nobody gets more room than there is, however many ask at once.

use std::time::Duration;

use futures::future::join_all;

use super::{Room, new_file, room, stored_objects};
use crate::support::{Response, Started, TestApp, TestUser};

#[tokio::test]
async fn room_is_promised_to_the_last_byte_and_not_beyond() {
    let app = TestApp::with().quota_bytes(1000).start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    alice
        .post("/api/v1/documents", new_file("a.txt", 1001))
        .await
        .expect_problem(413, "quota_exceeded");
    let started = alice.start_upload("a.txt", 999).await;
    alice
        .post("/api/v1/documents", new_file("b.txt", 2))
        .await
        .expect_problem(413, "quota_exceeded");
    alice.start_upload("c.txt", 1).await;
    bob.start_upload("a.txt", 1000).await;

    alice
        .delete(&format!("/api/v1/documents/{}/upload", started.document))
        .await
        .expect(204);
    alice.start_upload("d.txt", 999).await;
}

const UPLOADS: usize = 200;
const FILE_BYTES: usize = 1000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sec_quo_01_of_two_hundred_uploads_at_once_as_many_succeed_as_there_is_room_for() {
    let app = TestApp::with()
        .quota_bytes((UPLOADS / 2 * FILE_BYTES) as u64)
        .start()
        .await;
    let alice = app.user("alice").await;
    let outcomes =
        join_all((0..UPLOADS).map(|number| upload_if_there_is_room(&alice, number))).await;
    assert_eq!(
        outcomes.iter().filter(|succeeded| **succeeded).count(),
        UPLOADS / 2
    );
    assert_eq!(
        room(&alice).await,
        Room {
            used_bytes: (UPLOADS / 2 * FILE_BYTES) as i64,
            reserved_bytes: 0,
            documents: (UPLOADS / 2) as i64
        }
    );
    assert_eq!(stored_objects(&app).await.len(), UPLOADS / 2);
}

async fn upload_if_there_is_room(user: &TestUser, number: usize) -> bool {
    let bytes = format!("{number:0FILE_BYTES$}");
    let answer = patiently(|| user.post("/api/v1/documents", new_file("a.txt", FILE_BYTES))).await;
    if answer.status == 413 {
        answer.expect_problem(413, "quota_exceeded");
        return false;
    }
    let started = Started::of(&answer.expect(201).json());
    let put = patiently(|| user.put(&started.url, bytes.as_str())).await;
    assert!(matches!(put.status.as_u16(), 201 | 409), "{}", put.text());
    patiently(|| user.complete(started.document))
        .await
        .expect(200);
    true
}

/// On a machine that is busy otherwise the vault may be out of database connections for a moment; it then says to come again.
async fn patiently<F: Future<Output = Response>>(request: impl Fn() -> F) -> Response {
    loop {
        let answer = request().await;
        if answer.status != 503 {
            return answer;
        }
        assert!(answer.header("retry-after").is_some(), "{}", answer.text());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
