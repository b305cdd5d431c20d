//! The trail of what happened: complete, chained, and telling of any tampering.

use serde_json::json;
use sqlx::PgConnection;

use crate::support::{TestApp, TestUser};

/// Rows whose hash is not that of their content and predecessor, and heads that are not the end of their chain. Worked out from
/// the rows alone, the way someone would who does not trust the vault.
const BREAKS: &str = "
    WITH told AS (
        SELECT *, coalesce(lag(hash) OVER (PARTITION BY user_id ORDER BY id), ''::bytea) AS before,
               sha256(previous_hash || convert_to(concat_ws('|', user_id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), action,
                   coalesce(session_id::text, ''), coalesce(ip, ''), coalesce(request_id, ''), metadata), 'UTF8')) AS wanted
          FROM audit_log)
    SELECT 'row ' || id FROM told WHERE hash <> wanted OR previous_hash <> before
    UNION ALL
    SELECT 'head of ' || h.user_id FROM audit_heads h
     WHERE h.hash IS DISTINCT FROM (SELECT l.hash FROM audit_log l WHERE l.user_id = h.user_id ORDER BY l.id DESC LIMIT 1)
        OR h.rows <> (SELECT count(*) FROM audit_log l WHERE l.user_id = h.user_id)";

async fn breaks(admin: &mut PgConnection) -> Vec<String> {
    sqlx::query_scalar(BREAKS).fetch_all(admin).await.unwrap()
}

async fn actions_of(admin: &mut PgConnection, user: &TestUser) -> Vec<String> {
    sqlx::query_scalar("SELECT action FROM audit_log WHERE user_id = $1 ORDER BY id")
        .bind(user.id.0)
        .fetch_all(admin)
        .await
        .unwrap()
}

#[tokio::test]
async fn every_step_is_in_it_and_no_name_or_content() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let mut admin = app.database.superuser().await;
    let id = alice.upload("umbrella.txt", b"the umbrella policy").await;
    app.run_jobs().await;
    let path = format!("/api/v1/documents/{id}");
    alice
        .patch(&path, json!({"title": "My umbrella"}))
        .await
        .expect(200);
    alice.get(&format!("{path}/download")).await.expect(200);
    alice.delete(&path).await.expect(204);
    alice
        .post_nothing(&format!("{path}/restore"))
        .await
        .expect(200);
    alice
        .delete(&format!("{path}/permanently"))
        .await
        .expect(204);
    app.anon().logout(&alice.refresh_cookie).await.expect(204);

    let told = actions_of(&mut admin, &alice).await;
    for action in [
        "account.created",
        "auth.signed_in",
        "document.stored",
        "document.read",
        "document.changed",
        "document.downloaded",
        "document.trashed",
        "document.restored",
        "document.erasing",
        "document.erased",
        "auth.signed_out",
    ] {
        assert!(
            told.iter().any(|known| known == action),
            "{action} is missing: {told:?}"
        );
    }
    let rows: Vec<String> = sqlx::query_scalar("SELECT to_jsonb(a)::text FROM audit_log a")
        .fetch_all(&mut admin)
        .await
        .unwrap();
    for row in rows {
        assert!(
            !row.to_lowercase().contains("umbrella") && !row.contains("alice@"),
            "{row}"
        );
    }
    assert_eq!(breaks(&mut admin).await, Vec::<String>::new());
}

#[tokio::test]
async fn the_chain_holds_when_many_things_happen_at_once() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let mut acting = tokio::task::JoinSet::new();
    for turn in 0..20 {
        let user = if turn % 2 == 0 {
            alice.clone()
        } else {
            bob.clone()
        };
        acting.spawn(async move {
            user.post("/api/v1/topics", json!({"name": format!("Topic {turn}")}))
                .await
                .expect(201)
        });
    }
    acting.join_all().await;
    let mut admin = app.database.superuser().await;
    assert_eq!(breaks(&mut admin).await, Vec::<String>::new());
    assert_eq!(
        actions_of(&mut admin, &alice)
            .await
            .iter()
            .filter(|action| *action == "topic.created")
            .count(),
        10
    );
}

#[tokio::test]
async fn sec_log_02_tampering_shows() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for name in ["Sailing", "Rowing"] {
        alice
            .post("/api/v1/topics", json!({"name": name}))
            .await
            .expect(201);
    }
    let mut admin = app.database.superuser().await;
    assert_eq!(breaks(&mut admin).await, Vec::<String>::new());
    for tampering in [
        "UPDATE audit_log SET action = 'nothing.happened' WHERE id = (SELECT id FROM audit_log ORDER BY id DESC OFFSET 1 LIMIT 1)",
        "UPDATE audit_log SET at = at - interval '1 day' WHERE id = (SELECT max(id) FROM audit_log)",
        "UPDATE audit_log SET metadata = '{}' WHERE id = (SELECT max(id) FROM audit_log)",
        "DELETE FROM audit_log WHERE id = (SELECT max(id) FROM audit_log)",
        "DELETE FROM audit_log WHERE id = (SELECT min(id) FROM audit_log)",
    ] {
        let mut tx = sqlx::Connection::begin(&mut admin).await.unwrap();
        sqlx::query(tampering).execute(&mut *tx).await.unwrap();
        assert!(
            !breaks(&mut tx).await.is_empty(),
            "{tampering} goes unnoticed"
        );
    }
}
