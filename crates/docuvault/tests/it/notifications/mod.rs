//! What a user is told of.

mod listing;
mod preferences;
mod retention;
mod telling;

use docuvault::{
    db::UserTx,
    notifications::{Kind, notify},
};
use serde_json::{Value, json};

use crate::support::{TestApp, TestUser};

/// Tells the user of something that came from `203.0.113.7`.
pub async fn tell(app: &TestApp, user: &TestUser, kind: Kind) {
    let mut tx = UserTx::on_behalf_of(app.state.db(), user.id).await.unwrap();
    let Value::Object(data) = json!({"ip": "203.0.113.7", "user_agent": "Firefox"}) else {
        unreachable!()
    };
    notify(&app.state, &mut tx, kind, data).await.unwrap();
    tx.commit().await.unwrap();
}

/// Two users who have been told of nothing yet, not even that they signed in.
async fn two_users(app: &TestApp) -> (TestUser, TestUser) {
    let users = (app.user("alice").await, app.user("bob").await);
    let mut admin = app.database.superuser().await;
    for sql in [
        "DELETE FROM notifications",
        "DELETE FROM mails",
        "DELETE FROM jobs WHERE kind = 'send_mail'",
    ] {
        sqlx::query(sql).execute(&mut admin).await.unwrap();
    }
    users
}

/// The kinds in the user's list.
async fn kinds(user: &TestUser) -> Vec<String> {
    let list = user.get("/api/v1/notifications").await.expect(200).json();
    let items = list["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["kind"].as_str().unwrap().to_owned())
        .collect()
}
