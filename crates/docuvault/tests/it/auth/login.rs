//! E-mail and password.

use serde_json::Value;

use crate::support::{Response, TestApp};

/// All that could tell one refusal from another.
fn tellable(refused: &Response) -> (u16, Value, Vec<String>) {
    let mut body = refused.json();
    body.as_object_mut().unwrap().remove("request_id");
    (
        refused.status.as_u16(),
        body,
        refused.headers.keys().map(ToString::to_string).collect(),
    )
}

#[tokio::test]
async fn each_sign_in_is_a_session_of_its_own() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for email in [
        "alice@example.org",
        "Alice@Example.ORG",
        "  alice@example.org ",
    ] {
        let answer = app.anon().login(email, &alice.password).await.expect(200);
        assert_ne!(answer.refresh_cookie().unwrap(), alice.refresh_cookie);
        assert_eq!(answer.json()["user"]["id"], alice.id.to_string());
        let again = app
            .anon()
            .with_token(answer.json()["access_token"].as_str().unwrap());
        again.get("/api/v1/me").await.expect(200);
    }
    alice.get("/api/v1/me").await.expect(200);
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_answer_alike() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let wrong = app
        .anon()
        .login(&alice.email, "not her password")
        .await
        .expect_problem(401, "invalid_credentials");
    for (email, password) in [
        ("nobody@example.org", "not her password"),
        ("nobody@example.org", alice.password.as_str()),
        ("", ""),
        ("x", "\u{0}"),
    ] {
        let unknown = app.anon().login(email, password).await;
        assert_eq!(tellable(&unknown), tellable(&wrong), "{email:?}");
    }
    assert!(wrong.refresh_cookie().is_none());
    app.anon()
        .login("alice@example.org\u{0}", &alice.password)
        .await
        .expect_problem(422, "validation_failed");
    let noted: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM audit_log WHERE action = 'auth.sign_in_refused' AND user_id = $1",
    )
    .bind(alice.id.0)
    .fetch_one(&mut app.database.superuser().await)
    .await
    .unwrap();
    assert_eq!(noted, 1, "alice can see that someone tried");
}

#[tokio::test]
async fn a_disabled_account_is_out_at_once_and_told_so_only_with_the_right_password() {
    let app = TestApp::start().await;
    let (_, bob) = (app.user("alice").await, app.user("bob").await);
    let mut admin = app.database.superuser().await;
    sqlx::query("UPDATE users SET disabled_at = now() WHERE id = $1")
        .bind(bob.id.0)
        .execute(&mut admin)
        .await
        .unwrap();

    bob.get("/api/v1/me")
        .await
        .expect_problem(401, "unauthenticated");
    app.anon()
        .refresh(&bob.refresh_cookie)
        .await
        .expect_problem(401, "refresh_invalid");
    app.anon()
        .login(&bob.email, "wrong")
        .await
        .expect_problem(401, "invalid_credentials");
    app.anon()
        .login(&bob.email, &bob.password)
        .await
        .expect_problem(403, "account_disabled");
}

#[tokio::test]
async fn raising_the_token_epoch_ends_every_access_token_at_once() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let mut admin = app.database.superuser().await;
    sqlx::query("UPDATE users SET token_epoch = token_epoch + 1")
        .execute(&mut admin)
        .await
        .unwrap();
    alice
        .get("/api/v1/me")
        .await
        .expect_problem(401, "unauthenticated");
    let renewed = app.anon().refresh(&alice.refresh_cookie).await.expect(200);
    alice
        .with_token(renewed.json()["access_token"].as_str().unwrap())
        .get("/api/v1/me")
        .await
        .expect(200);
}

#[tokio::test]
async fn an_access_token_lives_for_ten_minutes() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    app.clock.advance(std::time::Duration::from_secs(595));
    alice.get("/api/v1/me").await.expect(200);
    app.clock.advance(std::time::Duration::from_secs(15));
    alice
        .get("/api/v1/me")
        .await
        .expect_problem(401, "unauthenticated");
}
