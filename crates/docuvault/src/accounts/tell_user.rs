//! Notifies a user of what somebody else did to their account. The job is queued by the database function that does it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    app::AppState,
    db::{UserId, UserTx},
    http::Problem,
};

/// A kind of notification and what it says; queued by `tell_user()` of the schema.
#[derive(Debug, Serialize, Deserialize)]
pub struct TellUser {
    pub kind: String,
    pub data: Map<String, Value>,
}

impl docuvault_jobs::Job for TellUser {
    const KIND: &'static str = "tell_user";
    const MAX_ATTEMPTS: i32 = 10;
}

pub async fn tell_user(state: &AppState, user: UserId, job: TellUser) -> Result<(), Problem> {
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    notify(&mut tx, &job.kind, job.data).await?;
    tx.commit().await?;
    Ok(())
}

/// PLACEHOLDER until there are notifications: `notifications::notify` writes the row, tells open pages and sends the mail.
async fn notify(tx: &mut UserTx, kind: &str, data: Map<String, Value>) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "INSERT INTO notifications (id, user_id, kind, data) VALUES ($1, $2, $3, $4)",
        Uuid::now_v7(),
        user,
        kind,
        Value::Object(data)
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
