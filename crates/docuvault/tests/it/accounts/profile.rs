//! Name and language.

use reqwest::Method;
use serde_json::json;

use crate::support::{SendIt, TestApp};

#[tokio::test]
async fn name_and_language_can_be_changed_and_nothing_else() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let before = alice.get("/api/v1/me").await.expect(200);
    let changed = alice
        .patch(
            "/api/v1/me",
            json!({"display_name": " Alice L. ", "locale": "de"}),
        )
        .await
        .expect(200);
    assert_eq!(
        (&changed.json()["display_name"], &changed.json()["locale"]),
        (&json!("Alice L."), &json!("de"))
    );
    let stale = alice
        .request(Method::PATCH, "/api/v1/me")
        .header("if-match", before.header("etag").unwrap())
        .json(&json!({"locale": "en"}));
    stale
        .send_it()
        .await
        .expect_problem(412, "precondition_failed");
    for bad in [
        json!({"display_name": ""}),
        json!({"display_name": "a\nb"}),
        json!({"locale": "fr"}),
    ] {
        alice
            .patch("/api/v1/me", bad)
            .await
            .expect_problem(422, "validation_failed");
    }
}

/// Fields that a user must not set are no fields of theirs.
#[tokio::test]
async fn sec_az_04_nobody_gives_themselves_a_role_a_quota_or_another_address() {
    let app = TestApp::start().await;
    let (_, bob) = (app.user("admin").await, app.user("bob").await);
    for (field, value) in [
        ("role", json!("admin")),
        ("email", json!("x@example.org")),
        ("id", json!(uuid::Uuid::nil())),
        ("totp_enabled", json!(false)),
        ("token_epoch", json!(0)),
        ("limit_bytes", json!(1)),
        ("disabled", json!(false)),
        ("email_verified", json!(true)),
        ("password_hash", json!("x")),
    ] {
        let mut body = json!({"display_name": "Bob"});
        body[field] = value;
        bob.patch("/api/v1/me", body)
            .await
            .expect_problem(400, "unknown_field");
    }
    for (path, body) in [
        (
            "/api/v1/auth/register",
            json!({"email": "e@example.org", "password": "four plain words here", "display_name": "E", "role": "admin"}),
        ),
        (
            "/api/v1/documents",
            json!({"filename": "a", "size_bytes": 1, "content_type": "text/plain", "user_id": bob.id.0}),
        ),
        (
            "/api/v1/documents",
            json!({"filename": "a", "size_bytes": 1, "content_type": "text/plain", "state": "ready"}),
        ),
        (
            "/api/v1/documents",
            json!({"filename": "a", "size_bytes": 1, "content_type": "text/plain", "object_key": "x/y/z"}),
        ),
        ("/api/v1/topics", json!({"name": "a", "user_id": bob.id.0})),
        (
            "/api/v1/auth/tokens",
            json!({"name": "a", "scopes": ["read"], "can_write": true}),
        ),
    ] {
        bob.post(path, body)
            .await
            .expect_problem(400, "unknown_field");
    }
    assert_eq!(bob.get("/api/v1/me").await.json()["role"], "user");
}
