//! A forgotten password.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::support::{SendIt, TestApp};

const FORGOT: &str = "/api/v1/auth/password/forgot";
const RESET: &str = "/api/v1/auth/password/reset";

#[tokio::test]
async fn sec_aut_10_a_reset_link_works_once_for_ten_minutes_and_keeps_the_second_factor() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let authenticator = alice.enrol_totp(&app).await;
    let anon = app.anon();
    // The link leads to the vault's own address, whatever the request says.
    anon.request(Method::POST, FORGOT)
        .header("x-forwarded-host", "evil.example")
        .json(&json!({"email": " Alice@Example.org "}))
        .send_it()
        .await
        .expect(202);
    let mail = app.mail_to(&alice.email).await;
    assert!(
        mail.text
            .contains(&format!("{}/reset-password#token=", app.base_url)),
        "{mail:?}"
    );
    let token = mail.token();
    let kept: String = sqlx::query_scalar("SELECT string_agg(l::text, ' ') FROM account_links l")
        .fetch_one(&mut app.database.superuser().await)
        .await
        .unwrap();
    assert!(!kept.contains(&token));

    // What is wrong with the password does not use the link up.
    anon.post(RESET, json!({"token": token, "new_password": "short"}))
        .await
        .expect_problem(422, "validation_failed");
    let mut racing = tokio::task::JoinSet::new();
    for racer in 0..8 {
        let (anon, token) = (anon.clone(), token.clone());
        racing.spawn(async move {
            let body =
                json!({"token": token, "new_password": format!("a whole new password {racer}")});
            (racer, anon.post(RESET, body).await.status.as_u16())
        });
    }
    let won: Vec<_> = racing
        .join_all()
        .await
        .into_iter()
        .filter(|(_, status)| *status == 204)
        .collect();
    assert_eq!(won.len(), 1);
    alice
        .get("/api/v1/me")
        .await
        .expect_problem(401, "unauthenticated");
    anon.refresh(&alice.refresh_cookie).await.expect(401);
    anon.login(&alice.email, &alice.password)
        .await
        .expect_problem(401, "invalid_credentials");
    let password = format!("a whole new password {}", won[0].0);
    anon.login(&alice.email, &password)
        .await
        .expect_problem(401, "totp_required");
    let body = json!({"email": alice.email, "password": password, "totp_code": authenticator.code(&app, 0)});
    anon.post("/api/v1/auth/login", body).await.expect(200);
    let told = app
        .mails()
        .await
        .into_iter()
        .filter(|mail| mail.to == alice.email)
        .map(|mail| mail.subject)
        .collect::<Vec<_>>();
    assert!(
        told.iter()
            .any(|subject| subject.to_lowercase().contains("password")),
        "{told:?}"
    );

    // Ten minutes.
    anon.post(FORGOT, json!({"email": alice.email}))
        .await
        .expect(202);
    let late = app.token_mailed_to(&alice.email).await;
    app.clock.advance(Duration::from_secs(601));
    anon.post(
        RESET,
        json!({"token": late, "new_password": "yet another password"}),
    )
    .await
    .expect_problem(403, "invalid_link");
    for garbage in ["", "dvl1_", &token, alice.token()] {
        anon.post(
            RESET,
            json!({"token": garbage, "new_password": "yet another password"}),
        )
        .await
        .expect_problem(403, "invalid_link");
    }
}

#[tokio::test]
async fn sec_aut_06_asking_for_a_reset_tells_nobody_whether_there_is_an_account() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let mut db = app.database.superuser().await;
    sqlx::query("UPDATE users SET disabled_at = now() WHERE id = $1")
        .bind(bob.id.0)
        .execute(&mut db)
        .await
        .unwrap();
    let mut seen = Vec::new();
    for email in [
        alice.email.as_str(),
        "nobody@example.org",
        bob.email.as_str(),
        "",
        "not an address",
    ] {
        let answer = app
            .anon()
            .post(FORGOT, json!({"email": email}))
            .await
            .expect(202);
        let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        names.sort();
        seen.push((answer.text(), names));
        // The same is written each time; what to do with it is found out later.
        let queued: i64 =
            sqlx::query_scalar("SELECT count(*) FROM jobs WHERE kind = 'mail_reset_link'")
                .fetch_one(&mut db)
                .await
                .unwrap();
        assert_eq!(queued, seen.len() as i64);
    }
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{seen:?}");
    let to: Vec<_> = app
        .mails()
        .await
        .into_iter()
        .filter(|mail| mail.text.contains("reset-password"))
        .map(|mail| mail.to)
        .collect();
    assert_eq!(to, [alice.email.as_str()]);
}
