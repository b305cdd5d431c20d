//! Filing on the device: sensible on the first day, and better with every correction.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{TestApp, TestUser};

fn topic_names(document: &Value) -> Vec<String> {
    document["topics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|topic| topic["name"].as_str().unwrap().to_owned())
        .collect()
}

async fn upload_and_read(app: &TestApp, user: &TestUser, fixture: &str) -> Value {
    let id = user.upload_fixture(fixture).await;
    app.run_jobs().await;
    user.document(id).await
}

fn id(document: &Value) -> Uuid {
    document["id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_first_invoice_is_filed_without_any_training() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let invoice = upload_and_read(&app, &alice, "invoice-en.pdf").await;
    assert!(
        topic_names(&invoice).contains(&"Invoices".to_owned()),
        "{invoice}"
    );
    assert!(
        invoice["topics"]
            .as_array()
            .unwrap()
            .iter()
            .all(|topic| topic["source"] == "device")
    );
    assert_eq!(
        (&invoice["document_date"], &invoice["language"]),
        (&json!("2024-03-12"), &json!("en"))
    );
    assert_eq!(invoice["correspondent"], "Harbour Lane Plumbing Ltd");
    assert_eq!(
        invoice["payment"],
        json!({"amount": {"value": "414.60", "currency": "GBP"}, "iban": null, "invoice_number": "2024-0817"})
    );
    let policy = upload_and_read(&app, &alice, "insurance-policy-de.pdf").await;
    assert!(
        topic_names(&policy).contains(&"Insurance".to_owned()),
        "{policy}"
    );
    assert_eq!(policy["language"], "de");
}

const FIRST_LETTER: &str = "Apiary association Wexcombe, letter 1\n\nDear members,\nthe honey yield of our beehives was better than feared. Bring wax foundation, \
    smoker and queen excluder on Saturday.\nThe beekeeper counts the bee colonies before winter feeding.\n";
const SECOND_LETTER: &str = "Apiary association Wexcombe, letter 2\n\nDear members,\nwe order wax foundation for all beehives together. Whoever needs a new smoker or \
    a queen excluder tells the beekeeper.\nThe honey of the bee colonies is filled into jars on Sunday.\n";

#[tokio::test]
async fn a_correction_teaches_the_next_similar_document() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let letter = async |user: &TestUser, name: &str, text: &str| {
        let id = user.upload(name, text).await;
        app.run_jobs().await;
        user.document(id).await
    };
    let first = letter(&alice, "scan-1.txt", FIRST_LETTER).await;
    let bees = alice
        .post("/api/v1/topics", json!({"name": "Club"}))
        .await
        .expect(201)
        .id();
    alice
        .patch(
            &format!("/api/v1/documents/{}", id(&first)),
            json!({"topic_ids": [bees]}),
        )
        .await
        .expect(200);

    let second = letter(&alice, "scan-2.txt", SECOND_LETTER).await;
    let topic = second["topics"]
        .as_array()
        .unwrap()
        .iter()
        .find(|topic| topic["id"] == json!(bees));
    assert_eq!(
        topic.map(|topic| &topic["source"]),
        Some(&json!("device")),
        "{second}"
    );
    let other = upload_and_read(&app, &alice, "recipe.odt").await;
    assert!(
        !topic_names(&other).contains(&"Club".to_owned()),
        "what is not similar is left alone: {other}"
    );

    bob.post("/api/v1/topics", json!({"name": "Club"}))
        .await
        .expect(201);
    let bobs = letter(&bob, "scan-2.txt", SECOND_LETTER).await;
    assert!(
        !topic_names(&bobs).contains(&"Club".to_owned()),
        "what one teaches, nobody else learns: {bobs}"
    );
}

#[tokio::test]
async fn a_letter_of_a_known_sender_is_at_least_proposed_the_topic_of_the_last() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let first = upload_and_read(&app, &alice, "gymnasium-letter-1.pdf").await;
    let tuesdays = alice
        .post("/api/v1/topics", json!({"name": "Tuesday group"}))
        .await
        .expect(201)
        .id();
    alice
        .patch(
            &format!("/api/v1/documents/{}", id(&first)),
            json!({"topic_ids": [tuesdays]}),
        )
        .await
        .expect(200);
    let second = upload_and_read(&app, &alice, "gymnasium-letter-2.pdf").await;
    let mut connection = app.database.superuser().await;
    let proposed: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM (SELECT document_id, topic_id FROM document_topics UNION ALL SELECT document_id, topic_id FROM topic_suggestions WHERE state = 'proposed') AS found
          WHERE document_id = $1 AND topic_id = $2",
    )
    .bind(id(&second))
    .bind(tuesdays)
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert_eq!(proposed, 1);
}

#[tokio::test]
async fn a_topic_that_was_taken_away_does_not_come_back() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let invoice = upload_and_read(&app, &alice, "invoice-en.pdf").await;
    assert!(!topic_names(&invoice).is_empty());
    alice
        .patch(
            &format!("/api/v1/documents/{}", id(&invoice)),
            json!({"topic_ids": []}),
        )
        .await
        .expect(200);
    read_again(&app, &alice, id(&invoice)).await;
    assert_eq!(alice.document(id(&invoice)).await["topics"], json!([]));
}

#[tokio::test]
async fn what_the_user_wrote_survives_reading_again_and_the_rest_is_renewed() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let invoice = id(&upload_and_read(&app, &alice, "invoice-en.pdf").await);
    alice
        .patch(
            &format!("/api/v1/documents/{invoice}"),
            json!({"title": "The tap", "document_date": null}),
        )
        .await
        .expect(200);
    let mut connection = app.database.superuser().await;
    sqlx::query("UPDATE documents SET correspondent = NULL, language = NULL")
        .execute(&mut connection)
        .await
        .unwrap();
    read_again(&app, &alice, invoice).await;
    let document = alice.document(invoice).await;
    assert_eq!(
        (&document["title"], &document["document_date"]),
        (&json!("The tap"), &Value::Null)
    );
    assert_eq!(
        (&document["correspondent"], &document["language"]),
        (&json!("Harbour Lane Plumbing Ltd"), &json!("en"))
    );
}

/// As after an update that reads better.
async fn read_again(app: &TestApp, user: &TestUser, document: Uuid) {
    let mut connection = app.database.superuser().await;
    sqlx::query("UPDATE documents SET state = 'stored' WHERE id = $1")
        .bind(document)
        .execute(&mut connection)
        .await
        .unwrap();
    sqlx::query("INSERT INTO jobs (kind, payload, max_attempts, user_id) VALUES ('read_document', jsonb_build_object('document_id', $1::uuid), 5, $2)")
        .bind(document)
        .bind(user.id.0)
        .execute(&mut connection)
        .await
        .unwrap();
    app.run_jobs().await;
    assert_eq!(user.document(document).await["status"], "ready");
}
