//! What is changed is found by what it is now; what is gone or another's is not found.

use serde_json::json;
use uuid::Uuid;

use super::{found, search, vault_with};
use crate::support::{TestApp, TestUser};

async fn only_document(user: &TestUser) -> Uuid {
    let list = user.get("/api/v1/documents").await.expect(200).json();
    list["items"][0]["id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_document_is_found_by_its_present_title_topics_and_correspondent() {
    let (_app, alice) = vault_with(&[("Oldtitle", "the text itself")]).await;
    let path = format!("/api/v1/documents/{}", only_document(&alice).await);
    let topic = alice
        .post("/api/v1/topics", json!({"name": "Beekeeping"}))
        .await
        .expect(201)
        .id();
    assert_eq!(found(&alice, "oldtitle").await.len(), 1);
    alice
        .patch(
            &path,
            json!({"title": "Newtitle", "correspondent": "Hortensia", "topic_ids": [topic]}),
        )
        .await
        .expect(200);
    for word in ["newtitle", "hortensia", "beekeeping", "itself"] {
        assert_eq!(found(&alice, word).await, ["Newtitle"], "{word}");
    }
    alice
        .patch(&path, json!({"correspondent": null, "topic_ids": []}))
        .await
        .expect(200);
    for word in ["hortensia", "beekeeping"] {
        assert!(found(&alice, word).await.is_empty(), "{word}");
    }
    assert_eq!(
        found(&alice, "oldtitle").await,
        ["Newtitle"],
        "the file is still called so"
    );
}

#[tokio::test]
async fn a_renamed_topic_is_found_by_its_new_name() {
    let (app, alice) = vault_with(&[("note", "text")]).await;
    let path = format!("/api/v1/documents/{}", only_document(&alice).await);
    let topic = alice
        .post("/api/v1/topics", json!({"name": "Beekeeping"}))
        .await
        .expect(201)
        .id();
    alice
        .patch(&path, json!({"topic_ids": [topic]}))
        .await
        .expect(200);
    alice
        .patch(
            &format!("/api/v1/topics/{topic}"),
            json!({"name": "Apiary"}),
        )
        .await
        .expect(200);
    app.run_jobs().await;
    assert_eq!(found(&alice, "apiary").await, ["note"]);
    assert!(found(&alice, "beekeeping").await.is_empty());
    alice
        .delete(&format!("/api/v1/topics/{topic}"))
        .await
        .expect(204);
    app.run_jobs().await;
    assert!(found(&alice, "apiary").await.is_empty());
}

#[tokio::test]
async fn the_trash_is_searched_apart_and_what_is_erased_not_at_all() {
    let (_app, alice) = vault_with(&[("note", "umbrella")]).await;
    let path = format!("/api/v1/documents/{}", only_document(&alice).await);
    alice.delete(&path).await.expect(204);
    assert!(found(&alice, "umbrella").await.is_empty());
    let trash = super::search_with(&alice, "umbrella", &[("trashed", "true")])
        .await
        .expect(200)
        .json();
    assert_eq!(super::titles(&trash), ["note"]);
    alice
        .post_nothing(&format!("{path}/restore"))
        .await
        .expect(200);
    assert_eq!(found(&alice, "umbrella").await, ["note"]);
    alice
        .delete(&format!("{path}/permanently"))
        .await
        .expect(204);
    assert!(found(&alice, "umbrella").await.is_empty());
}

#[tokio::test]
async fn nothing_of_another_is_found_counted_or_hinted_at() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let secret = alice.upload("secret.txt", "umbrella and zeppelin").await;
    alice.upload("other.txt", "umbrella").await;
    bob.upload("bobs.txt", "umbrella of mine").await;
    app.run_jobs().await;
    let results = search(&bob, "umbrella ").await.expect(200);
    assert!(!results.text().contains(&secret.to_string()));
    let results = results.json();
    assert_eq!(results["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        results["facets"]["content_types"],
        json!([{"value": "text/plain", "count": 1}])
    );
    for q in [
        "zeppelin",
        "umbrella -mine ",
        "zeppelin or secret ",
        "-mine ",
    ] {
        assert!(found(&bob, q).await.is_empty(), "{q}");
    }
}
