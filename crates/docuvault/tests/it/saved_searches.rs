//! Saved searches: kept, renamed, forgotten, each user's own.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn a_search_is_saved_changed_and_forgotten() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let made = alice
        .post(
            "/api/v1/searches",
            json!({"name": " Bills ", "query": "q=bill+topic%3Ahouse&sort=-document_date"}),
        )
        .await
        .expect(201);
    let path = format!("/api/v1/searches/{}", made.id());
    assert_eq!(made.json()["name"], "Bills");
    alice
        .post(
            "/api/v1/searches",
            json!({"name": "Another", "query": "q=a"}),
        )
        .await
        .expect(201);
    let names = async || {
        let list = alice.get("/api/v1/searches").await.expect(200).json();
        let items = list["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names().await, ["Another", "Bills"]);
    let changed = alice
        .patch(&path, json!({"name": "Old bills"}))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&changed["name"], &changed["query"]),
        (
            &json!("Old bills"),
            &json!("q=bill+topic%3Ahouse&sort=-document_date")
        )
    );
    assert_eq!(alice.get(&path).await.expect(200).json(), changed);
    alice.delete(&path).await.expect(204);
    alice.delete(&path).await.expect(404);
    alice.get(&path).await.expect(404);
    assert_eq!(names().await, ["Another"]);
}

#[tokio::test]
async fn names_are_unique_and_both_have_their_length() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let bills = json!({"name": "Bills", "query": "q=bill"});
    alice
        .post("/api/v1/searches", bills.clone())
        .await
        .expect(201);
    bob.post("/api/v1/searches", bills).await.expect(201);
    alice
        .post("/api/v1/searches", json!({"name": "bILLS", "query": "q=x"}))
        .await
        .expect_problem(409, "name_taken");
    for (name, query) in [
        ("", "q=x"),
        ("x", " "),
        (&*"x".repeat(81), "q=x"),
        ("x", &"q".repeat(2001)),
        ("a\nb", "q=x"),
    ] {
        alice
            .post("/api/v1/searches", json!({"name": name, "query": query}))
            .await
            .expect_problem(422, "validation_failed");
    }
}

#[tokio::test]
async fn there_are_at_most_a_hundred() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    sqlx::query("INSERT INTO saved_searches (id, user_id, name, query) SELECT gen_random_uuid(), $1, 'n' || n, 'q=x' FROM generate_series(1, 99) n")
        .bind(alice.id.0)
        .execute(&mut app.database.superuser().await)
        .await
        .unwrap();
    let another = |name: &str| json!({"name": name, "query": "q=x"});
    alice
        .post("/api/v1/searches", another("last"))
        .await
        .expect(201);
    alice
        .post("/api/v1/searches", another("too many"))
        .await
        .expect_problem(409, "too_many_searches");
}
