//! What is never sent: not a byte of it reaches the provider.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Peer, chosen, ledger, peer::filing, suggestions, topic, vault};
use crate::support::TestUser;

async fn forbid(user: &TestUser, kind: &str, target: Uuid) -> Uuid {
    let body = json!({"kind": kind, "target_id": target});
    user.post("/api/v1/me/ai/never-send", body)
        .await
        .expect(201)
        .id()
}

#[tokio::test]
async fn a_document_under_a_rule_is_filed_on_the_device_and_nothing_leaves() {
    let peer = Peer::start().await;
    let app = vault(&peer).await;
    let alice = app.user("alice").await;
    let topics = alice.get("/api/v1/topics").await.expect(200).json();
    let invoices = topics["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|topic| topic["name"] == "Invoices")
        .unwrap()["id"]
        .clone();
    forbid(&alice, "topic", invoices.as_str().unwrap().parse().unwrap()).await;
    let alice = chosen(&app, &peer).await;
    peer.usually(filing("Contracts", 0.9));
    let invoice = alice.upload_fixture("invoice-en.pdf").await;
    app.run_jobs().await;
    let why = suggestions(&alice, invoice).await;
    assert_eq!(
        (&why["filed_by"], &why["notice"]),
        (&json!("device"), &json!("never_send"))
    );
    let classify = format!("/api/v1/documents/{invoice}/classify");
    alice.post_nothing(&classify).await.expect(202);
    alice
        .post_nothing(&format!("/api/v1/documents/{invoice}/summary"))
        .await
        .expect_problem(409, "never_send");
    app.run_jobs().await;
    assert!(peer.received().is_empty(), "{:?}", peer.received());
    assert_eq!(ledger(&alice).await["items"], json!([]));

    // Another document is none of the rule's business.
    alice
        .upload("letter.txt", "Dear members, bring a chair.")
        .await;
    app.run_jobs().await;
    assert_eq!(peer.received().len(), 1);
}

#[tokio::test]
async fn rules_hold_for_documents_and_for_folders_with_all_that_is_in_them() {
    let peer = Peer::start().await;
    let app = vault(&peer).await;
    let alice = chosen(&app, &peer).await;
    let (outer, inner) = (Uuid::now_v7(), Uuid::now_v7());
    let mut admin = app.database.superuser().await;
    for (id, parent, name) in [(outer, None, "Outer"), (inner, Some(outer), "Inner")] {
        sqlx::query("INSERT INTO folders (id, user_id, parent_id, name) VALUES ($1, $2, $3, $4)")
            .bind(id)
            .bind(alice.id.0)
            .bind(parent)
            .bind(name)
            .execute(&mut admin)
            .await
            .unwrap();
    }
    let rule = forbid(&alice, "folder", outer).await;
    let body = json!({"filename": "a.txt", "size_bytes": 7, "content_type": "text/plain", "folder_id": inner});
    let started = crate::support::Started::of(
        &alice
            .post("/api/v1/documents", body)
            .await
            .expect(201)
            .json(),
    );
    alice.put(&started.url, "private").await.expect(201);
    alice.complete(started.document).await.expect(200);
    let alone = alice.start_upload("b.txt", 6).await;
    forbid(&alice, "document", alone.document).await;
    alice.put(&alone.url, "secret").await.expect(201);
    alice.complete(alone.document).await.expect(200);
    app.run_jobs().await;
    for document in [started.document, alone.document] {
        assert_eq!(suggestions(&alice, document).await["notice"], "never_send");
    }
    assert!(peer.received().is_empty());

    let listed = alice
        .get("/api/v1/me/ai/never-send")
        .await
        .expect(200)
        .json();
    let names: Vec<_> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| (rule["kind"].clone(), rule["name"].clone()))
        .collect();
    assert_eq!(names[1], (json!("folder"), json!("Outer")));
    alice
        .delete(&format!("/api/v1/me/ai/never-send/{rule}"))
        .await
        .expect(204);
    alice
        .post_nothing(&format!("/api/v1/documents/{}/classify", started.document))
        .await
        .expect(202);
    app.run_jobs().await;
    assert_eq!(peer.received().len(), 1);
}

#[tokio::test]
async fn a_rule_stands_once_and_for_one_s_own_things_only() {
    let peer = Peer::start().await;
    let app = vault(&peer).await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let bobs = topic(&bob, "Bob's").await;
    for (kind, target) in [
        ("topic", bobs),
        ("document", Uuid::new_v4()),
        ("folder", bobs),
    ] {
        let problem = alice
            .post(
                "/api/v1/me/ai/never-send",
                json!({"kind": kind, "target_id": target}),
            )
            .await
            .expect_problem(422, "validation_failed");
        assert_eq!(problem.json()["errors"][0]["code"], "not_found");
    }
    let own = topic(&alice, "Own").await;
    assert_eq!(
        forbid(&alice, "topic", own).await,
        forbid(&alice, "topic", own).await
    );
    alice
        .delete(&format!("/api/v1/topics/{own}"))
        .await
        .expect(204);
    let left: Value = alice
        .get("/api/v1/me/ai/never-send")
        .await
        .expect(200)
        .json();
    assert_eq!(
        left["items"],
        json!([]),
        "a rule goes with what it was about"
    );
}
