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

/// The kinds in the user's list.
async fn kinds(user: &TestUser) -> Vec<String> {
    let list = user.get("/api/v1/notifications").await.expect(200).json();
    let items = list["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["kind"].as_str().unwrap().to_owned())
        .collect()
}
