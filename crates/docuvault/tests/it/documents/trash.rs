//! Out of sight, back again, or gone for good with every byte.

use std::time::Duration;

use docuvault::documents::erase_overdue_trash;
use futures::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    gateway::download_url,
    support::{TestApp, TestUser},
    uploads::{EMPTY, Room, room, stored_objects, times_recorded},
};

async fn listed(user: &TestUser, query: &str) -> Vec<Value> {
    user.get(&format!("/api/v1/documents?{query}"))
        .await
        .expect(200)
        .json()["items"]
        .as_array()
        .unwrap()
        .clone()
}

#[tokio::test]
async fn the_trash_hides_a_document_and_gives_it_back() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.upload("a.txt", "hello").await;
    let path = format!("/api/v1/documents/{id}");
    for _ in 0..2 {
        alice.delete(&path).await.expect(204);
    }
    assert!(listed(&alice, "").await.is_empty());
    assert_eq!(listed(&alice, "trashed=true").await[0]["id"], json!(id));
    assert!(alice.document(id).await["trashed_at"].is_string());
    assert_eq!(
        alice
            .get(&download_url(&alice, id).await)
            .await
            .expect(200)
            .bytes,
        "hello",
        "it can still be looked at"
    );
    assert_eq!(
        room(&alice).await,
        Room {
            used_bytes: 5,
            reserved_bytes: 0,
            documents: 1
        }
    );

    for _ in 0..2 {
        assert_eq!(
            alice
                .post_nothing(&format!("{path}/restore"))
                .await
                .expect(200)
                .json()["trashed_at"],
            Value::Null
        );
    }
    assert_eq!(
        (
            listed(&alice, "").await.len(),
            listed(&alice, "trashed=true").await.len()
        ),
        (1, 0)
    );
    assert_eq!(times_recorded(&app, "document.trashed", id).await, 1);
    assert_eq!(times_recorded(&app, "document.restored", id).await, 1);
}

#[tokio::test]
async fn what_is_erased_leaves_no_byte_and_takes_no_room() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.upload_fixture("photo.jpg").await;
    app.run_jobs().await;
    assert_eq!(
        stored_objects(&app).await.len(),
        2,
        "the photo and its thumbnail"
    );
    let path = format!("/api/v1/documents/{id}/permanently");
    let answers = join_all((0..5).map(|_| alice.delete(&path))).await;
    assert!(
        answers
            .iter()
            .all(|answer| [204, 404].contains(&answer.status.as_u16()))
            && answers.iter().any(|answer| answer.status == 204)
    );
    assert_eq!(stored_objects(&app).await, []);
    assert_eq!(room(&alice).await, EMPTY);
    assert_eq!(times_recorded(&app, "document.erased", id).await, 1);
    app.run_jobs().await;
    for path in ["", "/download", "/text"] {
        alice
            .get(&format!("/api/v1/documents/{id}{path}"))
            .await
            .expect_problem(404, "not_found");
    }
    alice.delete(&path).await.expect_problem(404, "not_found");
    alice
        .post_nothing(&format!("/api/v1/documents/{id}/restore"))
        .await
        .expect_problem(404, "not_found");
}

#[tokio::test]
async fn erasing_that_was_cut_short_is_finished_by_its_job() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.upload("a.txt", "hello").await;
    app.run_jobs().await;
    let mut connection = app.database.superuser().await;
    // What is left when the process ends between the first commit and the removal of the bytes.
    sqlx::query("UPDATE documents SET state = 'purging', trashed_at = now()")
        .execute(&mut connection)
        .await
        .unwrap();
    sqlx::query("INSERT INTO jobs (kind, payload, max_attempts, user_id) VALUES ('erase_document', jsonb_build_object('document_id', $1::uuid), 5, $2)")
        .bind(id)
        .bind(alice.id.0)
        .execute(&mut connection)
        .await
        .unwrap();
    alice
        .get(&format!("/api/v1/documents/{id}"))
        .await
        .expect_problem(404, "not_found");
    assert!(listed(&alice, "trashed=true").await.is_empty());
    app.run_jobs().await;
    assert_eq!(stored_objects(&app).await, []);
    assert_eq!(room(&alice).await, EMPTY);
}

#[tokio::test]
async fn the_trash_empties_itself_after_its_days_and_not_before() {
    let app = TestApp::with()
        .setting("DOCUVAULT_TRASH_DAYS", 30)
        .start()
        .await;
    let alice = app.user("alice").await;
    let mut ids: Vec<Uuid> = Vec::new();
    for name in ["kept", "restored", "trashed"] {
        ids.push(alice.upload(&format!("{name}.txt"), name).await);
    }
    for id in &ids[1..] {
        alice
            .delete(&format!("/api/v1/documents/{id}"))
            .await
            .expect(204);
    }
    alice
        .post_nothing(&format!("/api/v1/documents/{}/restore", ids[1]))
        .await
        .expect(200);

    app.clock.advance(Duration::from_hours(29 * 24));
    erase_overdue_trash(&app.state).await.unwrap();
    assert_eq!(stored_objects(&app).await.len(), 3);
    app.clock.advance(Duration::from_hours(25));
    erase_overdue_trash(&app.state).await.unwrap();
    erase_overdue_trash(&app.state).await.unwrap();
    let alice = app.user("alice").await;
    assert_eq!(stored_objects(&app).await.len(), 2);
    assert_eq!(
        room(&alice).await,
        Room {
            used_bytes: 12,
            reserved_bytes: 0,
            documents: 2
        }
    );
    let mut left: Vec<String> = listed(&alice, "sort=title")
        .await
        .iter()
        .map(|item| item["title"].as_str().unwrap().to_owned())
        .collect();
    left.sort();
    assert_eq!(left, ["kept", "restored"]);
    assert!(listed(&alice, "trashed=true").await.is_empty());
}
