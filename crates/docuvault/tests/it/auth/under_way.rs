//! What someone had set in motion before the password changed ends with it.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection};

use crate::support::{SendIt, TestApp, TestUser};

/// Signs in while `change` is being made to the account: the password is compared before, the session would be written after.
async fn sign_in_during(
    app: &TestApp,
    user: &TestUser,
    change: &'static str,
) -> crate::support::Response {
    let mut admin = app.database.superuser().await;
    let mut changing = admin.begin().await.unwrap();
    sqlx::query(AssertSqlSafe(change))
        .bind(user.id.0)
        .execute(&mut *changing)
        .await
        .unwrap();
    let (anon, of) = (app.anon(), user.clone());
    let signing_in = tokio::spawn(async move { anon.login(&of.email, &of.password).await });
    // It cannot end before the change: it waits for the same row.
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(!signing_in.is_finished());
    changing.commit().await.unwrap();
    signing_in.await.unwrap()
}

#[tokio::test]
async fn sec_ses_13_a_sign_in_under_way_does_not_outlive_what_ends_sessions() {
    for change in [
        "UPDATE users SET password_hash = 'another' WHERE id = $1",
        "UPDATE users SET disabled_at = now() WHERE id = $1",
        "UPDATE users SET totp_enabled = true WHERE id = $1",
    ] {
        let app = TestApp::start().await;
        let alice = app.user("alice").await;
        sign_in_during(&app, &alice, change)
            .await
            .expect_problem(401, "invalid_credentials");
        let sessions: i64 = sqlx::query_scalar("SELECT count(*) FROM sessions")
            .fetch_one(&mut app.database.superuser().await)
            .await
            .unwrap();
        assert_eq!(sessions, 1, "{change}");
    }
}

#[tokio::test]
async fn an_old_password_is_never_hashed_over_a_new_one() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let mut admin = app.database.superuser().await;
    // Of lower cost than the vault's, so that the next sign-in would raise it.
    let cheap = docuvault::crypto::PasswordHasher::new(docuvault::crypto::password::PasswordCost {
        memory_kib: 32,
        passes: 1,
    })
    .unwrap();
    let hash = cheap.hash(alice.password.as_str().into()).await.unwrap();
    sqlx::query("UPDATE users SET password_hash = $1")
        .bind(hash)
        .execute(&mut admin)
        .await
        .unwrap();
    sign_in_during(
        &app,
        &alice,
        "UPDATE users SET password_hash = 'another' WHERE id = $1",
    )
    .await
    .expect_problem(401, "invalid_credentials");
    let kept: String = sqlx::query_scalar("SELECT password_hash FROM users")
        .fetch_one(&mut admin)
        .await
        .unwrap();
    assert_eq!(kept, "another");
}

async fn change_password(user: &TestUser) {
    let body = json!({"current_password": user.password, "new_password": "a whole new password"});
    user.post("/api/v1/auth/password", body).await.expect(204);
}

async fn reset(app: &TestApp, user: &TestUser) {
    app.anon()
        .post("/api/v1/auth/password/forgot", json!({"email": user.email}))
        .await
        .expect(202);
    let token = app.token_mailed_to(&user.email).await;
    let body = json!({"token": token, "new_password": "a whole new password"});
    app.anon()
        .post("/api/v1/auth/password/reset", body)
        .await
        .expect(204);
}

#[tokio::test]
async fn a_new_password_ends_half_way_logins_and_reset_links() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let anon = app.anon();
    anon.post(
        "/api/v1/auth/password/forgot",
        json!({"email": alice.email}),
    )
    .await
    .expect(202);
    let link = app.token_mailed_to(&alice.email).await;
    let authenticator = alice.enrol_totp(&app).await;
    let pending = anon.pending_login(&alice).await;
    change_password(&alice).await;
    anon.second_factor(&pending, &authenticator.code(&app, 0))
        .await
        .expect_problem(401, "mfa_expired");
    let body = json!({"token": link, "new_password": "yet another password"});
    anon.post("/api/v1/auth/password/reset", body)
        .await
        .expect_problem(403, "invalid_link");
}

