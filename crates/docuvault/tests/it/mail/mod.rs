//! Letters, from the queue to where they arrive.

mod files;
mod letters;
mod sending;
pub mod server;

use docuvault::{
    db::UserTx,
    mail::{Letter, queue_letter},
};

use crate::support::{TestApp, TestUser};

const LINK: &str = "https://vault.example.org/reset-password#token=very-secret";

fn reset_letter() -> Letter {
    Letter::ResetPassword {
        url: LINK.to_owned(),
    }
}

/// Queues a letter for the user's own address.
async fn queue(app: &TestApp, user: &TestUser, letter: &Letter) {
    let mut tx = UserTx::on_behalf_of(app.state.db(), user.id).await.unwrap();
    queue_letter(&app.state, &mut tx, &user.email, "en", letter)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// How many letters wait, and the jobs for them as `state last_error`.
async fn waiting(app: &TestApp) -> (i64, Vec<String>) {
    let mut admin = app.database.superuser().await;
    let mails = sqlx::query_scalar("SELECT count(*) FROM mails")
        .fetch_one(&mut admin)
        .await
        .unwrap();
    let jobs = sqlx::query_scalar(
        "SELECT concat_ws(' ', state, last_error) FROM jobs WHERE kind = 'send_mail' ORDER BY id",
    )
    .fetch_all(&mut admin)
    .await
    .unwrap();
    (mails, jobs)
}
