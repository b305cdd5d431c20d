//! The signed-in administrator as an argument: what a handler of `admin/` takes.

use axum::{extract::FromRequestParts, response::Response};
use http::{StatusCode, request::Parts};
use time::{Duration, OffsetDateTime};

use super::Caller;
use crate::{
    accounts::Role,
    app::AppState,
    db::UserTx,
    http::{Problem, request_log::RequestId},
};

/// How recently the password must have been given for changes.
const RECENT: Duration = Duration::minutes(10);

/// A caller whose role is asked of the database when it begins.
pub struct AdminCaller {
    caller: Caller,
    request_id: Option<String>,
}

impl AdminCaller {
    /// Opens the request's transaction for looking; 403 `admin_only` for everyone else.
    pub async fn begin(&self, state: &AppState) -> Result<UserTx, Problem> {
        let tx = self.caller.begin(state).await?;
        if tx.role() == Role::Admin {
            Ok(tx)
        } else {
            Err(Problem::new(
                StatusCode::FORBIDDEN,
                "admin_only",
                "Only an administrator may do this.",
            ))
        }
    }

    /// Opens the request's transaction for a change; 403 `reauth_required` unless the password was given lately.
    pub async fn begin_change(&self, state: &AppState) -> Result<UserTx, Problem> {
        let mut tx = self.begin(state).await?;
        require_recent_authentication(&tx, state.now())?;
        // For the rows in others' trails, which the database writes.
        sqlx::query!(
            "SELECT set_config('docuvault.request_id', coalesce($1, ''), true)",
            self.request_id
        )
        .fetch_one(tx.conn())
        .await?;
        Ok(tx)
    }
}

fn require_recent_authentication(tx: &UserTx, now: OffsetDateTime) -> Result<(), Problem> {
    if tx.authenticated_at().is_some_and(|at| now - at <= RECENT) {
        Ok(())
    } else {
        Err(Problem::new(
            StatusCode::FORBIDDEN,
            "reauth_required",
            "Give your password once more, then repeat this.",
        ))
    }
}

impl FromRequestParts<AppState> for AdminCaller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let request_id = parts.extensions.get::<RequestId>().map(|id| id.0.clone());
        let caller = Caller::from_request_parts(parts, state).await?;
        Ok(Self { caller, request_id })
    }
}
