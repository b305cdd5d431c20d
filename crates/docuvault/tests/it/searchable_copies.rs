//! Searchable copies of scans, as documents of their own.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{TestApp, TestUser};

fn path(scan: Uuid) -> String {
    format!("/api/v1/documents/{scan}/searchable-copy")
}

async fn copy_of(user: &TestUser, scan: Uuid) -> Value {
    user.get(&path(scan)).await.expect(200).json()
}

#[tokio::test]
async fn a_scan_gets_a_copy_that_needs_no_ocr() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let scan = alice.upload_fixture("scanned-letter.pdf").await;
    alice
        .post_nothing(&path(scan))
        .await
        .expect_problem(409, "not_readable_now");
    app.run_jobs().await;
    assert_eq!(
        copy_of(&alice, scan).await,
        json!({"document": null, "can_be_made": true, "problem": null})
    );

    alice.post_nothing(&path(scan)).await.expect(202);
    app.run_jobs().await;
    let shown = copy_of(&alice, scan).await;
    assert_eq!(shown["problem"], Value::Null, "{shown}");
    let copy = &shown["document"];
    assert_eq!(copy["filename"], "scanned-letter-searchable.pdf");
    assert_eq!(copy["title"], alice.document(scan).await["title"]);
    assert_eq!(copy["searchable_copy_of"], json!(scan));
    assert_eq!(copy["status"], "ready", "{copy}");
    let id: Uuid = copy["id"].as_str().unwrap().parse().unwrap();
    let text = alice
        .get(&format!("/api/v1/documents/{id}/text"))
        .await
        .expect(200)
        .json();
    let page = &text["pages"][0];
    assert_eq!(page["source"], "text", "{text}");
    assert!(page["text"].as_str().unwrap().contains("marmalade"));
    // It needs none itself, and is nothing like a find beside its scan.
    assert_eq!(copy_of(&alice, id).await["can_be_made"], false);
    alice
        .post_nothing(&path(id))
        .await
        .expect_problem(409, "nothing_recognised");
    let similar = format!("/api/v1/documents/{scan}/similar");
    assert_eq!(
        alice.get(&similar).await.expect(200).json()["items"],
        json!([])
    );

    // Again: the same bytes are there already, and in the trash they are to be had back.
    alice
        .delete(&format!("/api/v1/documents/{id}"))
        .await
        .expect(204);
    alice.post_nothing(&path(scan)).await.expect(202);
    app.run_jobs().await;
    let shown = copy_of(&alice, scan).await;
    assert_eq!(
        (&shown["document"], &shown["problem"]),
        (&Value::Null, &json!("kept_in_trash"))
    );
    alice
        .post_nothing(&format!("/api/v1/documents/{id}/restore"))
        .await
        .expect(200);
    assert_eq!(copy_of(&alice, scan).await["document"]["id"], copy["id"]);
}

#[tokio::test]
async fn where_there_is_no_room_the_scan_says_so() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let scan = alice.upload_fixture("receipt.jpg").await;
    app.run_jobs().await;
    sqlx::query("UPDATE quotas SET limit_bytes = used_bytes + 1000 WHERE user_id = $1")
        .bind(alice.id.0)
        .execute(&mut app.database.superuser().await)
        .await
        .unwrap();
    alice.post_nothing(&path(scan)).await.expect(202);
    app.run_jobs().await;
    assert_eq!(
        copy_of(&alice, scan).await,
        json!({"document": null, "can_be_made": true, "problem": "quota_exceeded"})
    );
    let quota = alice.get("/api/v1/me/quota").await.expect(200).json();
    assert_eq!(quota["reserved_bytes"], 0, "{quota}");
}

#[tokio::test]
async fn a_copy_of_an_encrypted_scan_and_of_text_is_not_offered() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let locked = alice.upload_fixture("encrypted.pdf").await;
    let note = alice.upload("note.txt", b"Nothing but text.").await;
    app.run_jobs().await;
    for id in [locked, note] {
        assert_eq!(copy_of(&alice, id).await["can_be_made"], false);
    }
    alice
        .post_nothing(&path(note))
        .await
        .expect_problem(409, "nothing_recognised");
    alice
        .post_nothing(&path(locked))
        .await
        .expect_problem(409, "not_readable_now");
}
