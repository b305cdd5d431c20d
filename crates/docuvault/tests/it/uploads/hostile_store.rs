//! Stores that fail and lie: nothing is charged for what is not there, and nothing is lost that is.

use serde_json::json;

use super::{
    EMPTY, Room,
    in_parts::{FILE, PART_BYTES, on, vault},
    new_file, new_file_of, room, times_recorded,
};
use crate::support::{Lie, ScriptedStore, Started, TestApp};

const STORED: Room = Room {
    used_bytes: FILE.len() as i64,
    reserved_bytes: 0,
    documents: 1,
};
const RESERVED: Room = Room {
    reserved_bytes: FILE.len() as i64,
    ..EMPTY
};

#[tokio::test]
async fn sec_obj_04_a_store_that_says_done_and_has_nothing_is_not_believed() {
    let (app, store) = vault().await;
    let alice = app.user("alice").await;
    let upload = alice.start_in_parts("a.txt", FILE.len()).await;
    upload.send(&store, FILE, &[1, 2, 3]);
    store.tell_lie(Lie::CompleteKeepsNothing);
    for _ in 0..2 {
        alice
            .complete(upload.document)
            .await
            .expect_problem(409, "upload_incomplete");
        assert_eq!(room(&alice).await, RESERVED);
    }
    store.be_honest();
    let fresh = alice.renew(&upload, &[1, 2, 3]).await;
    fresh.send(&store, FILE, &[1, 2, 3]);
    alice.complete(upload.document).await.expect(200);
    assert_eq!(room(&alice).await, STORED);
}

#[tokio::test]
async fn sec_obj_04_an_object_of_another_length_is_removed_and_its_room_given_back() {
    let (app, store) = vault().await;
    let alice = app.user("alice").await;
    let upload = alice.start_in_parts("a.txt", FILE.len()).await;
    upload.send(&store, FILE, &[1, 2, 3]);
    store.tell_lie(Lie::LongerStat);
    alice
        .complete(upload.document)
        .await
        .expect_problem(422, "size_mismatch");
    assert_eq!((room(&alice).await, store.objects()), (EMPTY, vec![]));
    assert_eq!(
        times_recorded(&app, "upload.discarded", upload.document).await,
        1
    );
}

#[tokio::test]
async fn a_store_that_lists_other_lengths_than_were_sent_completes_nothing() {
    let (app, store) = vault().await;
    let alice = app.user("alice").await;
    let upload = alice.start_in_parts("a.txt", FILE.len()).await;
    upload.send(&store, FILE, &[1, 2, 3]);
    store.tell_lie(Lie::ShorterParts);
    let refused = alice.complete(upload.document).await;
    let refused = refused.expect_problem(409, "upload_incomplete").json();
    assert_eq!(refused["missing_parts"], json!([1, 2, 3]));
    store.be_honest();
    alice.complete(upload.document).await.expect(200);
}

#[tokio::test]
async fn a_store_that_joins_and_says_it_was_busy_is_asked_again() {
    let (app, store) = vault().await;
    let alice = app.user("alice").await;
    let upload = alice.start_in_parts("a.txt", FILE.len()).await;
    upload.send(&store, FILE, &[1, 2, 3]);
    store.tell_lie(Lie::CompleteDenies);
    alice
        .complete(upload.document)
        .await
        .expect_problem(503, "storage_unavailable");
    assert_eq!(room(&alice).await, RESERVED);
    assert_eq!(alice.progress(upload.document).await["state"], "received");
    alice
        .post(&upload.path("/upload/parts"), json!({"part_numbers": [1]}))
        .await
        .expect_problem(409, "upload_completed");
    alice.complete(upload.document).await.expect(200);
    assert_eq!(room(&alice).await, STORED);
}

#[tokio::test]
async fn a_burst_of_refusals_costs_time_only() {
    let (app, store) = vault().await;
    let alice = app.user("alice").await;
    let upload = alice.start_in_parts("a.txt", FILE.len()).await;
    upload.send(&store, FILE, &[1, 2, 3]);
    for path in ["/complete", "/upload"] {
        store.refuse_next(1);
        let answer = if path == "/complete" {
            alice.complete(upload.document).await
        } else {
            alice.get(&upload.path(path)).await
        };
        let answer = answer.expect_problem(503, "storage_unavailable");
        assert_eq!(answer.header("retry-after"), Some("7"), "the store's own");
    }
    alice.complete(upload.document).await.expect(200);
    assert_eq!(room(&alice).await, STORED);
}

#[tokio::test]
async fn a_start_that_the_store_does_not_answer_reserves_nothing_and_can_be_repeated() {
    let (app, store) = vault().await;
    let alice = app.user("alice").await;
    let body = new_file("a.txt", FILE.len());
    store.set_down(true);
    let refused = alice.start_once("key", &body).await;
    let refused = refused.expect_problem(503, "storage_unavailable");
    assert!(refused.header("retry-after").is_some());
    assert_eq!(room(&alice).await, EMPTY);

    store.set_down(false);
    store.tell_lie(Lie::OpensUnheard);
    alice
        .start_once("key", &body)
        .await
        .expect_problem(503, "storage_unavailable");
    assert_eq!(room(&alice).await, EMPTY);
    let list = alice.get("/api/v1/documents").await.expect(200).json();
    assert_eq!(list["items"], json!([]));

    store.be_honest();
    alice.start_once("key", &body).await.expect(201);
    assert_eq!(room(&alice).await, RESERVED);
}

#[tokio::test]
async fn a_store_that_only_signs_is_asked_before_anything_is_promised() {
    let (app, store) = on(TestApp::with(), ScriptedStore::writing_once(PART_BYTES)).await;
    let alice = app.user("alice").await;
    store.set_down(true);
    alice
        .post("/api/v1/documents", new_file("a.txt", 3))
        .await
        .expect_problem(503, "storage_unavailable");
    assert_eq!(room(&alice).await, EMPTY);
}

#[tokio::test]
async fn giving_up_while_the_store_is_away_is_finished_later() {
    let (app, store) = vault().await;
    let alice = app.user("alice").await;
    let upload = alice.start_in_parts("a.txt", FILE.len()).await;
    upload.send(&store, FILE, &[1]);
    store.set_down(true);
    alice
        .delete(&upload.path("/upload"))
        .await
        .expect_problem(503, "storage_unavailable");
    assert_eq!(room(&alice).await, RESERVED, "its bytes are still there");
    alice
        .complete(upload.document)
        .await
        .expect_problem(404, "not_found");
    store.set_down(false);
    alice.delete(&upload.path("/upload")).await.expect(204);
    assert_eq!((room(&alice).await, store.open_uploads()), (EMPTY, 0));
}

#[tokio::test]
async fn a_digest_that_does_not_hold_is_found_out_when_the_file_is_read() {
    let (app, store) = on(TestApp::with(), ScriptedStore::writing_once(64)).await;
    let alice = app.user("alice").await;
    let body = new_file_of("a.txt", b"what was promised");
    let started = Started::of(
        &alice
            .post("/api/v1/documents", body)
            .await
            .expect(201)
            .json(),
    );
    store
        .put_object(&started.url, b"something elsewise"[..17].as_ref())
        .unwrap();
    alice.complete(started.document).await.expect(200);
    app.run_jobs().await;
    let document = alice.document(started.document).await;
    assert_eq!(
        (&document["status"], &document["processing_error"]),
        (&json!("failed"), &json!("checksum_mismatch"))
    );
}
