//! The signed-in administrator as an argument: what a handler of `admin/` takes.

use axum::{extract::FromRequestParts, response::Response};
use http::{StatusCode, request::Parts};

use super::{SessionCaller, require_recent_password};
use crate::{
    accounts::Role,
    app::AppState,
    db::UserTx,
    http::{Problem, request_context::RequestContext},
};

/// A caller who signed in and whose role is asked of the database when it begins.
pub struct AdminCaller(SessionCaller);

impl AdminCaller {
    /// Opens the request's transaction for looking; 403 `admin_only` for everyone else.
    pub async fn begin(&self, state: &AppState) -> Result<UserTx, Problem> {
        let tx = self.0.begin(state).await?;
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
        require_recent_password(&tx, state.now())?;
        // For the rows in others' trails, which the database writes.
        let request_id = RequestContext::current().map(|request| request.request_id);
        sqlx::query!(
            "SELECT set_config('docuvault.request_id', coalesce($1, ''), true)",
            request_id
        )
        .fetch_one(tx.conn())
        .await?;
        Ok(tx)
    }
}

impl FromRequestParts<AppState> for AdminCaller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        SessionCaller::from_request_parts(parts, state)
            .await
            .map(Self)
    }
}
