//! A change of address: both addresses have their say.

use serde_json::json;

use crate::support::{TestApp, TestUser};

const CONFIRM: &str = "/api/v1/auth/email/confirm";

async fn begin(app: &TestApp, user: &TestUser, new: &str) -> (String, String) {
    user.post(
        "/api/v1/me/email",
        json!({"password": user.password, "new_email": new}),
    )
    .await
    .expect(202);
    (
        app.token_mailed_to(&user.email).await,
        app.token_mailed_to(new).await,
    )
}

#[tokio::test]
async fn it_takes_effect_when_both_have_agreed() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let path = "/api/v1/me/email";
    alice
        .post(
            path,
            json!({"password": "wrong", "new_email": "new@example.org"}),
        )
        .await
        .expect_problem(403, "wrong_password");
    alice
        .post(path, json!({"password": alice.password, "new_email": "x"}))
        .await
        .expect_problem(422, "validation_failed");
    alice
        .post(
            path,
            json!({"password": alice.password, "new_email": "ALICE@example.org"}),
        )
        .await
        .expect_problem(422, "validation_failed");
    let (old, new) = begin(&app, &alice, "New@Example.org").await;
    let me = alice.get("/api/v1/me").await.json();
    assert_eq!(
        (&me["email"], &me["pending_email"]),
        (&json!("alice@example.org"), &json!("New@Example.org"))
    );

    let anon = app.anon();
    let first = anon
        .post(CONFIRM, json!({"token": new}))
        .await
        .expect(200)
        .json();
    assert_eq!(first["outcome"], "waiting_for_other_address");
    app.anon()
        .login(&alice.email, &alice.password)
        .await
        .expect(200);
    let second = anon
        .post(CONFIRM, json!({"token": old}))
        .await
        .expect(200)
        .json();
    assert_eq!(second["outcome"], "changed");
    assert_eq!(
        app.mail_to("alice@example.org").await.subject,
        "Your e-mail address was changed",
        "the old address is told"
    );
    let me = alice.get("/api/v1/me").await.json();
    assert_eq!(
        (&me["email"], &me["pending_email"], &me["email_verified"]),
        (&json!("New@Example.org"), &json!(null), &json!(true))
    );
    anon.login("new@example.org", &alice.password)
        .await
        .expect(200);
    anon.login("alice@example.org", &alice.password)
        .await
        .expect_problem(401, "invalid_credentials");
    anon.post(CONFIRM, json!({"token": old}))
        .await
        .expect_problem(403, "invalid_link");
}

#[tokio::test]
async fn it_can_be_called_off_and_replaced() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let (old, new) = begin(&app, &alice, "first@example.org").await;
    let (_, newer) = begin(&app, &alice, "second@example.org").await;
    for void in [&old, &new] {
        app.anon()
            .post(CONFIRM, json!({"token": void}))
            .await
            .expect_problem(403, "invalid_link");
    }
    alice.delete("/api/v1/me/email").await.expect(204);
    app.anon()
        .post(CONFIRM, json!({"token": newer}))
        .await
        .expect_problem(403, "invalid_link");
    assert_eq!(
        alice.get("/api/v1/me").await.json()["pending_email"],
        json!(null)
    );
    alice.delete("/api/v1/me/email").await.expect(204);
}

#[tokio::test]
async fn an_address_in_use_is_told_only_to_who_reads_its_mail() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let (old, new) = begin(&app, &alice, &bob.email).await;
    app.anon()
        .post(CONFIRM, json!({"token": old}))
        .await
        .expect(200);
    app.anon()
        .post(CONFIRM, json!({"token": new}))
        .await
        .expect_problem(409, "email_taken");
    app.anon()
        .login(&alice.email, &alice.password)
        .await
        .expect(200);
    assert_eq!(
        app.anon()
            .login(&bob.email, &bob.password)
            .await
            .expect(200)
            .json()["user"]["id"],
        bob.id.to_string()
    );
}

#[tokio::test]
async fn a_lost_verification_is_sent_again() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    assert_eq!(
        alice.get("/api/v1/me").await.json()["email_verified"],
        false,
        "the first account"
    );
    alice
        .post_nothing("/api/v1/me/email/verification")
        .await
        .expect(202);
    let first = app.token_mailed_to(&alice.email).await;
    alice
        .post_nothing("/api/v1/me/email/verification")
        .await
        .expect(202);
    let second = app.token_mailed_to(&alice.email).await;
    app.anon()
        .post(CONFIRM, json!({"token": first}))
        .await
        .expect_problem(403, "invalid_link");
    app.anon()
        .post(CONFIRM, json!({"token": second}))
        .await
        .expect(200);
    assert_eq!(alice.get("/api/v1/me").await.json()["email_verified"], true);
}
