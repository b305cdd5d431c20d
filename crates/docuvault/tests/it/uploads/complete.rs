//! Completing an upload: once, however often it is asked for, and only when the bytes are what was promised.

use futures::future::join_all;
use serde_json::json;
use uuid::Uuid;

use super::{EMPTY, Room, new_file, new_file_of, room, sha256_hex, stored_objects, times_recorded};
use crate::support::{SendIt, Started, TestApp};

async fn reading_jobs(app: &TestApp) -> i64 {
    let mut connection = app.database.superuser().await;
    sqlx::query_scalar("SELECT count(*) FROM jobs WHERE kind = 'read_document'")
        .fetch_one(&mut connection)
        .await
        .unwrap()
}

#[tokio::test]
async fn nothing_is_completed_before_its_bytes_are_there() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let started = alice.start_upload("a.txt", 5).await;
    alice
        .complete(started.document)
        .await
        .expect_problem(409, "upload_incomplete");
    alice
        .get(&format!("/api/v1/documents/{}/download", started.document))
        .await
        .expect_problem(409, "upload_incomplete");

    alice.put(&started.url, "hello").await.expect(201);
    assert_eq!(
        alice.document(started.document).await["status"],
        "uploading",
        "bytes alone settle nothing"
    );
    let answer = alice.complete(started.document).await.expect(200);
    let document = answer.json();
    assert_eq!(
        (&document["status"], &document["size_bytes"]),
        (&json!("processing"), &json!(5))
    );
    assert_eq!(document["sha256"], sha256_hex(b"hello"));
    assert_eq!(
        alice
            .get(&format!("/api/v1/documents/{}", started.document))
            .await
            .header("etag"),
        answer.header("etag")
    );
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
async fn completing_twenty_times_at_once_is_one_charge_one_job_and_one_record() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let started = alice.start_upload("a.txt", 5).await;
    alice.put(&started.url, "hello").await.expect(201);
    let answers = join_all((0..20).map(|_| alice.complete(started.document))).await;
    for answer in &answers {
        assert_eq!(answer.clone().expect(200).json(), answers[0].json());
    }
    alice.complete(started.document).await.expect(200);
    assert_eq!(
        room(&alice).await,
        Room {
            used_bytes: 5,
            reserved_bytes: 0,
            documents: 1
        }
    );
    assert_eq!(reading_jobs(&app).await, 1);
    assert_eq!(
        times_recorded(&app, "document.stored", started.document).await,
        1
    );
}

#[tokio::test]
async fn a_promised_digest_that_does_not_hold_gives_the_room_back() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let started = Started::of(
        &alice
            .post("/api/v1/documents", new_file_of("a.txt", b"hello"))
            .await
            .expect(201)
            .json(),
    );
    alice.put(&started.url, "hallo").await.expect(201);
    alice
        .complete(started.document)
        .await
        .expect_problem(422, "checksum_mismatch");
    assert_eq!(room(&alice).await, EMPTY);
    assert_eq!(stored_objects(&app).await, []);
    assert_eq!(reading_jobs(&app).await, 0);
    alice
        .get(&format!("/api/v1/documents/{}", started.document))
        .await
        .expect_problem(404, "not_found");
    alice
        .complete(started.document)
        .await
        .expect_problem(404, "not_found");
    alice
        .put(&started.url, "hello")
        .await
        .expect_problem(410, "upload_gone");
}

#[tokio::test]
async fn a_store_that_lost_bytes_is_found_out() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let started = alice.start_upload("a.txt", 5).await;
    alice.put(&started.url, "hello").await.expect(201);
    let document = started.document.to_string();
    let folder = app
        .objects_dir()
        .join(alice.id.to_string())
        .join(&document[34..])
        .join(&document);
    let object = std::fs::read_dir(folder)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    std::fs::remove_file(&object).unwrap();
    std::fs::write(&object, "hell").unwrap();
    alice
        .complete(started.document)
        .await
        .expect_problem(422, "size_mismatch");
    assert_eq!(room(&alice).await, EMPTY);
    assert_eq!(stored_objects(&app).await, []);

    let started = alice.start_upload("b.txt", 5).await;
    alice.put(&started.url, "hello").await.expect(201);
    std::fs::remove_dir_all(app.objects_dir().join(alice.id.to_string())).unwrap();
    alice
        .complete(started.document)
        .await
        .expect_problem(409, "upload_incomplete");
}

#[tokio::test]
async fn what_is_sent_along_is_read_strictly() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let started = alice.start_upload("a.txt", 5).await;
    alice.put(&started.url, "hello").await.expect(201);
    let path = format!("/api/v1/documents/{}/complete", started.document);
    alice
        .post(&path, json!({"size_bytes": 5}))
        .await
        .expect_problem(400, "unknown_field");
    alice
        .post(&path, json!({"parts": [{"part_number": 1, "etag": "x"}]}))
        .await
        .expect_problem(422, "validation_failed");
    alice
        .request(reqwest::Method::POST, &path)
        .body("{")
        .send_it()
        .await
        .expect_problem(400, "malformed_json");
    alice.post(&path, json!({"parts": []})).await.expect(200);
}

#[tokio::test]
async fn what_is_not_there_or_anothers_cannot_be_completed() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let started = Started::of(
        &alice
            .post("/api/v1/documents", new_file("a.txt", 5))
            .await
            .expect(201)
            .json(),
    );
    alice.put(&started.url, "hello").await.expect(201);
    for id in [started.document, Uuid::now_v7()] {
        bob.complete(id).await.expect_problem(404, "not_found");
    }
    assert_eq!(
        alice.document(started.document).await["status"],
        "uploading"
    );
}
