//! Bytes that are not what was sent are found out when they are read, and told.

use std::path::PathBuf;

use serde_json::json;
use uuid::Uuid;

use crate::{
    support::{ScriptedStore, Started, TestApp, TestUser},
    uploads::{
        in_parts::{FILE, on, vault},
        new_file_of, room, sha256_hex, times_recorded,
    },
};

/// Where the local disk keeps a document.
fn object_of(app: &TestApp, user: &TestUser, document: Uuid) -> PathBuf {
    let document = document.to_string();
    let folder = app
        .objects_dir()
        .join(user.id.to_string())
        .join(&document[34..])
        .join(&document);
    let mut entries = std::fs::read_dir(folder).unwrap();
    entries.next().unwrap().unwrap().path()
}

/// The document, as it was given up for `reason` with this said of its object, and its owner told.
async fn expect_failed(app: &TestApp, user: &TestUser, id: Uuid, reason: &str, problem: &str) {
    let document = user.document(id).await;
    assert_eq!(
        (
            &document["status"],
            &document["processing_error"],
            &document["storage_problem"]
        ),
        (&json!("failed"), &json!(reason), &json!(problem))
    );
    let told = user.get("/api/v1/notifications").await.expect(200).json();
    let about: Vec<_> = told["items"]
        .as_array()
        .unwrap()
        .iter()
        // The hourly look at the store may have found it too, and told of it by another kind.
        .filter(|item| {
            item["kind"] == "documents.reading_failed"
                && item["data"]["document_id"] == id.to_string()
        })
        .collect();
    assert_eq!(about.len(), 1, "{told}");
    let damaged = i64::from(problem == "damaged");
    assert_eq!(times_recorded(app, "document.damaged", id).await, damaged);
}

#[tokio::test]
async fn bytes_that_are_what_was_sent_are_noted_as_such() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.upload("a.txt", "hello").await;
    app.run_jobs().await;
    assert_eq!(alice.document(id).await["storage_problem"], json!(null));
    let verified: bool = sqlx::query_scalar("SELECT verified_at IS NOT NULL FROM documents")
        .fetch_one(&mut app.database.superuser().await)
        .await
        .unwrap();
    assert!(verified);
}

#[tokio::test]
async fn a_senders_word_that_does_not_hold_gives_way_to_the_truth() {
    let (app, store) = on(TestApp::with(), ScriptedStore::writing_once(64)).await;
    let alice = app.user("alice").await;
    let upload = async |promised: &[u8], sent: &[u8]| {
        let body = new_file_of("a.txt", promised);
        let answer = alice.post("/api/v1/documents", body).await;
        let started = Started::of(&answer.expect(201).json());
        store.put_object(&started.url, sent).unwrap();
        alice.complete(started.document).await.expect(200);
        started.document
    };
    let honest = upload(b"12345", b"12345").await;
    let lied = upload(b"54321", b"12345").await;
    app.run_jobs().await;
    assert_eq!(alice.document(honest).await["status"], "ready");
    expect_failed(&app, &alice, lied, "checksum_mismatch", "damaged").await;
    assert_eq!(alice.document(lied).await["sha256"], sha256_hex(b"12345"));
    assert_eq!(room(&alice).await.used_bytes, 10, "it is kept, and counted");
    // The digest it claimed is free for whoever really has those bytes.
    let really = upload(b"54321", b"54321").await;
    app.run_jobs().await;
    assert_eq!(alice.document(really).await["status"], "ready");
}

#[tokio::test]
async fn bytes_that_the_disk_changed_keep_the_digest_they_came_with() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.upload("a.txt", "hello").await;
    let object = object_of(&app, &alice, id);
    std::fs::remove_file(&object).unwrap();
    std::fs::write(&object, "hallo").unwrap();
    app.run_jobs().await;
    expect_failed(&app, &alice, id, "checksum_mismatch", "damaged").await;
    assert_eq!(alice.document(id).await["sha256"], sha256_hex(b"hello"));
}

#[tokio::test]
async fn an_object_that_is_away_is_looked_for_again_before_it_counts_as_missing() {
    let (app, store) = vault().await;
    let alice = app.user("alice").await;
    let upload = alice.start_in_parts("a.txt", FILE.len()).await;
    upload.send(&store, FILE, &[1, 2, 3]);
    alice.complete(upload.document).await.expect(200);
    let key = store.objects().pop().unwrap();
    store.lose_object(&key);
    app.start_worker();
    let mut connection = app.database.superuser().await;
    for _ in 0..200 {
        let attempts: i32 =
            sqlx::query_scalar("SELECT attempts FROM jobs WHERE kind = 'read_document'")
                .fetch_one(&mut connection)
                .await
                .unwrap();
        if attempts > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let document = alice.document(upload.document).await;
    assert_eq!(
        (&document["status"], &document["storage_problem"]),
        (&json!("processing"), &json!(null))
    );
    store.replace_object(&key, FILE);
    app.run_jobs().await;
    assert_eq!(alice.document(upload.document).await["status"], "ready");
}

#[tokio::test]
async fn an_object_that_stays_away_or_is_cut_short_is_missing() {
    let (app, store) = vault().await;
    let alice = app.user("alice").await;
    for cut in [false, true] {
        let upload = alice.start_in_parts("a.txt", FILE.len()).await;
        upload.send(&store, FILE, &[1, 2, 3]);
        alice.complete(upload.document).await.expect(200);
        let key = store.objects().pop().unwrap();
        if cut {
            store.replace_object(&key, &FILE[..5]);
        } else {
            store.lose_object(&key);
        }
        app.run_jobs().await;
        expect_failed(&app, &alice, upload.document, "object_missing", "missing").await;
        store.lose_object(&key);
    }
}

#[tokio::test]
async fn a_file_nobody_gave_a_digest_for_may_turn_out_to_be_a_copy() {
    let (app, store) = vault().await;
    let alice = app.user("alice").await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let upload = alice.start_in_parts("a.txt", FILE.len()).await;
        upload.send(&store, FILE, &[1, 2, 3]);
        alice.complete(upload.document).await.expect(200);
        ids.push(upload.document);
    }
    app.run_jobs().await;
    for id in ids {
        let document = alice.document(id).await;
        assert_eq!(
            (&document["status"], &document["sha256"]),
            (&json!("ready"), &json!(sha256_hex(FILE)))
        );
    }
}
