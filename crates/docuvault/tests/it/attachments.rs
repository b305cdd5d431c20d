//! What is attached to a message, kept as documents of their own.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{TestApp, TestUser};

async fn attached_to(user: &TestUser, message: Uuid) -> Value {
    let path = format!("/api/v1/documents/{message}/attachments");
    user.get(&path).await.expect(200).json()
}

fn filenames(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().unwrap();
    let names = items.iter().map(|item| item["filename"].as_str().unwrap());
    names.collect()
}

async fn used_bytes(user: &TestUser) -> i64 {
    let quota = user.get("/api/v1/me/quota").await.expect(200).json();
    assert_eq!(quota["reserved_bytes"], 0, "{quota}");
    quota["used_bytes"].as_i64().unwrap()
}

#[tokio::test]
async fn attachments_become_documents_once() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let message = alice.upload_fixture("papers-attached.eml").await;
    let keep = format!("/api/v1/documents/{message}/attachments");
    alice
        .post_nothing(&keep)
        .await
        .expect_problem(409, "not_readable_now");
    app.run_jobs().await;
    assert_eq!(
        attached_to(&alice, message).await,
        json!({"items": [], "problem": null})
    );
    let before = used_bytes(&alice).await;

    alice.post_nothing(&keep).await.expect(202);
    app.run_jobs().await;
    let kept = attached_to(&alice, message).await;
    assert_eq!(
        filenames(&kept),
        [
            "holiday.zip",
            "measurements.txt",
            "payslip.pdf",
            "The greenhouse",
            "ticket.png"
        ]
    );
    assert_eq!(kept["problem"], Value::Null);
    let items = kept["items"].as_array().unwrap();
    let mut sizes = 0;
    for item in items {
        assert_eq!(item["status"], "ready", "{item}");
        assert_eq!(item["attached_to"], json!(message));
        sizes += item["size_bytes"].as_i64().unwrap();
    }
    assert_eq!(used_bytes(&alice).await, before + sizes);
    // Each is read, with its own text and picture, and found by itself.
    let found = alice
        .get("/api/v1/search?q=pension+contribution+type:pdf")
        .await;
    let found = found.expect(200).json();
    assert_eq!(
        found["items"][0]["document"]["filename"], "payslip.pdf",
        "{found}"
    );
    let inner = items
        .iter()
        .find(|item| item["filename"] == "The greenhouse")
        .unwrap();
    assert_eq!(inner["content_type"], "message/rfc822");

    // Again: they are there already.
    alice.post_nothing(&keep).await.expect(202);
    app.run_jobs().await;
    assert_eq!(filenames(&attached_to(&alice, message).await).len(), 5);
    assert_eq!(used_bytes(&alice).await, before + sizes);

    // The message goes; what came with it stays.
    alice
        .delete(&format!("/api/v1/documents/{message}"))
        .await
        .expect(204);
    alice
        .delete(&format!("/api/v1/documents/{message}/permanently"))
        .await
        .expect(204);
    app.run_jobs().await;
    let payslip: Uuid = items
        .iter()
        .find(|item| item["filename"] == "payslip.pdf")
        .and_then(|item| item["id"].as_str()?.parse().ok())
        .unwrap();
    assert_eq!(alice.document(payslip).await["attached_to"], Value::Null);
}

#[tokio::test]
async fn what_does_not_fit_is_said_and_the_rest_is_kept() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let message = alice.upload_fixture("papers-attached.eml").await;
    app.run_jobs().await;
    // Room for the text, not for the picture.
    sqlx::query("UPDATE quotas SET limit_bytes = used_bytes + 1000 WHERE user_id = $1")
        .bind(alice.id.0)
        .execute(&mut app.database.superuser().await)
        .await
        .unwrap();
    let keep = format!("/api/v1/documents/{message}/attachments");
    alice.post_nothing(&keep).await.expect(202);
    app.run_jobs().await;
    let kept = attached_to(&alice, message).await;
    assert_eq!(kept["problem"], "quota_exceeded", "{kept}");
    let names = filenames(&kept);
    assert!(
        names.contains(&"measurements.txt") && !names.contains(&"ticket.png"),
        "{names:?}"
    );
    used_bytes(&alice).await;
}

#[tokio::test]
async fn only_messages_have_attachments() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let letter = alice
        .upload("letter.txt", b"Nothing is attached to this letter.")
        .await;
    let bare = alice
        .upload("bare.eml", b"Return-Path: <a@example.org>\r\nFrom: a@example.org\r\nTo: b@example.org\r\nDate: Fri, 3 May 2024 10:00:00 +0200\r\nMessage-ID: <1@example.org>\r\nSubject: Bare\r\n\r\nNothing attached.\r\n")
        .await;
    app.run_jobs().await;
    let keep = |id: Uuid| format!("/api/v1/documents/{id}/attachments");
    alice
        .post_nothing(&keep(letter))
        .await
        .expect_problem(409, "no_message");
    alice.post_nothing(&keep(bare)).await.expect(202);
    app.run_jobs().await;
    assert_eq!(
        attached_to(&alice, bare).await,
        json!({"items": [], "problem": "nothing_attached"})
    );
}
