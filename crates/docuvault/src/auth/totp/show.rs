//! How the user's second factor stands.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::store;
use crate::{
    app::AppState,
    auth::{SessionCaller, wants_totp},
    http::Problem,
};

#[derive(Serialize, ToSchema)]
pub struct TotpState {
    enabled: bool,
    /// Whether this vault demands it of the user.
    enforced: bool,
    recovery_codes_left: i64,
}

/// How the second factor stands.
#[utoipa::path(get, path = "/api/v1/auth/totp", operation_id = "show_totp", tag = "auth", responses((status = OK, body = TotpState)))]
pub async fn show(
    State(state): State<AppState>,
    caller: SessionCaller,
) -> Result<Json<TotpState>, Problem> {
    let mut tx = caller.begin_unenrolled(&state).await?;
    let recovery_codes_left = store::count_recovery_codes(&mut tx).await?;
    let answer = TotpState {
        enabled: tx.totp_enabled(),
        enforced: wants_totp(&state, tx.role()),
        recovery_codes_left,
    };
    tx.commit().await?;
    Ok(Json(answer))
}
