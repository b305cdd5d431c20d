//! A document's picture, and reading or filing it anew.

use serde_json::{Value, json};

use crate::support::TestApp;

#[tokio::test]
async fn a_document_has_a_picture_of_its_first_page() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let document = alice.upload_fixture("invoice-en.pdf").await;
    let thumbnail = format!("/api/v1/documents/{document}/thumbnail");
    alice
        .get(&thumbnail)
        .await
        .expect_problem(404, "no_thumbnail");
    app.run_jobs().await;
    let link = alice.get(&thumbnail).await.expect(200).json();
    let picture = app
        .anon()
        .get(link["url"].as_str().unwrap())
        .await
        .expect(200);
    assert!(matches!(
        picture.header("content-type"),
        Some("image/webp" | "image/jpeg")
    ));
    assert_eq!(
        link["url"],
        alice.document(document).await["thumbnail_url"],
        "browsers keep one copy"
    );
}

#[tokio::test]
async fn a_document_is_read_again_and_what_the_user_said_stays() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let document = alice.upload_fixture("invoice-en.pdf").await;
    let reprocess = format!("/api/v1/documents/{document}/reprocess");
    alice
        .post_nothing(&reprocess)
        .await
        .expect_problem(409, "not_readable_now");
    alice
        .post_nothing(&format!("/api/v1/documents/{document}/classify"))
        .await
        .expect_problem(409, "not_read_yet");
    app.run_jobs().await;
    alice
        .patch(
            &format!("/api/v1/documents/{document}"),
            json!({"title": "My own title", "document_date": "2020-01-02"}),
        )
        .await
        .expect(200);
    let before = alice.document(document).await;
    let text = alice
        .get(&format!("/api/v1/documents/{document}/text"))
        .await
        .expect(200)
        .json();

    alice.post_nothing(&reprocess).await.expect(202);
    assert_eq!(alice.document(document).await["status"], "processing");
    // What is there is found while it is being read.
    let found = alice
        .get("/api/v1/search?q=plumbing")
        .await
        .expect(200)
        .json();
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    alice
        .post_nothing(&reprocess)
        .await
        .expect_problem(409, "not_readable_now");
    app.run_jobs().await;
    let mut after = alice.document(document).await;
    for changing in ["updated_at", "thumbnail_url"] {
        after[changing] = before[changing].clone();
    }
    assert_eq!(after, before);
    assert_eq!(
        alice
            .get(&format!("/api/v1/documents/{document}/text"))
            .await
            .expect(200)
            .json(),
        text
    );
}

#[tokio::test]
async fn what_the_user_decided_while_it_was_read_is_learned_all_the_same() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let club = alice
        .post("/api/v1/topics", json!({"name": "Tuesday group"}))
        .await
        .expect(201)
        .id();
    let (first, other) = (
        alice.upload_fixture("gymnasium-letter-1.pdf").await,
        alice.upload_fixture("recipe.odt").await,
    );
    app.run_jobs().await;
    alice
        .post_nothing(&format!("/api/v1/documents/{first}/reprocess"))
        .await
        .expect(202);
    alice
        .patch(
            &format!("/api/v1/documents/{first}"),
            json!({"topic_ids": [club]}),
        )
        .await
        .expect(200);
    alice
        .patch(
            &format!("/api/v1/documents/{other}"),
            json!({"topic_ids": []}),
        )
        .await
        .expect(200);
    // The later decision is learned while the first document is still being read.
    docuvault::processing::learn_from_corrections(&app.state, alice.id)
        .await
        .unwrap();
    app.run_jobs().await;
    let second = alice.upload_fixture("gymnasium-letter-2.pdf").await;
    app.run_jobs().await;
    let shown = alice
        .get(&format!("/api/v1/documents/{second}/suggestions"))
        .await
        .expect(200)
        .json();
    let items = shown["items"].as_array().unwrap();
    assert!(
        items.iter().any(|item| item["topic"]["id"] == json!(club)),
        "{shown}"
    );
}

#[tokio::test]
async fn languages_of_a_reading_must_be_installed() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let document = alice.upload_fixture("note.txt").await;
    app.run_jobs().await;
    let reprocess = format!("/api/v1/documents/{document}/reprocess");
    let problem = alice
        .post(&reprocess, json!({"ocr_languages": ["tlh"]}))
        .await
        .expect_problem(422, "validation_failed");
    assert_eq!(
        problem.json()["errors"][0]["code"],
        "language_not_installed"
    );
    let languages: Value =
        alice.get("/api/v1/me/filing").await.expect(200).json()["available_ocr_languages"].clone();
    alice
        .post(&reprocess, json!({"ocr_languages": languages}))
        .await
        .expect(202);
    app.run_jobs().await;
    assert_eq!(alice.document(document).await["status"], "ready");
}
