//! Runs through all documents: watched, paused, cancelled, cut off, and no burden to others.

use serde_json::{Value, json};

use crate::support::{TestApp, TestUser};

const RUNS: &str = "/api/v1/me/filing/runs";

async fn start(user: &TestUser, kind: &str) -> String {
    let run = user
        .post(RUNS, json!({"kind": kind}))
        .await
        .expect(201)
        .json();
    format!("{RUNS}/{}", run["id"].as_str().unwrap())
}

async fn show(user: &TestUser, path: &str) -> Value {
    user.get(path).await.expect(200).json()
}

async fn three_documents(app: &TestApp, user: &TestUser) -> Vec<uuid::Uuid> {
    let mut documents = Vec::new();
    for fixture in ["invoice-en.pdf", "truncated.pdf", "note.txt"] {
        documents.push(user.upload_fixture(fixture).await);
    }
    app.run_jobs().await;
    documents
}

/// Until the run is over; its later steps are due a second apart.
async fn run_to_the_end(app: &TestApp, user: &TestUser, path: &str) -> Value {
    for _ in 0..30 {
        app.run_jobs().await;
        let run = show(user, path).await;
        if run["state"] != "running" {
            return run;
        }
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }
    panic!("it does not end: {}", show(user, path).await);
}

#[tokio::test]
async fn everything_is_read_again_and_what_cannot_be_is_counted() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let documents = three_documents(&app, &alice).await;
    sqlx::query("DELETE FROM document_pages")
        .execute(&mut app.database.superuser().await)
        .await
        .unwrap();
    let path = start(&alice, "reprocess").await;
    assert_eq!(show(&alice, &path).await["total"], 3);
    alice
        .post(RUNS, json!({"kind": "refile"}))
        .await
        .expect_problem(409, "run_in_progress");
    let run = run_to_the_end(&app, &alice, &path).await;
    assert_eq!(
        (&run["state"], &run["done"], &run["failed"]),
        (&json!("finished"), &json!(3), &json!(1))
    );
    assert!(run["finished_at"].is_string());
    let text = alice
        .get(&format!("/api/v1/documents/{}/text", documents[0]))
        .await
        .expect(200)
        .json();
    assert!(!text["pages"].as_array().unwrap().is_empty());
    assert_eq!(alice.get(RUNS).await.expect(200).json()["items"][0], run);
}

#[tokio::test]
async fn filing_all_again_follows_what_was_taught_since() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let first = alice.upload_fixture("gymnasium-letter-1.pdf").await;
    let second = alice.upload_fixture("gymnasium-letter-2.pdf").await;
    let bobs = bob.upload_fixture("gymnasium-letter-2.pdf").await;
    app.run_jobs().await;
    let club = alice
        .post("/api/v1/topics", json!({"name": "Tuesday group"}))
        .await
        .expect(201)
        .id();
    alice
        .patch(
            &format!("/api/v1/documents/{first}"),
            json!({"topic_ids": [club]}),
        )
        .await
        .expect(200);
    let before = bob.document(bobs).await;
    let path = start(&alice, "refile").await;
    let run = run_to_the_end(&app, &alice, &path).await;
    assert_eq!(
        (&run["state"], &run["done"], &run["total"]),
        (&json!("finished"), &json!(2), &json!(2))
    );
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
    assert_eq!(bob.document(bobs).await["updated_at"], before["updated_at"]);
}

#[tokio::test]
async fn a_run_pauses_goes_on_and_can_be_cancelled() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    three_documents(&app, &alice).await;
    let path = start(&alice, "refile").await;
    assert_eq!(
        alice
            .patch(&path, json!({"paused": true}))
            .await
            .expect(200)
            .json()["state"],
        "paused"
    );
    app.run_jobs().await;
    assert_eq!(show(&alice, &path).await["done"], 0);
    alice
        .post(RUNS, json!({"kind": "refile"}))
        .await
        .expect_problem(409, "run_in_progress");
    assert_eq!(
        alice
            .patch(&path, json!({"paused": false}))
            .await
            .expect(200)
            .json()["state"],
        "running"
    );
    assert_eq!(run_to_the_end(&app, &alice, &path).await["done"], 3);
    alice
        .patch(&path, json!({"paused": true}))
        .await
        .expect_problem(409, "run_over");

    let path = start(&alice, "reprocess").await;
    alice.delete(&path).await.expect(204);
    app.run_jobs().await;
    let run = show(&alice, &path).await;
    assert_eq!(
        (&run["state"], &run["done"]),
        (&json!("cancelled"), &json!(0))
    );
    start(&alice, "refile").await;
}

#[tokio::test]
async fn a_step_that_was_cut_off_is_made_again_and_counts_once() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    three_documents(&app, &alice).await;
    let path = start(&alice, "refile").await;
    let id: uuid::Uuid = path.rsplit('/').next().unwrap().parse().unwrap();
    // Two steps at once, as when a process is taken for dead and is not.
    let step = || {
        docuvault::filing_runs::work_on_run(
            &app.state,
            alice.id,
            docuvault::filing_runs::WorkOnRun { run_id: id },
        )
    };
    let (one, other) = tokio::join!(step(), step());
    one.unwrap();
    other.unwrap();
    let run = run_to_the_end(&app, &alice, &path).await;
    assert_eq!(
        (&run["state"], &run["done"]),
        (&json!("finished"), &json!(3))
    );
}
