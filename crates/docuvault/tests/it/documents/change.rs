//! Changing a document: what is given, nothing else, and not over somebody else's change.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Response, SendIt, TestApp, TestUser};

async fn change(user: &TestUser, id: Uuid, body: Value) -> Response {
    user.patch(&format!("/api/v1/documents/{id}"), body).await
}

#[tokio::test]
async fn what_is_given_is_changed_and_null_takes_away() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.upload("a.txt", "hello").await;
    let changed = change(&alice, id, json!({"title": "  Water bill ", "document_date": "2026-02-28", "correspondent": "Water works"})).await.expect(200).json();
    assert_eq!(
        (
            &changed["title"],
            &changed["document_date"],
            &changed["correspondent"]
        ),
        (
            &json!("Water bill"),
            &json!("2026-02-28"),
            &json!("Water works")
        )
    );
    assert_eq!(changed, alice.document(id).await);

    let changed = change(&alice, id, json!({"correspondent": null}))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (
            &changed["title"],
            &changed["document_date"],
            &changed["correspondent"]
        ),
        (&json!("Water bill"), &json!("2026-02-28"), &Value::Null)
    );
    let changed = change(&alice, id, json!({"document_date": null}))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&changed["title"], &changed["document_date"]),
        (&json!("Water bill"), &Value::Null)
    );
    assert_eq!(
        change(&alice, id, json!({})).await.expect(200).json()["title"],
        "Water bill"
    );
}

#[tokio::test]
async fn faults_are_told_and_nothing_is_changed() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.upload("a.txt", "hello").await;
    let before = alice.document(id).await;
    for (field, value) in [
        ("title", json!("")),
        ("title", json!("x".repeat(301))),
        ("title", json!("a\nb")),
        ("title", json!(1)),
        ("correspondent", json!(" ")),
        ("correspondent", json!("a\u{0}")),
        ("document_date", json!("28.02.2026")),
        ("document_date", json!("2026-02-30")),
        ("document_date", json!("0001-01-01")),
        ("topic_ids", json!([Uuid::new_v4()])),
        ("topic_ids", json!(["x"])),
        (
            "topic_ids",
            json!((0..51).map(|_| Uuid::new_v4()).collect::<Vec<_>>()),
        ),
        ("folder_id", json!(Uuid::new_v4())),
    ] {
        let problem = change(&alice, id, json!({field: value}))
            .await
            .expect_problem(422, "validation_failed")
            .json();
        assert!(
            problem["errors"][0]["field"]
                .as_str()
                .unwrap()
                .starts_with(field),
            "{problem}"
        );
    }
    change(&alice, id, json!({"status": "ready"}))
        .await
        .expect_problem(400, "unknown_field");
    let problem = change(
        &alice,
        id,
        json!({"title": "Good", "topic_ids": [Uuid::new_v4()]}),
    )
    .await;
    problem.expect_problem(422, "validation_failed");
    assert_eq!(
        alice.document(id).await,
        before,
        "a change is made whole or not at all"
    );
    change(&alice, Uuid::new_v4(), json!({"title": "x"}))
        .await
        .expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_change_is_not_made_over_another() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.upload("a.txt", "hello").await;
    let path = format!("/api/v1/documents/{id}");
    let tag = alice
        .get(&path)
        .await
        .expect(200)
        .header("etag")
        .unwrap()
        .to_owned();
    let with_tag = async |method: Method, tag: &str, title: &str| {
        alice
            .request(method, &path)
            .header("if-match", tag)
            .json(&json!({"title": title}))
            .send_it()
            .await
    };
    let newer = with_tag(Method::PATCH, &tag, "First")
        .await
        .expect(200)
        .header("etag")
        .unwrap()
        .to_owned();
    assert_ne!(newer, tag);
    with_tag(Method::PATCH, &tag, "Second")
        .await
        .expect_problem(412, "precondition_failed");
    assert_eq!(alice.document(id).await["title"], "First");
    with_tag(Method::PATCH, "*", "Third").await.expect(200);
    alice
        .request(Method::DELETE, &path)
        .header("if-match", &newer)
        .send_it()
        .await
        .expect_problem(412, "precondition_failed");
    assert_eq!(alice.document(id).await["trashed_at"], Value::Null);
}

#[tokio::test]
async fn topics_are_given_as_a_whole_and_are_the_users_word() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let id = alice.upload("a.txt", "hello").await;
    let topic = async |user: &TestUser, name: &str| {
        user.post("/api/v1/topics", json!({"name": name}))
            .await
            .expect(201)
            .id()
    };
    let (one, two, bobs) = (
        topic(&alice, "Zebra").await,
        topic(&alice, "aardvark").await,
        topic(&bob, "Bob's").await,
    );

    let changed = change(&alice, id, json!({"topic_ids": [one, two, one]}))
        .await
        .expect(200)
        .json();
    let topics: Vec<(&str, &str)> = changed["topics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|topic| {
            (
                topic["name"].as_str().unwrap(),
                topic["source"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(topics, [("aardvark", "user"), ("Zebra", "user")]);
    let changed = change(&alice, id, json!({"topic_ids": [two]}))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (
            changed["topics"].as_array().unwrap().len(),
            &changed["topics"][0]["id"]
        ),
        (1, &json!(two))
    );
    change(&alice, id, json!({"topic_ids": [bobs]}))
        .await
        .expect_problem(422, "validation_failed");
    change(&alice, id, json!({"topic_ids": []}))
        .await
        .expect(200);
    assert_eq!(alice.document(id).await["topics"], json!([]));
}

#[tokio::test]
async fn what_the_user_said_survives_reading() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let (said, unsaid) = (
        alice.upload_fixture("invoice-en.pdf").await,
        alice.upload_fixture("invoice-de.pdf").await,
    );
    let said_so = json!({"title": "Tap", "document_date": "2020-01-01", "correspondent": "My plumber", "topic_ids": []});
    change(&alice, said, said_so).await.expect(200);
    app.run_jobs().await;
    let document = alice.document(said).await;
    assert_eq!(document["status"], "ready");
    assert_eq!(
        (
            &document["title"],
            &document["document_date"],
            &document["correspondent"]
        ),
        (&json!("Tap"), &json!("2020-01-01"), &json!("My plumber"))
    );
    assert_eq!(document["topics"], json!([]));
    assert_ne!(
        alice.document(unsaid).await["topics"],
        json!([]),
        "where nothing was said, filing speaks"
    );
}
