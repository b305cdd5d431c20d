//! The review inbox: what filing is not sure of waits for a word of the user's, and every word teaches.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{TestApp, TestUser};

fn suggestions_of(id: Uuid) -> String {
    format!("/api/v1/documents/{id}/suggestions")
}

async fn suggestions(user: &TestUser, id: Uuid) -> Value {
    user.get(&suggestions_of(id)).await.expect(200).json()
}

async fn inbox(user: &TestUser) -> Value {
    user.get("/api/v1/review").await.expect(200).json()
}

fn in_state<'a>(suggestions: &'a Value, state: &str) -> Vec<&'a Value> {
    let items = suggestions["items"].as_array().unwrap();
    items.iter().filter(|item| item["state"] == state).collect()
}

fn topic_ids(document: &Value) -> Vec<Uuid> {
    let topics = document["topics"].as_array().unwrap();
    topics.iter().map(id).collect()
}

fn id(thing: &Value) -> Uuid {
    thing["id"].as_str().unwrap().parse().unwrap()
}

/// A user who wants to be asked about everything, and a document that filing has something to say about.
async fn asked(app: &TestApp, name: &str) -> (TestUser, Uuid) {
    let user = app.user(name).await;
    user.put_json(
        "/api/v1/me/filing",
        json!({"apply_threshold": 0.99, "suggest_threshold": 0.3}),
    )
    .await
    .expect(200);
    let document = user.upload_fixture("invoice-en.pdf").await;
    app.run_jobs().await;
    (user, document)
}

#[tokio::test]
async fn what_filing_is_not_sure_of_waits_and_is_accepted() {
    let app = TestApp::start().await;
    let (alice, document) = asked(&app, "alice").await;
    let bob = app.user("bob").await;
    assert_eq!(alice.document(document).await["topics"], json!([]));

    let waiting = inbox(&alice).await;
    assert_eq!(waiting["waiting"], 1);
    assert_eq!(id(&waiting["items"][0]["document"]), document);
    assert_eq!(
        (
            inbox(&bob).await["waiting"].clone(),
            inbox(&bob).await["items"].clone()
        ),
        (json!(0), json!([]))
    );
    let shown = suggestions(&alice, document).await;
    assert_eq!(waiting["items"][0]["suggestions"], shown["items"]);
    assert_eq!(
        (&shown["filed_by"], &shown["notice"]),
        (&json!("device"), &Value::Null)
    );
    let first = in_state(&shown, "proposed")[0].clone();
    assert_eq!(
        (&first["topic"]["name"], &first["source"]),
        (&json!("Invoices"), &json!("device"))
    );
    assert!(first["confidence"].as_f64().unwrap() > 0.75, "{first}");
    assert!(!first["reasons"].as_array().unwrap().is_empty(), "{first}");

    let invoices = id(&first["topic"]);
    let decided = alice
        .post(&suggestions_of(document), json!({"accept": [invoices]}))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (topic_ids(&decided), &decided["topics"][0]["source"]),
        (vec![invoices], &json!("user"))
    );
    assert_eq!(decided, alice.document(document).await);
    assert_eq!(inbox(&alice).await["waiting"], 0);
    let after = suggestions(&alice, document).await;
    let applied = in_state(&after, "applied")[0];
    assert_eq!(
        (
            &applied["source"],
            &applied["reasons"],
            &applied["confidence"]
        ),
        (&json!("user"), &first["reasons"], &first["confidence"]),
        "why it was proposed is not forgotten"
    );
}

#[tokio::test]
async fn a_rejected_topic_stays_away_when_the_document_is_filed_again() {
    let app = TestApp::start().await;
    let (alice, document) = asked(&app, "alice").await;
    let invoices = id(&in_state(&suggestions(&alice, document).await, "proposed")[0]["topic"]);
    alice
        .post(&suggestions_of(document), json!({"reject": [invoices]}))
        .await
        .expect(200);
    assert_eq!(inbox(&alice).await["waiting"], 0);
    alice
        .put_json(
            "/api/v1/me/filing",
            json!({"apply_threshold": 0.5, "suggest_threshold": 0.3}),
        )
        .await
        .expect(200);
    alice
        .post_nothing(&format!("/api/v1/documents/{document}/classify"))
        .await
        .expect(202);
    app.run_jobs().await;
    let after = suggestions(&alice, document).await;
    let rejected = in_state(&after, "rejected");
    assert_eq!(rejected.len(), 1, "{after}");
    assert_eq!(id(&rejected[0]["topic"]), invoices);
    assert_eq!(alice.document(document).await["topics"], json!([]));
}

#[tokio::test]
async fn a_decision_taken_back_leaves_the_document_as_it_was() {
    let app = TestApp::start().await;
    let (alice, document) = asked(&app, "alice").await;
    let before = suggestions(&alice, document).await;
    let own = alice
        .post("/api/v1/topics", json!({"name": "Bees"}))
        .await
        .expect(201)
        .id();
    let proposed = id(&in_state(&before, "proposed")[0]["topic"]);
    alice
        .post(
            &suggestions_of(document),
            json!({"accept": [own], "reject": [proposed]}),
        )
        .await
        .expect(200);
    // Learned by now.
    app.run_jobs().await;
    assert_eq!(topic_ids(&alice.document(document).await), [own]);

    alice.delete(&suggestions_of(document)).await.expect(202);
    app.run_jobs().await;
    assert_eq!(
        suggestions(&alice, document).await,
        before,
        "nothing was learned for good"
    );
    assert_eq!(inbox(&alice).await["waiting"], 1);
}

