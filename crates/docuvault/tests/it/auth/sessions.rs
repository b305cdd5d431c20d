//! Where one is signed in, and ending it there.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{TestApp, TestUser};

async fn sessions(user: &TestUser) -> Vec<Value> {
    let listed = user.get("/api/v1/auth/sessions").await.expect(200).json();
    listed["items"].as_array().unwrap().clone()
}

fn other(sessions: &[Value]) -> &str {
    let other = sessions.iter().find(|session| session["current"] == false);
    other.unwrap()["id"].as_str().unwrap()
}

#[tokio::test]
async fn sec_ses_14_sessions_are_listed_and_ended_one_or_all() {
    let app = TestApp::start().await;
    let (here, there, elsewhere) = (
        app.user("alice").await,
        app.user("alice").await,
        app.user("alice").await,
    );
    let listed = sessions(&here).await;
    assert_eq!(listed.len(), 3);
    assert_eq!(
        listed
            .iter()
            .filter(|session| session["current"] == true)
            .count(),
        1
    );
    assert_eq!(listed[0]["ip"], "127.0.0.1");

    let bob = app.user("bob").await;
    let path = format!("/api/v1/auth/sessions/{}", other(&listed));
    bob.delete(&path).await.expect_problem(404, "not_found");

    // Others want the password to be fresh; one's own end is always free.
    app.clock.advance(Duration::from_mins(9));
    here.delete(&path).await.expect(204);
    assert_eq!(sessions(&here).await.len(), 2);
    let still = [&there, &elsewhere];
    let mut alive = 0;
    for user in still {
        alive += u32::from(user.get("/api/v1/me").await.status == 200);
    }
    assert_eq!(alive, 1);

    here.post("/api/v1/auth/logout-all", json!({"keep_current": true}))
        .await
        .expect(204);
    here.get("/api/v1/me").await.expect(200);
    for user in still {
        user.get("/api/v1/me")
            .await
            .expect_problem(401, "unauthenticated");
        app.anon()
            .refresh(&user.refresh_cookie)
            .await
            .expect_problem(401, "refresh_invalid");
    }
    let out = here
        .post_nothing("/api/v1/auth/logout-all")
        .await
        .expect(204);
    assert_eq!(out.refresh_cookie().as_deref(), Some(""));
    here.get("/api/v1/me")
        .await
        .expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn sec_aut_12_changes_of_security_want_a_recent_password() {
    let app = TestApp::with()
        .setting("DOCUVAULT_ACCESS_TOKEN_SECONDS", "3600")
        .start()
        .await;
    let (here, _) = (app.user("alice").await, app.user("alice").await);
    let listed = sessions(&here).await;
    app.clock.advance(Duration::from_secs(601));
    let path = format!("/api/v1/auth/sessions/{}", other(&listed));
    here.delete(&path)
        .await
        .expect_problem(403, "reauth_required");
    here.post_nothing("/api/v1/auth/logout-all")
        .await
        .expect_problem(403, "reauth_required");
    let token = json!({"name": "x", "scopes": ["read"]});
    here.post("/api/v1/auth/tokens", &token)
        .await
        .expect_problem(403, "reauth_required");

    here.post("/api/v1/auth/reauthenticate", json!({"password": "wrong"}))
        .await
        .expect_problem(403, "wrong_password");
    here.post("/api/v1/auth/tokens", &token)
        .await
        .expect_problem(403, "reauth_required");
    here.post(
        "/api/v1/auth/reauthenticate",
        json!({"password": here.password}),
    )
    .await
    .expect(204);
    here.post("/api/v1/auth/tokens", &token).await.expect(201);
    here.delete(&path).await.expect(204);
    app.clock.advance(Duration::from_secs(601));
    here.post("/api/v1/auth/tokens", &token)
        .await
        .expect_problem(403, "reauth_required");
}

#[tokio::test]
async fn sec_ses_13_a_new_password_ends_every_other_session() {
    let app = TestApp::start().await;
    let (here, there) = (app.user("alice").await, app.user("alice").await);
    let change =
        |current: &str, new: &str| json!({"current_password": current, "new_password": new});
    let path = "/api/v1/auth/password";
    here.post(path, change("wrong", "a whole new password"))
        .await
        .expect_problem(403, "wrong_password");
    here.post(path, change(&here.password, "short"))
        .await
        .expect_problem(422, "validation_failed");
    there.get("/api/v1/me").await.expect(200);

    here.post(path, change(&here.password, "a whole new password"))
        .await
        .expect(204);
    here.get("/api/v1/me").await.expect(200);
    there
        .get("/api/v1/me")
        .await
        .expect_problem(401, "unauthenticated");
    app.anon()
        .refresh(&there.refresh_cookie)
        .await
        .expect_problem(401, "refresh_invalid");
    app.anon().refresh(&here.refresh_cookie).await.expect(200);
    app.anon()
        .login(&here.email, &here.password)
        .await
        .expect_problem(401, "invalid_credentials");
    app.anon()
        .login(&here.email, "a whole new password")
        .await
        .expect(200);
    let mail = app.mail_to(&here.email).await;
    assert!(mail.subject.to_lowercase().contains("password"), "{mail:?}");
}

#[tokio::test]
async fn sec_ses_16_each_sign_in_begins_a_session_of_its_own() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let authenticator = alice.enrol_totp(&app).await;
    let before: Vec<Value> = sessions(&alice)
        .await
        .iter()
        .map(|session| session["id"].clone())
        .collect();
    let anon = app.anon();
    let pending = anon.pending_login(&alice).await;
    anon.second_factor(&pending, &authenticator.code(&app, 0))
        .await
        .expect(200);
    let after = sessions(&alice).await;
    let new: Vec<_> = after
        .iter()
        .filter(|session| !before.contains(&session["id"]))
        .collect();
    assert_eq!(new.len(), 1);
    assert!(!pending.contains(new[0]["id"].as_str().unwrap()));
}
