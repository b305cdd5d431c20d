//! Invitations.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use super::{actions, vault};
use crate::support::SendIt;

const INVITES: &str = "/api/v1/admin/invites";

#[tokio::test]
async fn an_invitation_is_shown_once_and_listed_ever_after() {
    let (app, admin, _) = vault().await;
    let body = json!({"email": "eve@example.org", "role": "admin", "limit_bytes": 9});
    let request = || {
        admin
            .request(Method::POST, INVITES)
            .header("idempotency-key", "eve")
            .json(&body)
            .send_it()
    };
    let made = request().await.expect(201).json();
    let token = made["token"].as_str().unwrap();
    assert!(token.starts_with("dvi1_"));
    assert_eq!(
        made["url"],
        format!("{}/sign-up#invite={token}", app.state.config().public_url())
    );
    assert_eq!(made["status"], "open");
    assert_eq!(made["created_by"], admin.id.to_string());
    let again = request().await.expect(201).json();
    assert_eq!(
        (&again["id"], &again["token"], &again["url"]),
        (&made["id"], &Value::Null, &Value::Null)
    );

    let listed = admin.get(INVITES).await.expect(200);
    assert!(!listed.text().contains(token), "a list shows no tokens");
    let items = listed.json()["items"].as_array().unwrap().clone();
    assert_eq!(items.len(), 1);
    assert_eq!(items[0]["email"], "eve@example.org");
    assert_eq!(items[0]["limit_bytes"], 9);
    let redeemable: Option<String> =
        sqlx::query_scalar("SELECT role FROM find_invite(sha256($1::bytea), now())")
            .bind(token.as_bytes())
            .fetch_optional(&mut app.database.app_role().await)
            .await
            .unwrap();
    assert_eq!(redeemable.as_deref(), Some("admin"));
}

#[tokio::test]
async fn an_invitation_can_be_taken_back_and_ends_by_itself() {
    let (app, admin, _) = vault().await;
    let make = || admin.post(INVITES, json!({}));
    let revoked = make().await.expect(201).id();
    let expired = make().await.expect(201).id();
    let path = format!("{INVITES}/{revoked}");
    for _ in 0..2 {
        admin.delete(&path).await.expect(204);
    }
    admin
        .delete(&format!("{INVITES}/{}", Uuid::now_v7()))
        .await
        .expect_problem(404, "not_found");
    app.clock.advance(Duration::from_hours(24 * 7));
    let renewed = app.anon().refresh(&admin.refresh_cookie).await.expect(200);
    let token = renewed.json()["access_token"].as_str().unwrap().to_owned();
    let listed = app
        .anon()
        .with_token(&token)
        .get(INVITES)
        .await
        .expect(200)
        .json();
    let status = |id: Uuid| {
        let items = listed["items"].as_array().unwrap();
        items
            .iter()
            .find(|item| item["id"] == id.to_string())
            .unwrap()["status"]
            .clone()
    };
    assert_eq!(
        (status(revoked), status(expired)),
        (json!("revoked"), json!("expired"))
    );
}

#[tokio::test]
async fn what_cannot_be_an_invitation_is_refused() {
    let (app, admin, _) = vault().await;
    let late = (app.state.now() + Duration::from_hours(24 * 91))
        .format(&Rfc3339)
        .unwrap();
    for body in [
        json!({"email": "no address"}),
        json!({"limit_bytes": -1}),
        json!({"role": "owner"}),
        json!({"expires_at": "2020-01-01T00:00:00Z"}),
        json!({"expires_at": late}),
    ] {
        let refused = admin.post(INVITES, &body).await;
        assert_eq!(refused.status, 422, "{body}");
    }
    let told = actions(&admin, "/api/v1/me/audit").await;
    assert!(!told.contains(&"invite.created".to_owned()));
}