#[tokio::test]
async fn what_was_decided_here_is_right_the_next_time() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let club = alice
        .post("/api/v1/topics", json!({"name": "Tuesday group"}))
        .await
        .expect(201)
        .id();
    let first = alice.upload_fixture("gymnasium-letter-1.pdf").await;
    app.run_jobs().await;
    alice
        .post(&suggestions_of(first), json!({"accept": [club]}))
        .await
        .expect(200);
    let second = alice.upload_fixture("gymnasium-letter-2.pdf").await;
    app.run_jobs().await;
    let shown = suggestions(&alice, second).await;
    let found = shown["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| id(&item["topic"]) == club);
    assert!(
        found.is_some_and(|item| item["state"] != "rejected"),
        "{shown}"
    );
}

#[tokio::test]
async fn thresholds_say_what_is_applied_and_what_is_asked() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let settings = alice.get("/api/v1/me/filing").await.expect(200).json();
    assert_eq!(
        (
            &settings["apply_threshold"],
            &settings["suggest_threshold"],
            &settings["ocr_languages"]
        ),
        (&json!(0.75), &json!(0.3), &json!([]))
    );
    let document = alice.upload_fixture("invoice-en.pdf").await;
    app.run_jobs().await;
    let shown = suggestions(&alice, document).await;
    assert!(!in_state(&shown, "applied").is_empty(), "{shown}");
    let unsure = alice
        .upload("letter.txt", "Please find the amount due below.")
        .await;
    app.run_jobs().await;
    let waiting = |page: &Value| {
        let items = page["items"].as_array().unwrap();
        items.iter().any(|item| id(&item["document"]) == unsure)
    };
    assert!(waiting(&inbox(&alice).await));
    alice
        .put_json(
            "/api/v1/me/filing",
            json!({"apply_threshold": 0.99, "suggest_threshold": 0.99}),
        )
        .await
        .expect(200);
    assert!(!waiting(&inbox(&alice).await));
    let shown = suggestions(&alice, unsure).await;
    assert!(
        !in_state(&shown, "proposed").is_empty(),
        "on the document itself the likeliest are shown all the same: {shown}"
    );
    let settings = alice.get("/api/v1/me/filing").await.expect(200).json();

    for (body, field, code) in [
        (
            json!({"apply_threshold": 1.5, "suggest_threshold": 0.5}),
            "apply_threshold",
            "out_of_range",
        ),
        (
            json!({"apply_threshold": 0.5, "suggest_threshold": 0.6}),
            "suggest_threshold",
            "above_apply",
        ),
        (
            json!({"apply_threshold": 0.8, "suggest_threshold": 0.6, "ocr_languages": ["tlh"]}),
            "ocr_languages[0]",
            "language_not_installed",
        ),
    ] {
        let problem = alice
            .put_json("/api/v1/me/filing", body)
            .await
            .expect_problem(422, "validation_failed");
        assert_eq!(
            (
                &problem.json()["errors"][0]["field"],
                &problem.json()["errors"][0]["code"]
            ),
            (&json!(field), &json!(code))
        );
    }
    assert_eq!(
        alice.get("/api/v1/me/filing").await.expect(200).json(),
        settings
    );
}

#[tokio::test]
async fn faults_are_told_and_nothing_is_decided() {
    let app = TestApp::start().await;
    let (alice, document) = asked(&app, "alice").await;
    let bob = app.user("bob").await;
    let bobs = bob
        .post("/api/v1/topics", json!({"name": "Bob's"}))
        .await
        .expect(201)
        .id();
    let before = suggestions(&alice, document).await;
    let own = id(&before["items"][0]["topic"]);
    for body in [
        json!({"accept": [bobs]}),
        json!({"reject": [Uuid::new_v4()]}),
        json!({"accept": [own], "reject": [own]}),
        json!({"accept": vec![own; 101]}),
    ] {
        alice
            .post(&suggestions_of(document), body)
            .await
            .expect_problem(422, "validation_failed");
    }
    alice
        .post(&suggestions_of(document), json!({"accepted": []}))
        .await
        .expect_problem(400, "unknown_field");
    assert_eq!(suggestions(&alice, document).await, before);
    assert_eq!(inbox(&alice).await["waiting"], 1);
}

#[tokio::test]
async fn the_inbox_comes_in_pages_the_newest_first() {
    let app = TestApp::start().await;
    let (alice, first) = asked(&app, "alice").await;
    let mut uploaded = vec![first];
    for fixture in ["invoice-de.pdf", "insurance-policy-de.pdf"] {
        uploaded.push(alice.upload_fixture(fixture).await);
    }
    app.run_jobs().await;
    uploaded.reverse();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = alice
            .get(&format!("/api/v1/review?limit=2{cursor}"))
            .await
            .expect(200)
            .json();
        assert_eq!(page["waiting"], 3);
        seen.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| id(&item["document"])),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, uploaded);
    // What is in the trash asks for nothing.
    alice
        .delete(&format!("/api/v1/documents/{first}"))
        .await
        .expect(204);
    assert_eq!(inbox(&alice).await["waiting"], 2);
}
