//! Administration: what an administrator can do to accounts, what they can never see, and that users are told.

mod catalog;
mod changes;
mod commands;
mod invites;
mod jobs;
mod links;
mod nothing_of_documents;
mod trail;
mod trail_check;
mod users;

use serde_json::{Value, json};

use crate::support::{TestApp, TestUser};

/// The admin, and a user that things are done to.
async fn vault() -> (TestApp, TestUser, TestUser) {
    let app = TestApp::start().await;
    let admin = app.user("admin").await;
    let victim = app.user("victim").await;
    (app, admin, victim)
}

fn path_of(user: &TestUser) -> String {
    format!("/api/v1/admin/users/{}", user.id)
}

/// Another administrator beside the first.
async fn second_admin(app: &TestApp, admin: &TestUser) -> TestUser {
    let second = app.user("second").await;
    admin
        .patch(&path_of(&second), json!({"role": "admin"}))
        .await
        .expect(200);
    // The change of role ended the session.
    app.user("second").await
}

/// What a trail tells of, as the user or as whoever may look.
async fn actions(reader: &TestUser, path: &str) -> Vec<String> {
    let page = reader.get(path).await.expect(200).json();
    page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["action"].as_str().unwrap().to_owned())
        .collect()
}

/// The kinds and data of what the user was notified of.
async fn notified(app: &TestApp, user: &TestUser) -> Vec<(String, Value)> {
    app.run_jobs().await;
    sqlx::query_as("SELECT kind, data FROM notifications WHERE user_id = $1 ORDER BY id")
        .bind(user.id.0)
        .fetch_all(&mut app.database.superuser().await)
        .await
        .unwrap()
}
