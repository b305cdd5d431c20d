//! A user's own topics.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{TestApp, TestUser};

async fn topics(user: &TestUser) -> Vec<Value> {
    let page = user.get("/api/v1/topics").await.expect(200).json();
    assert_eq!(page["next_cursor"], Value::Null);
    page["items"].as_array().unwrap().clone()
}

async fn topic(user: &TestUser, id: Uuid) -> Option<Value> {
    topics(user)
        .await
        .into_iter()
        .find(|topic| topic["id"] == id.to_string())
}

async fn make(user: &TestUser, name: &str) -> Uuid {
    user.post("/api/v1/topics", json!({"name": name}))
        .await
        .expect(201)
        .id()
}

#[tokio::test]
async fn a_new_vault_begins_with_some() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let names: Vec<String> = topics(&alice)
        .await
        .iter()
        .map(|topic| topic["name"].as_str().unwrap().to_owned())
        .collect();
    assert!(names.len() >= 5, "{names:?}");
    assert!(
        names.is_sorted_by_key(|name| name.to_lowercase()),
        "{names:?}"
    );
}

#[tokio::test]
async fn topics_are_made_changed_and_deleted() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let made = alice
        .post(
            "/api/v1/topics",
            json!({"name": "  Sailing ", "color": "sky"}),
        )
        .await
        .expect(201);
    let id = made.id();
    assert_eq!(
        made.json(),
        json!({"id": id, "name": "Sailing", "color": "sky", "documents": 0})
    );
    assert_eq!(topic(&alice, id).await.unwrap(), made.json());

    let path = format!("/api/v1/topics/{id}");
    let changed = alice
        .patch(&path, json!({"color": "teal"}))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&changed["name"], &changed["color"]),
        (&json!("Sailing"), &json!("teal"))
    );
    let changed = alice
        .patch(&path, json!({"name": "Rowing"}))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&changed["name"], &changed["color"]),
        (&json!("Rowing"), &json!("teal"))
    );

    alice.delete(&path).await.expect(204);
    alice.delete(&path).await.expect_problem(404, "not_found");
    alice
        .patch(&path, json!({"name": "Diving"}))
        .await
        .expect_problem(404, "not_found");
    assert!(topic(&alice, id).await.is_none());
}

#[tokio::test]
async fn a_name_is_taken_once_per_vault_whatever_its_case() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    make(&alice, "Sailing").await;
    let rowing = make(&alice, "Rowing").await;
    for name in ["Sailing", "SAILING", " sailing "] {
        alice
            .post("/api/v1/topics", json!({"name": name}))
            .await
            .expect_problem(409, "name_taken");
        alice
            .patch(&format!("/api/v1/topics/{rowing}"), json!({"name": name}))
            .await
            .expect_problem(409, "name_taken");
    }
    alice
        .patch(
            &format!("/api/v1/topics/{rowing}"),
            json!({"name": "ROWING"}),
        )
        .await
        .expect(200);
    make(&bob, "Sailing").await;
}

#[tokio::test]
async fn names_and_colours_are_held_to_their_rules() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = make(&alice, &"ä".repeat(80)).await;
    for (field, body) in [
        ("name", json!({"name": ""})),
        ("name", json!({"name": " \t "})),
        ("name", json!({"name": "ä".repeat(81)})),
        ("name", json!({"name": "a\u{0}b"})),
        ("color", json!({"name": "Sailing", "color": "#ff0000"})),
    ] {
        let path = format!("/api/v1/topics/{id}");
        for refused in [
            alice.post("/api/v1/topics", &body).await,
            alice.patch(&path, &body).await,
        ] {
            assert_eq!(
                refused.expect_problem(422, "validation_failed").json()["errors"][0]["field"],
                field,
                "{body}"
            );
        }
    }
}

#[tokio::test]
async fn counts_follow_the_documents() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let (sailing, rowing) = (make(&alice, "Sailing").await, make(&alice, "Rowing").await);
    let first = format!("/api/v1/documents/{}", alice.upload("a.txt", b"a").await);
    let second = format!("/api/v1/documents/{}", alice.upload("b.txt", b"b").await);
    let counts = async || {
        let count = async |id| {
            topic(&alice, id).await.unwrap()["documents"]
                .as_i64()
                .unwrap()
        };
        (count(sailing).await, count(rowing).await)
    };
    alice
        .patch(&first, json!({"topic_ids": [sailing, rowing]}))
        .await
        .expect(200);
    alice
        .patch(&second, json!({"topic_ids": [sailing, sailing]}))
        .await
        .expect(200);
    assert_eq!(counts().await, (2, 1));
    alice
        .patch(&first, json!({"topic_ids": [rowing]}))
        .await
        .expect(200);
    assert_eq!(counts().await, (1, 1));
    alice.delete(&second).await.expect(204);
    assert_eq!(
        counts().await,
        (0, 1),
        "what lies in the trash is not counted"
    );
    alice
        .post_nothing(&format!("{second}/restore"))
        .await
        .expect(200);
    assert_eq!(counts().await, (1, 1));
    alice
        .delete(&format!("{second}/permanently"))
        .await
        .expect(204);
    assert_eq!(counts().await, (0, 1));
}

#[tokio::test]
async fn deleting_a_topic_keeps_its_documents() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let sailing = make(&alice, "Sailing").await;
    let id = alice.upload("a.txt", b"a").await;
    alice
        .patch(
            &format!("/api/v1/documents/{id}"),
            json!({"topic_ids": [sailing]}),
        )
        .await
        .expect(200);
    let found = async || {
        alice
            .get("/api/v1/search?q=sailing")
            .await
            .expect(200)
            .json()["items"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(found().await, 1, "a document is found by its topic");

    alice
        .delete(&format!("/api/v1/topics/{sailing}"))
        .await
        .expect(204);
    let document = alice.document(id).await;
    assert_eq!(document["topics"], json!([]));
    assert_eq!(found().await, 0);
    assert!(
        alice
            .get(&format!("/api/v1/documents?topic_id={sailing}"))
            .await
            .expect(200)
            .json()["items"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_renamed_topic_finds_its_documents_by_its_new_name() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let sailing = make(&alice, "Sailing").await;
    let id = alice.upload("a.txt", b"a").await;
    alice
        .patch(
            &format!("/api/v1/documents/{id}"),
            json!({"topic_ids": [sailing]}),
        )
        .await
        .expect(200);
    alice
        .patch(
            &format!("/api/v1/topics/{sailing}"),
            json!({"name": "Rowing"}),
        )
        .await
        .expect(200);
    let found = async |word: &str| {
        alice
            .get(&format!("/api/v1/search?q={word}"))
            .await
            .expect(200)
            .json()["items"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!((found("sailing").await, found("rowing").await), (0, 1));
}

#[tokio::test]
async fn sec_az_02_anothers_topic_cannot_be_given() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let of_bob = make(&bob, "Sailing").await;
    let document = format!("/api/v1/documents/{}", alice.upload("a.txt", b"a").await);
    for topics in [json!([of_bob]), json!([Uuid::now_v7()])] {
        let refused = alice
            .patch(&document, json!({"topic_ids": topics}))
            .await
            .expect_problem(422, "validation_failed");
        assert_eq!(refused.json()["errors"][0]["code"], "not_found");
    }
    assert_eq!(topic(&bob, of_bob).await.unwrap()["documents"], 0);
}
