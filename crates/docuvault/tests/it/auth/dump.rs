//! Whoever reads the database learns no secret that would let them in.

use std::fmt::Write as _;

use reqwest::Method;
use serde_json::json;
use sqlx::AssertSqlSafe;
use totp_rs::Secret;

use crate::support::{SendIt, TestApp};

/// Everything in every table, with binary columns as hexadecimal digits.
async fn dump(app: &TestApp) -> String {
    let mut admin = app.database.superuser().await;
    let tables: Vec<String> = sqlx::query_scalar("SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
        .fetch_all(&mut admin)
        .await
        .unwrap();
    let mut text = String::new();
    for table in tables {
        let sql = AssertSqlSafe(format!("SELECT t::text FROM {table} t"));
        let rows: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut admin).await.unwrap();
        for row in rows {
            writeln!(text, "{table} {row}").unwrap();
        }
    }
    text
}

#[tokio::test]
async fn sec_ses_07_a_dump_of_the_database_holds_no_token_seed_or_password() {
    let app = TestApp::start().await;
    let (admin, alice) = (app.user("admin").await, app.user("alice").await);
    let anon = app.anon();
    let mut secrets: Vec<(&str, String)> = vec![
        ("access token", alice.token().to_owned()),
        ("refresh token", alice.refresh_cookie.clone()),
        ("password", alice.password.clone()),
        ("setup token", crate::support::SETUP_TOKEN.to_owned()),
    ];
    let renewed = anon.refresh(&alice.refresh_cookie).await.expect(200);
    secrets.push(("next refresh token", renewed.refresh_cookie().unwrap()));
    let made = json!({"name": "script", "scopes": ["read"]});
    let made = alice
        .post("/api/v1/auth/tokens", made)
        .await
        .expect(201)
        .json();
    secrets.push(("API token", made["token"].as_str().unwrap().to_owned()));
    let invite = admin
        .post("/api/v1/admin/invites", json!({"email": "bea@example.org"}))
        .await
        .expect(201)
        .json();
    secrets.push(("invitation", invite["token"].as_str().unwrap().to_owned()));
    let link = admin
        .request(
            Method::POST,
            &format!("/api/v1/admin/users/{}/password-reset-link", alice.id),
        )
        .send_it()
        .await
        .expect(201)
        .json();
    secrets.push((
        "handed-over link",
        link["token"].as_str().unwrap().to_owned(),
    ));
    let authenticator = alice.enrol_totp(&app).await;
    secrets.push(("pending login", anon.pending_login(&alice).await));
    secrets.push(("seed", authenticator.secret.clone()));
    for code in &authenticator.recovery_codes {
        secrets.push(("recovery code", code.clone()));
        secrets.push(("recovery code without hyphens", code.replace('-', "")));
    }
    anon.post(
        "/api/v1/auth/password/forgot",
        json!({"email": alice.email}),
    )
    .await
    .expect(202);
    admin
        .post_nothing("/api/v1/me/email/verification")
        .await
        .expect(202);

    // Once while letters wait in the queue, and once when they are sent and their links are known.
    let before = dump(&app).await;
    let mails = app.mails().await;
    for mail in &mails {
        if mail.text.contains("#token=") || mail.text.contains("#invite=") {
            secrets.push(("mailed link", mail.token()));
        }
    }
    assert!(
        secrets
            .iter()
            .filter(|(what, _)| *what == "mailed link")
            .count()
            >= 3,
        "{mails:?}"
    );
    let after = dump(&app).await;
    assert!(
        before.contains(&alice.id.to_string()) && before.contains("mails ("),
        "the dump is one"
    );
    let seed = Secret::try_from_base32(&authenticator.secret).unwrap();
    let seed = hex::encode(seed.as_bytes());
    for text in [&before, &after] {
        assert!(!text.contains(&seed), "the seed's bytes");
        for (what, secret) in &secrets {
            assert!(!text.contains(secret.as_str()), "{what}");
            assert!(!text.contains(&hex::encode(secret)), "{what}, as bytes");
            let random = secret.rsplit(['.', '_']).next().unwrap();
            assert!(
                random.len() < 16 || !text.contains(random),
                "the random part of {what}"
            );
        }
    }
}
