//! Giving up an upload takes back everything it had.

use futures::future::join_all;
use reqwest::Method;

use super::{EMPTY, room, stored_objects, times_recorded};
use crate::support::TestApp;

#[tokio::test]
async fn an_upload_can_be_given_up_before_and_after_its_bytes_came() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for bytes_came in [false, true] {
        let started = alice.start_upload("a.txt", 5).await;
        if bytes_came {
            alice.put(&started.url, "hello").await.expect(201);
        }
        let path = format!("/api/v1/documents/{}/upload", started.document);
        let answers = join_all((0..4).map(|_| alice.delete(&path))).await;
        assert!(
            answers
                .iter()
                .all(|answer| [204, 404].contains(&answer.status.as_u16()))
                && answers.iter().any(|answer| answer.status == 204)
        );
        alice.delete(&path).await.expect_problem(404, "not_found");

        assert_eq!(room(&alice).await, EMPTY);
        assert_eq!(stored_objects(&app).await, []);
        assert_eq!(
            times_recorded(&app, "upload.discarded", started.document).await,
            1
        );
        alice
            .complete(started.document)
            .await
            .expect_problem(404, "not_found");
        alice
            .put(&started.url, "hello")
            .await
            .expect_problem(410, "upload_gone");
        assert_eq!(stored_objects(&app).await, []);
    }
}

#[tokio::test]
async fn a_completed_upload_cannot_be_given_up() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.upload("a.txt", "hello").await;
    alice
        .delete(&format!("/api/v1/documents/{id}/upload"))
        .await
        .expect_problem(409, "upload_completed");
    assert_eq!(stored_objects(&app).await.len(), 1);
}

#[tokio::test]
async fn deleting_a_document_without_bytes_gives_its_upload_up() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for path in ["", "/permanently"] {
        let started = alice.start_upload("a.txt", 5).await;
        alice
            .request(
                Method::DELETE,
                &format!("/api/v1/documents/{}{path}", started.document),
            )
            .send()
            .await
            .unwrap();
        assert_eq!(room(&alice).await, EMPTY);
        let trash = alice
            .get("/api/v1/documents?trashed=true")
            .await
            .expect(200)
            .json();
        assert_eq!(trash["items"], serde_json::json!([]));
    }
}
