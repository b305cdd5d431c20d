//! What was read of a document, page by page.

use serde_json::json;

use crate::{
    gateway::download_url,
    support::{TestApp, fixture},
};

#[tokio::test]
async fn text_comes_by_pages() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let id = alice.upload_fixture("three-pages.pdf").await;
    let path = format!("/api/v1/documents/{id}/text");
    assert_eq!(
        alice.get(&path).await.expect(200).json(),
        json!({"pages": []}),
        "nothing has been read yet"
    );
    app.run_jobs().await;
    let text = alice.get(&path).await.expect(200).json();
    let pages = text["pages"].as_array().unwrap();
    for (page, (number, word)) in
        pages
            .iter()
            .zip([(1, "narwhal"), (2, "pendulum"), (3, "cardamom")])
    {
        assert_eq!(
            (&page["number"], &page["source"]),
            (&json!(number), &json!("text"))
        );
        assert!(page["text"].as_str().unwrap().contains(word), "{page}");
    }
    assert_eq!(pages.len(), 3);
    bob.get(&path).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_document_that_cannot_be_read_can_be_fetched_all_the_same() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for (name, reason) in [
        ("encrypted.pdf", "password_needed"),
        ("truncated.pdf", "damaged"),
    ] {
        let id = alice.upload_fixture(name).await;
        app.run_jobs().await;
        let document = alice.document(id).await;
        assert_eq!(
            (&document["status"], &document["processing_error"]),
            (&json!("failed"), &json!(reason))
        );
        assert_eq!(
            alice
                .get(&format!("/api/v1/documents/{id}/text"))
                .await
                .expect(200)
                .json(),
            json!({"pages": []})
        );
        assert!(
            alice
                .get(&download_url(&alice, id).await)
                .await
                .expect(200)
                .bytes
                == fixture(name)
        );
    }
}
