//! Documents that ask for a password.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn an_encrypted_document_is_read_with_the_password_its_owner_gives() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let document = alice.upload_fixture("encrypted.pdf").await;
    let reprocess = format!("/api/v1/documents/{document}/reprocess");
    app.run_jobs().await;
    assert_eq!(
        alice.document(document).await["processing_error"],
        "password_needed"
    );

    for refused in [json!(""), json!("x".repeat(513)), json!("a\u{0}b")] {
        let answer = alice.post(&reprocess, json!({"password": refused})).await;
        let problem = answer.expect_problem(422, "validation_failed");
        assert!(problem.text().contains("invalid_password"));
    }
    let wrong = json!({"password": "not it"});
    alice.post(&reprocess, wrong).await.expect(202);
    app.run_jobs().await;
    assert_eq!(
        alice.document(document).await["processing_error"],
        "password_wrong"
    );
    // A wrong one is not kept: without one the document asks again.
    alice.post_nothing(&reprocess).await.expect(202);
    app.run_jobs().await;
    assert_eq!(
        alice.document(document).await["processing_error"],
        "password_needed"
    );

    alice
        .post(&reprocess, json!({"password": "secret"}))
        .await
        .expect(202);
    app.run_jobs().await;
    let read = alice.document(document).await;
    assert_eq!(read["status"], "ready", "{read}");
    assert!(read["thumbnail_url"].is_string(), "{read}");
    let found = alice.get("/api/v1/search?q=harbour").await.expect(200);
    assert_eq!(found.json()["items"][0]["document"]["id"], json!(document));

    // It is kept for later readings, sealed.
    alice.post_nothing(&reprocess).await.expect(202);
    app.run_jobs().await;
    assert_eq!(alice.document(document).await["status"], "ready");
    let mut superuser = app.database.superuser().await;
    let kept: Vec<u8> = sqlx::query_scalar("SELECT password_sealed FROM document_passwords")
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    assert!(!kept.windows(6).any(|bytes| bytes == b"secret"));
    let queued: i64 =
        sqlx::query_scalar("SELECT count(*) FROM jobs WHERE payload::text LIKE '%secret%'")
            .fetch_one(&mut superuser)
            .await
            .unwrap();
    assert_eq!(queued, 0);
}
