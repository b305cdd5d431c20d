//! An upload that was interrupted goes on from what has arrived.

use std::time::Duration;

use docuvault_storage::{PartToUpload, StorageBackend};
use futures::future::join_all;
use serde_json::{Value, json};

use super::{
    in_parts::{FILE, PART_BYTES, on, piece, vault, vault_with},
    new_file, new_file_of, room, sha256_hex,
};
use crate::support::{ScriptedStore, Started, TestApp};

#[tokio::test]
async fn what_has_arrived_is_shown_and_not_sent_again() {
    let (app, store) = vault().await;
    let alice = app.user("alice").await;
    let upload = alice.start_in_parts("a.txt", FILE.len()).await;
    let sent = upload.send(&store, FILE, &[3, 1]);

    let shown = alice.progress(upload.document).await;
    assert_eq!(
        (&shown["id"], &shown["strategy"], &shown["state"]),
        (
            &json!(upload.upload_id),
            &json!("multipart"),
            &json!("waiting")
        )
    );
    assert_eq!(
        shown["multipart"],
        json!({"part_size_bytes": 4, "part_count": 3})
    );
    assert_eq!(shown["size_bytes"], 10);
    let mark = |part: &Value| part["etag"].as_str().unwrap().trim_matches('"').to_owned();
    assert_eq!(
        shown["parts"],
        json!([
            {"part_number": 1, "size_bytes": 4, "etag": mark(&sent[1])},
            {"part_number": 3, "size_bytes": 2, "etag": mark(&sent[0])}
        ])
    );
    assert!(shown.get("single").is_none() && shown.get("sha256").is_none());

    let fresh = alice.renew(&upload, &[2]).await;
    fresh.send(&store, FILE, &[2]);
    alice.complete(upload.document).await.expect(200);
    let shown = alice.progress(upload.document).await;
    assert_eq!(
        (&shown["state"], &shown["parts"]),
        (&json!("completed"), &json!([]))
    );
}

#[tokio::test]
async fn a_part_of_the_wrong_length_has_not_arrived() {
    let (app, store) = vault().await;
    let alice = app.user("alice").await;
    let upload = alice.start_in_parts("a.txt", FILE.len()).await;
    upload.send(&store, FILE, &[1, 3]);
    // No store should let it in, but some do not look.
    let lax = PartToUpload {
        number: 2,
        size_bytes: 3,
    };
    let key = app_key(&app).await;
    let url = store
        .part_url(&key, "upload-1", lax, Duration::from_secs(1))
        .await
        .unwrap();
    store.put_part(url.url.expose(), b"EFG").unwrap();
    let shown = alice.progress(upload.document).await;
    let arrived = shown["parts"].as_array().unwrap();
    assert_eq!(arrived.len(), 2, "{shown}");
    let refused = alice.complete(upload.document).await;
    let refused = refused.expect_problem(409, "upload_incomplete").json();
    assert_eq!(refused["missing_parts"], json!([2]));
}

/// The key of the only upload.
async fn app_key(app: &TestApp) -> docuvault_storage::ObjectKey {
    let key: String = sqlx::query_scalar("SELECT object_key FROM uploads")
        .fetch_one(&mut app.database.superuser().await)
        .await
        .unwrap();
    docuvault_storage::ObjectKey::parse(&key).unwrap()
}

#[tokio::test]
async fn an_upload_that_the_store_forgot_begins_anew() {
    let (app, store) = vault().await;
    let alice = app.user("alice").await;
    let upload = alice.start_in_parts("a.txt", FILE.len()).await;
    upload.send(&store, FILE, &[1, 2, 3]);
    store.forget_uploads();
    let refused = alice.complete(upload.document).await;
    let refused = refused.expect_problem(409, "upload_incomplete").json();
    assert_eq!(refused["missing_parts"], json!([1, 2, 3]));

    let shown = join_all((0..6).map(|_| alice.progress(upload.document))).await;
    for shown in shown {
        assert_eq!(
            (&shown["state"], &shown["parts"]),
            (&json!("waiting"), &json!([]))
        );
    }
    assert_eq!(store.open_uploads(), 1, "whoever asks at once opens one");
    assert_eq!(store.put_part(upload.url(1), piece(FILE, 1)), Err(404));
    let fresh = alice.renew(&upload, &[1, 2, 3]).await;
    fresh.send(&store, FILE, &[1, 2]);

    store.forget_uploads();
    let fresh = alice.renew(&upload, &[3, 2, 1]).await;
    fresh.send(&store, FILE, &[1, 2, 3]);
    alice.complete(upload.document).await.expect(200);
    assert_eq!(store.open_uploads(), 0);
    assert_eq!(room(&alice).await.used_bytes, FILE.len() as i64);
}

