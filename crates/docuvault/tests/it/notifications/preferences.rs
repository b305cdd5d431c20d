//! What the user wants to be told of, and where.

use docuvault::notifications::Kind;
use reqwest::Method;
use serde_json::{Value, json};

use super::{kinds, tell, two_users};
use crate::support::{Response, SendIt, TestApp, TestUser};

const PATH: &str = "/api/v1/me/notification-preferences";

async fn choose(user: &TestUser, items: Value) -> Response {
    user.request(Method::PUT, PATH)
        .json(&json!({"items": items}))
        .send_it()
        .await
}

fn of(preferences: &Value, kind: Kind) -> Value {
    let items = preferences["items"].as_array().unwrap();
    let found = items.iter().find(|item| item["kind"] == kind.name());
    found.unwrap().clone()
}

#[tokio::test]
async fn everything_is_told_at_first_and_failed_readings_only_in_the_app() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let preferences = alice.get(PATH).await.expect(200).json();
    assert_eq!(preferences["items"].as_array().unwrap().len(), 20);
    assert_eq!(
        of(&preferences, Kind::NewSignIn),
        json!({"kind": "security.new_sign_in", "in_app": true, "mail": true, "locked": true})
    );
    assert_eq!(
        of(&preferences, Kind::ReadingFailed),
        json!({"kind": "documents.reading_failed", "in_app": true, "mail": false, "locked": false})
    );
}

#[tokio::test]
async fn a_choice_is_kept_and_obeyed() {
    let app = TestApp::start().await;
    let (alice, bob) = two_users(&app).await;
    let items = json!([
        {"kind": "security.new_sign_in", "in_app": true, "mail": false},
        {"kind": "account.role_changed", "in_app": false, "mail": false},
        {"kind": "documents.reading_failed", "in_app": false, "mail": true},
    ]);
    let answered = choose(&alice, items).await.expect(200).json();
    assert_eq!(alice.get(PATH).await.expect(200).json(), answered);
    assert_eq!(of(&answered, Kind::NewSignIn)["mail"], false);
    assert_eq!(of(&answered, Kind::RoleChanged)["in_app"], false);
    assert_eq!(of(&answered, Kind::QuotaChanged)["mail"], true, "as before");

    for kind in [Kind::NewSignIn, Kind::RoleChanged, Kind::ReadingFailed] {
        tell(&app, &alice, kind).await;
    }
    tell(&app, &bob, Kind::RoleChanged).await;
    app.run_jobs().await;
    assert_eq!(kinds(&alice).await, ["security.new_sign_in"]);
    let letters = app.mails_to(&alice.email).await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].subject, "A document could not be read");
    assert_eq!(app.mails_to(&bob.email).await.len(), 1);

    choose(&alice, json!([])).await.expect(200);
    tell(&app, &alice, Kind::RoleChanged).await;
    assert_eq!(
        kinds(&alice).await.len(),
        2,
        "what is left out has its default again"
    );
}

#[tokio::test]
async fn security_cannot_be_hidden_and_only_known_kinds_be_chosen() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let item = |kind: &str, in_app: bool| json!({"kind": kind, "in_app": in_app, "mail": true});
    for (items, code) in [
        (json!([item("security.totp_disabled", false)]), "locked"),
        (json!([item("security.nothing", true)]), "unknown_kind"),
        (
            json!([
                item("account.role_changed", true),
                item("account.role_changed", false)
            ]),
            "repeated_kind",
        ),
    ] {
        let refused = choose(&alice, items)
            .await
            .expect_problem(422, "validation_failed");
        assert_eq!(refused.json()["errors"][0]["code"], code);
    }
    choose(
        &alice,
        json!([{"kind": "account.role_changed", "in_app": true, "mail": true, "x": 1}]),
    )
    .await
    .expect_problem(400, "unknown_field");
    // Nor by whoever writes the row.
    sqlx::query("INSERT INTO notification_preferences (user_id, kind, in_app, mail) VALUES ($1, 'security.totp_disabled', false, false)")
        .bind(alice.id.0)
        .execute(&mut app.database.superuser().await)
        .await
        .unwrap();
    tell(&app, &alice, Kind::TotpDisabled).await;
    assert_eq!(kinds(&alice).await, ["security.totp_disabled"]);
}

#[tokio::test]
async fn letters_of_security_are_silenced_only_with_a_recent_password() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    // As though she had signed in an hour ago.
    sqlx::query("UPDATE sessions SET authenticated_at = now() - interval '1 hour'")
        .execute(&mut app.database.superuser().await)
        .await
        .unwrap();
    let item = |kind: &str| json!([{"kind": kind, "in_app": true, "mail": false}]);
    choose(&alice, item("security.new_sign_in"))
        .await
        .expect_problem(403, "reauth_required");
    choose(&alice, item("account.role_changed"))
        .await
        .expect(200);
    let password = json!({"password": alice.password});
    alice
        .post("/api/v1/auth/reauthenticate", password)
        .await
        .expect(204);
    choose(&alice, item("security.new_sign_in"))
        .await
        .expect(200);
}
