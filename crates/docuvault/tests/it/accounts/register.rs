//! Signing up: by invitation, freely, or not at all.

use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::support::TestApp;

/// An invitation, as an administrator makes it; its token.
async fn invite(
    admin: &mut PgConnection,
    email: Option<&str>,
    role: &str,
    limit_bytes: Option<i64>,
) -> String {
    use docuvault::crypto::opaque_token::{TokenKind, make};
    use secrecy::ExposeSecret;
    let made = make(TokenKind::Invite).unwrap();
    sqlx::query("INSERT INTO invites (id, token_hash, email, role, limit_bytes, expires_at) VALUES (gen_random_uuid(), $1, $2, $3, $4, now() + interval '1 day')")
        .bind(&made.sha256[..])
        .bind(email)
        .bind(role)
        .bind(limit_bytes)
        .execute(admin)
        .await
        .unwrap();
    made.text.expose_secret().to_owned()
}

fn sign_up(email: &str, token: Option<&str>) -> Value {
    json!({"email": email, "password": "four plain words here", "display_name": "Bea", "invite_token": token, "locale": "de"})
}

#[tokio::test]
async fn an_invitation_lets_one_person_in_as_what_it_says() {
    let app = TestApp::start().await;
    app.user("admin").await;
    let mut db = app.database.superuser().await;
    let token = invite(&mut db, Some("Bea@example.org"), "user", Some(1234)).await;
    let anon = app.anon();
    let shown = anon
        .post("/api/v1/auth/invite", json!({"invite_token": token}))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&shown["email"], &shown["role"]),
        (&json!("Bea@example.org"), &json!("user"))
    );

    let path = "/api/v1/auth/register";
    let other = anon
        .post(path, sign_up("eve@example.org", Some(&token)))
        .await
        .expect_problem(422, "validation_failed");
    assert_eq!(other.json()["errors"][0]["code"], "not_invited");
    let answer = anon
        .post(path, sign_up("bea@example.org", Some(&token)))
        .await
        .expect(201);
    let body = answer.json();
    assert_eq!(body["user"]["role"], "user");
    let bea = anon.with_token(body["access_token"].as_str().unwrap());
    assert_eq!(
        bea.get("/api/v1/me/quota").await.json()["limit_bytes"],
        1234
    );
    let me = bea.get("/api/v1/me").await.json();
    assert_eq!(
        (&me["locale"], &me["email_verified"]),
        (&json!("de"), &json!(false))
    );
    anon.refresh(&answer.refresh_cookie().unwrap())
        .await
        .expect(200);
    anon.post(path, sign_up("bea@example.org", Some(&token)))
        .await
        .expect_problem(403, "invalid_invite");
    anon.post("/api/v1/auth/invite", json!({"invite_token": token}))
        .await
        .expect_problem(403, "invalid_invite");
}

#[tokio::test]
async fn of_ten_who_redeem_one_invitation_at_once_one_gets_in() {
    let app = TestApp::start().await;
    app.user("admin").await;
    let mut db = app.database.superuser().await;
    let token = invite(&mut db, None, "admin", None).await;
    let mut racing = tokio::task::JoinSet::new();
    for racer in 0..10 {
        let (anon, token) = (app.anon(), token.clone());
        racing.spawn(async move {
            let body = sign_up(&format!("racer{racer}@example.org"), Some(&token));
            anon.post("/api/v1/auth/register", body)
                .await
                .status
                .as_u16()
        });
    }
    let mut statuses = racing.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [&[201][..], &[403; 9]].concat());
    let users: i64 = sqlx::query_scalar("SELECT count(*) FROM users")
        .fetch_one(&mut db)
        .await
        .unwrap();
    assert_eq!(users, 2);
}

#[tokio::test]
async fn without_an_invitation_one_gets_in_only_where_the_vault_is_open() {
    for (mode, status, code) in [
        ("invite", 403, "registration_closed"),
        ("closed", 403, "registration_closed"),
        ("open", 201, ""),
    ] {
        let app = TestApp::with()
            .setting("DOCUVAULT_REGISTRATION", mode)
            .start()
            .await;
        app.user("admin").await;
        let options = app
            .anon()
            .get("/api/v1/auth/options")
            .await
            .expect(200)
            .json();
        assert_eq!(
            options,
            json!({"registration": mode, "min_password_chars": 8, "mail": false})
        );
        let answer = app
            .anon()
            .post("/api/v1/auth/register", sign_up("bea@example.org", None))
            .await
            .expect(status);
        if !code.is_empty() {
            assert_eq!(answer.problem_code(), code);
            continue;
        }
        assert_eq!(answer.json()["user"]["role"], "user");
        app.anon()
            .post("/api/v1/auth/register", sign_up("Bea@Example.org", None))
            .await
            .expect_problem(409, "email_taken");
        // The address has yet to be shown to be hers.
        let bea = app
            .anon()
            .with_token(answer.json()["access_token"].as_str().unwrap());
        assert_eq!(bea.get("/api/v1/me").await.json()["email_verified"], false);
        let token = app.token_mailed_to("bea@example.org").await;
        let confirm = json!({"token": token});
        let outcome = app
            .anon()
            .post("/api/v1/auth/email/confirm", &confirm)
            .await
            .expect(200)
            .json();
        assert_eq!(outcome, json!({"outcome": "verified"}));
        assert_eq!(bea.get("/api/v1/me").await.json()["email_verified"], true);
        app.anon()
            .post("/api/v1/auth/email/confirm", &confirm)
            .await
            .expect_problem(403, "invalid_link");
    }
}

#[tokio::test]
async fn a_closed_vault_takes_no_invitation_either_and_bad_ones_answer_alike() {
    let app = TestApp::with()
        .setting("DOCUVAULT_REGISTRATION", "closed")
        .start()
        .await;
    app.user("admin").await;
    let mut db = app.database.superuser().await;
    let token = invite(&mut db, None, "user", None).await;
    app.anon()
        .post(
            "/api/v1/auth/register",
            sign_up("bea@example.org", Some(&token)),
        )
        .await
        .expect_problem(403, "registration_closed");

    let app = TestApp::start().await;
    app.user("admin").await;
    let mut db = app.database.superuser().await;
    let expired = invite(&mut db, None, "user", None).await;
    sqlx::query("UPDATE invites SET expires_at = now() - interval '1 second'")
        .execute(&mut db)
        .await
        .unwrap();
    let revoked = invite(&mut db, None, "user", None).await;
    sqlx::query("UPDATE invites SET revoked_at = now() WHERE expires_at > now()")
        .execute(&mut db)
        .await
        .unwrap();
    for token in [expired.as_str(), &revoked, "dvi1_garbage", ""] {
        app.anon()
            .post(
                "/api/v1/auth/register",
                sign_up("bea@example.org", Some(token)),
            )
            .await
            .expect_problem(403, "invalid_invite");
    }
}