#[tokio::test]
async fn bytes_that_are_whole_at_the_store_only_have_to_be_completed() {
    let (app, store) = on(TestApp::with(), ScriptedStore::writing_once(PART_BYTES)).await;
    let alice = app.user("alice").await;
    let answer = alice
        .post("/api/v1/documents", new_file_of("a.txt", b"abc"))
        .await
        .expect(201)
        .json();
    let started = Started::of(&answer);
    let shown = alice.progress(started.document).await;
    assert_eq!(
        (&shown["strategy"], &shown["state"], &shown["sha256"]),
        (
            &json!("single"),
            &json!("waiting"),
            &json!(sha256_hex(b"abc"))
        )
    );
    let url = shown["single"]["url"].as_str().unwrap();
    assert_eq!(shown["single"]["method"], "PUT");
    store.put_object(url, b"abc").unwrap();
    let shown = alice.progress(started.document).await;
    assert_eq!(shown["state"], "received");
    assert!(shown.get("single").is_none());
    alice.complete(started.document).await.expect(200);
    assert_eq!(store.put_object(&started.url, b"xyz"), Err(412));
    assert_eq!(alice.progress(started.document).await["state"], "completed");
}

#[tokio::test]
async fn what_is_anothers_or_gone_is_not_shown() {
    let (app, _store) = vault().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let upload = alice.start_in_parts("a.txt", FILE.len()).await;
    let path = upload.path("/upload");
    bob.get(&path).await.expect_problem(404, "not_found");
    alice.delete(&path).await.expect(204);
    alice.get(&path).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn an_address_of_the_gateway_is_good_for_a_quarter_of_an_hour_and_can_be_had_anew() {
    let app = TestApp::with()
        .setting("DOCUVAULT_ACCESS_TOKEN_SECONDS", 100_000)
        .start()
        .await;
    let alice = app.user("alice").await;
    let started = alice.start_upload("a.txt", 5).await;
    app.clock.advance(Duration::from_secs(15 * 60 + 2));
    alice
        .put(&started.url, "hello")
        .await
        .expect_problem(403, "ticket_expired");
    let shown = alice.progress(started.document).await;
    let url = shown["single"]["url"].as_str().unwrap();
    assert_ne!(url, started.url);
    alice.put(url, "hello").await.expect(201);
    assert_eq!(alice.progress(started.document).await["state"], "received");
    alice.complete(started.document).await.expect(200);
}

#[tokio::test]
async fn an_upload_whose_time_is_over_gets_no_more_addresses() {
    let long = TestApp::with()
        .setting("DOCUVAULT_ACCESS_TOKEN_SECONDS", 100_000)
        .setting("DOCUVAULT_UPLOAD_TTL_SECONDS", 600);
    let (app, store) = vault_with(long).await;
    let alice = app.user("alice").await;
    let upload = alice.start_in_parts("a.txt", FILE.len()).await;
    app.clock.advance(Duration::from_secs(601));
    alice
        .post(&upload.path("/upload/parts"), json!({"part_numbers": [1]}))
        .await
        .expect_problem(404, "not_found");
    // Whoever was sending still arrives.
    upload.send(&store, FILE, &[1, 2, 3]);
    alice.complete(upload.document).await.expect(200);
}

#[tokio::test]
async fn a_token_that_may_only_read_gets_no_address_to_send_to() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let started = alice.start_upload("a.txt", 5).await;
    let made = alice
        .post(
            "/api/v1/auth/tokens",
            json!({"name": "reader", "scopes": ["read"]}),
        )
        .await
        .expect(201)
        .json();
    let reader = app.anon().with_token(made["token"].as_str().unwrap());
    let shown = reader.progress(started.document).await;
    assert_eq!(shown["state"], "waiting");
    assert!(shown.get("single").is_none(), "{shown}");
}

#[tokio::test]
async fn sec_obj_08_addresses_live_for_minutes_whatever_the_upload_may_take() {
    let (app, store) = vault().await;
    let alice = app.user("alice").await;
    let life = |url: &str| -> u64 {
        let (_, after) = url.split_once("X-Amz-Expires=").unwrap();
        after.split('&').next().unwrap().parse().unwrap()
    };
    let upload = alice.start_in_parts("a.txt", FILE.len()).await;
    let fresh = alice.renew(&upload, &[1, 2]).await;
    for (_, url, _) in upload.parts.iter().chain(&fresh.parts) {
        assert!((800..=900).contains(&life(url)), "{}", life(url));
    }
    upload.send(&store, FILE, &[1, 2, 3]);
    alice.complete(upload.document).await.expect(200);
    let link = alice
        .get(&upload.path("/download"))
        .await
        .expect(200)
        .json();
    assert!(life(link["url"].as_str().unwrap()) <= 60);

    let short = TestApp::with().setting("DOCUVAULT_UPLOAD_TTL_SECONDS", 60);
    let (app, _store) = on(short, ScriptedStore::writing_once(PART_BYTES)).await;
    let alice = app.user("alice").await;
    let answer = alice
        .post("/api/v1/documents", new_file("a.txt", 3))
        .await
        .expect(201)
        .json();
    assert!(life(&Started::of(&answer).url) <= 60);
}
