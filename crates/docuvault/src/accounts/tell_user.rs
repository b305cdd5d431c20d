//! Notifies a user of what somebody else did to their account. The job is queued by the database function that does it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    app::AppState,
    db::{UserId, UserTx},
    http::Problem,
    notifications::{self, Kind},
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
    let kind = Kind::from_name(&job.kind).ok_or_else(|| {
        Problem::internal(anyhow::anyhow!("there is no notification {}", job.kind))
    })?;
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    notifications::notify(state, &mut tx, kind, job.data).await?;
    tx.commit().await?;
    Ok(())
}