#[tokio::test]
async fn a_change_of_address_does_not_outlive_the_password_it_was_begun_with() {
    for by_reset in [false, true] {
        let app = TestApp::start().await;
        let alice = app.user("alice").await;
        let body = json!({"password": alice.password, "new_email": "eve@example.org"});
        alice.post("/api/v1/me/email", body).await.expect(202);
        let (leave, take) = (
            app.token_mailed_to(&alice.email).await,
            app.token_mailed_to("eve@example.org").await,
        );
        let confirm = |token: String| {
            let anon = app.anon();
            async move {
                anon.post("/api/v1/auth/email/confirm", json!({"token": token}))
                    .await
            }
        };
        confirm(leave).await.expect(200);
        if by_reset {
            reset(&app, &alice).await;
        } else {
            change_password(&alice).await;
        }
        confirm(take).await.expect_problem(403, "invalid_link");
    }
}

#[tokio::test]
async fn a_reset_takes_api_tokens_back_and_makes_known_devices_strangers() {
    let app = TestApp::with()
        .setting("DOCUVAULT_TRUSTED_PROXIES", "127.0.0.1")
        .start()
        .await;
    let alice = app.user("alice").await;
    let made = json!({"name": "script", "scopes": ["read", "write"]});
    let made = alice
        .post("/api/v1/auth/tokens", made)
        .await
        .expect(201)
        .json();
    let script = app.anon().with_token(made["token"].as_str().unwrap());
    script.get("/api/v1/documents").await.expect(200);
    let login = |password: &str, cookie: Option<String>| {
        let body = json!({"email": alice.email, "password": password});
        let request = app
            .anon()
            .request(Method::POST, "/api/v1/auth/login")
            .header("x-forwarded-for", "203.0.113.5")
            .json(&body);
        match cookie {
            Some(cookie) => request.header("cookie", cookie),
            None => request,
        }
        .send_it()
    };
    let first = login(&alice.password, None).await.expect(200);
    let device = first
        .headers
        .get_all("set-cookie")
        .iter()
        .find_map(|value| value.to_str().ok()?.strip_prefix("docuvault_device="))
        .map(|rest| format!("docuvault_device={}", rest.split(';').next().unwrap()))
        .unwrap();
    reset(&app, &alice).await;
    script
        .get("/api/v1/documents")
        .await
        .expect_problem(401, "unauthenticated");

    // The first sign-in from there was news, and so is the next, though it brings the cookie.
    let back = login("a whole new password", Some(device))
        .await
        .expect(200)
        .json();
    let token: &Value = &back["access_token"];
    let told = app
        .anon()
        .with_token(token.as_str().unwrap())
        .get("/api/v1/notifications")
        .await
        .json();
    let kinds: Vec<&str> = told["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds
            .iter()
            .filter(|kind| **kind == "security.new_sign_in")
            .count(),
        2,
        "{kinds:?}"
    );
}

#[tokio::test]
async fn asking_for_a_reset_again_voids_no_link_that_is_on_its_way() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let ask = async || {
        app.anon()
            .post(
                "/api/v1/auth/password/forgot",
                json!({"email": alice.email}),
            )
            .await
            .expect(202);
        app.token_mailed_to(&alice.email).await
    };
    let (first, second) = (ask().await, ask().await);
    assert_ne!(first, second);
    let choose = async |token: &str| {
        let body = json!({"token": token, "new_password": "a whole new password"});
        app.anon().post("/api/v1/auth/password/reset", body).await
    };
    choose(&first).await.expect(204);
    choose(&second).await.expect_problem(403, "invalid_link");
}

#[tokio::test]
async fn who_is_no_administrator_any_more_has_nobody_let_in() {
    let app = TestApp::start().await;
    let (admin, other) = (app.user("admin").await, app.user("other").await);
    let path = format!("/api/v1/admin/users/{}", other.id);
    admin
        .patch(&path, json!({"role": "admin"}))
        .await
        .expect(200);
    let other = app.user("other").await;
    let invite = json!({"role": "admin"});
    let token = other
        .post("/api/v1/admin/invites", invite)
        .await
        .expect(201)
        .json()["token"]
        .clone();
    admin
        .patch(&path, json!({"role": "user"}))
        .await
        .expect(200);
    app.anon()
        .post("/api/v1/auth/invite", json!({"invite_token": token}))
        .await
        .expect_problem(403, "invalid_invite");
}
