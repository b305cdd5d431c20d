//! Personal API tokens: what they open, and what they never open.

use std::time::Duration;

use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::support::{TestApp, TestUser};

async fn make(user: &TestUser, scopes: Value, expires_at: Option<OffsetDateTime>) -> Value {
    let expires_at = expires_at.map(|at| at.format(&Rfc3339).unwrap());
    let body = json!({"name": "script", "scopes": scopes, "expires_at": expires_at});
    user.post("/api/v1/auth/tokens", body)
        .await
        .expect(201)
        .json()
}

#[tokio::test]
async fn sec_az_05_scopes_and_expiry_are_enforced_and_a_token_cannot_widen_itself() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let reading = make(&alice, json!(["read"]), None).await;
    let reader = alice.with_token(reading["token"].as_str().unwrap());
    assert!(reading["token"].as_str().unwrap().starts_with("dvp1_"));
    assert_eq!(reading["scopes"], json!(["read"]));

    reader.get("/api/v1/documents").await.expect(200);
    reader.get("/api/v1/me").await.expect(200);
    reader
        .post("/api/v1/topics", json!({"name": "Sailing"}))
        .await
        .expect_problem(403, "insufficient_scope");
    reader
        .patch("/api/v1/me", json!({"display_name": "Eve"}))
        .await
        .expect_problem(403, "insufficient_scope");

    let soon = app.state.now() + Duration::from_hours(1);
    let writing = make(&alice, json!(["read", "write"]), Some(soon)).await;
    let writer = alice.with_token(writing["token"].as_str().unwrap());
    writer
        .post("/api/v1/topics", json!({"name": "Sailing"}))
        .await
        .expect(201);
    writer.upload("by-script.txt", b"scripted").await;
    for (method, path, body) in [
        (
            "POST",
            "/api/v1/auth/tokens",
            json!({"name": "x", "scopes": ["read", "write"]}),
        ),
        (
            "POST",
            "/api/v1/auth/password",
            json!({"current_password": alice.password, "new_password": "another good one"}),
        ),
        (
            "POST",
            "/api/v1/auth/totp",
            json!({"password": alice.password}),
        ),
        ("POST", "/api/v1/auth/logout-all", json!({})),
        (
            "POST",
            "/api/v1/me/email",
            json!({"password": alice.password, "new_email": "eve@example.org"}),
        ),
        ("DELETE", "/api/v1/me", json!({"password": alice.password})),
        (
            "POST",
            "/api/v1/auth/reauthenticate",
            json!({"password": alice.password}),
        ),
    ] {
        let method = method.parse().unwrap();
        let answer = writer.request(method, path).json(&body);
        crate::support::SendIt::send_it(answer)
            .await
            .expect_problem(403, "session_required");
    }
    for path in [
        "/api/v1/auth/sessions",
        "/api/v1/auth/tokens",
        "/api/v1/auth/totp",
    ] {
        writer
            .get(path)
            .await
            .expect_problem(403, "session_required");
    }
    app.clock.advance(Duration::from_mins(61));
    writer
        .get("/api/v1/documents")
        .await
        .expect_problem(401, "unauthenticated");
    reader.get("/api/v1/documents").await.expect(200);
}

#[tokio::test]
async fn a_token_is_shown_once_kept_as_a_hash_and_refused_once_taken_back() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let made = make(&alice, json!(["read"]), None).await;
    let token = made["token"].as_str().unwrap();
    let script = alice.with_token(token);
    script.get("/api/v1/documents").await.expect(200);

    let listed = alice.get("/api/v1/auth/tokens").await.expect(200);
    assert!(!listed.text().contains(token));
    let item = &listed.json()["items"][0];
    assert_eq!(item["prefix"], token[..11]);
    assert!(item["last_used_at"].is_string(), "{item}");
    let kept: String = sqlx::query_scalar("SELECT string_agg(t::text, ' ') FROM api_tokens t")
        .fetch_one(&mut app.database.superuser().await)
        .await
        .unwrap();
    assert!(!kept.contains(token), "{kept}");

    let path = format!("/api/v1/auth/tokens/{}", made["id"].as_str().unwrap());
    bob.delete(&path).await.expect_problem(404, "not_found");
    script.get("/api/v1/documents").await.expect(200);
    alice.delete(&path).await.expect(204);
    script
        .get("/api/v1/documents")
        .await
        .expect_problem(401, "unauthenticated");
    alice.delete(&path).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_token_dies_with_its_user_and_shows_nothing_of_others() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let secret = alice.upload("alice.txt", b"umbrella").await.to_string();
    let made = make(&bob, json!(["read", "write"]), None).await;
    let script = bob.with_token(made["token"].as_str().unwrap());
    script
        .get(&format!("/api/v1/documents/{secret}"))
        .await
        .expect_problem(404, "not_found");
    assert!(
        !script
            .get("/api/v1/documents")
            .await
            .text()
            .contains(&secret)
    );
    sqlx::query("UPDATE users SET disabled_at = now() WHERE id = $1")
        .bind(bob.id.0)
        .execute(&mut app.database.superuser().await)
        .await
        .unwrap();
    script
        .get("/api/v1/documents")
        .await
        .expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn what_a_token_cannot_be_is_said() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let past = "2020-01-01T00:00:00Z";
    for (field, body) in [
        ("name", json!({"name": " ", "scopes": ["read"]})),
        ("name", json!({"name": "x".repeat(101), "scopes": ["read"]})),
        ("scopes", json!({"name": "x", "scopes": []})),
        ("scopes", json!({"name": "x", "scopes": ["write"]})),
        (
            "expires_at",
            json!({"name": "x", "scopes": ["read"], "expires_at": past}),
        ),
    ] {
        let problem = alice
            .post("/api/v1/auth/tokens", body)
            .await
            .expect_problem(422, "validation_failed")
            .json();
        assert_eq!(problem["errors"][0]["field"], field);
    }
    alice
        .post(
            "/api/v1/auth/tokens",
            json!({"name": "x", "scopes": ["admin"]}),
        )
        .await
        .expect(422);
    for garbage in [
        "dvp1_",
        "dvp1_AAAA",
        "dvp1_0000000000000000000000000000000000000000000000x",
    ] {
        alice
            .with_token(garbage)
            .get("/api/v1/documents")
            .await
            .expect_problem(401, "unauthenticated");
    }
}
