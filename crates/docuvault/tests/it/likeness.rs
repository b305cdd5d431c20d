//! Documents that are alike, and those that are almost the same.

use std::fmt::Write as _;

use serde_json::Value;
use uuid::Uuid;

use crate::support::{TestApp, TestUser};

/// Long enough for a digest; `{}` is what is particular about one.
fn contract(particular: &str) -> String {
    let mut clauses = String::new();
    for n in 1..30 {
        let room = n * 3;
        let _ = write!(
            clauses,
            "Clause {n}: the tenant keeps room {room} of the house in good repair. "
        );
    }
    format!("Contract 884411 with Harbour Homes. {clauses} {particular}")
}

async fn similar(user: &TestUser, id: Uuid) -> Vec<(Uuid, bool)> {
    let answer = user
        .get(&format!("/api/v1/documents/{id}/similar"))
        .await
        .expect(200)
        .json();
    let item = |item: &Value| {
        let id = item["document"]["id"].as_str().unwrap().parse().unwrap();
        let likeness = item["likeness"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&likeness), "{likeness}");
        (id, item["almost_the_same"].as_bool().unwrap())
    };
    answer["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(item)
        .collect()
}

#[tokio::test]
async fn the_same_paper_again_stands_before_what_is_only_like_it() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let first = alice.upload("first.txt", contract("Signed in May.")).await;
    let again = alice.upload("again.txt", contract("Signed in  MAY")).await;
    let like = alice
        .upload(
            "letter.txt",
            "Dear Harbour Homes, about contract 884411: the heating of the house is out of order, please send somebody for the repair.",
        )
        .await;
    for n in 0..6 {
        let other = format!(
            "Shopping list number {n}: flour, butter, eggs, a bag of apples and twelve candles"
        );
        alice.upload(&format!("list {n}.txt"), other).await;
    }
    app.run_jobs().await;
    assert_eq!(similar(&alice, first).await, [(again, true), (like, false)]);
    let found = similar(&alice, like).await;
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().all(|(_, almost_the_same)| !almost_the_same));

    alice
        .delete(&format!("/api/v1/documents/{again}"))
        .await
        .expect(204);
    assert_eq!(similar(&alice, first).await, [(like, false)]);
}

#[tokio::test]
async fn nothing_of_another_is_alike() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let hers = alice.upload("first.txt", contract("Hers.")).await;
    let his = bob.upload("first.txt", contract("His.")).await;
    app.run_jobs().await;
    assert_eq!(similar(&alice, hers).await, []);
    bob.get(&format!("/api/v1/documents/{hers}/similar"))
        .await
        .expect_problem(404, "not_found");
    assert_eq!(similar(&bob, his).await, []);
}

#[tokio::test]
async fn documents_from_before_are_looked_at_by_the_sweep() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let first = alice.upload("first.txt", contract("Signed.")).await;
    let again = alice.upload("again.txt", contract("signed")).await;
    app.run_jobs().await;
    sqlx::raw_sql("UPDATE document_likeness SET simhash = NULL, is_known = false")
        .execute(&mut app.database.superuser().await)
        .await
        .unwrap();
    assert!(!similar(&alice, first).await.contains(&(again, true)));
    docuvault::likeness::note_all_likeness(&app.state)
        .await
        .unwrap();
    assert_eq!(similar(&alice, first).await, [(again, true)]);
}
