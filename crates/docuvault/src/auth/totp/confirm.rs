//! Ends setting up a second factor: the first code proves that the app has the seed, and counts as used.

use axum::{Json, extract::State};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    check_code,
    recovery_codes::{self, RecoveryCodes},
    refused, store,
};
use crate::{
    app::AppState,
    audit,
    auth::{SessionCaller, limits, session},
    http::{JsonBody, Problem, problem::ProblemBody},
    notifications::{self, Kind},
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmTotp {
    /// Six digits of the authenticator app.
    #[schema(value_type = String)]
    code: SecretString,
}

/// Switches the second factor on. Every other session ends.
#[utoipa::path(post, path = "/api/v1/auth/totp/confirm", operation_id = "confirm_totp", tag = "auth", request_body = ConfirmTotp, responses(
    (status = OK, body = RecoveryCodes),
    (status = CONFLICT, description = "`totp_not_started`", body = ProblemBody),
    (status = UNPROCESSABLE_ENTITY, description = "`invalid_totp`", body = ProblemBody),
    (status = TOO_MANY_REQUESTS, description = "`too_many_attempts`", body = ProblemBody),
))]
pub async fn confirm(
    State(state): State<AppState>,
    caller: SessionCaller,
    JsonBody(body): JsonBody<ConfirmTotp>,
) -> Result<Json<RecoveryCodes>, Problem> {
    let counted = limits::count_code_within(&state, caller.session()).await?;
    let mut tx = caller.begin_unenrolled(&state).await?;
    // Locked, so that of two confirmations at once the second finds nothing to confirm.
    store::owner(&mut tx).await?;
    if store::find_secret(&mut tx, false).await?.is_none() {
        return Err(Problem::conflict(
            "totp_not_started",
            "There is no second factor being set up. Begin again.",
        ));
    }
    if !check_code(&state, &mut tx, &body.code, false).await? {
        return Err(refused(tx).await?);
    }
    store::enable(&mut tx, state.now()).await?;
    let codes = recovery_codes::make(&mut tx).await?;
    session::end_others(&mut tx, "totp_changed").await?;
    audit::record(&mut tx, audit::Event::new("totp.enabled")).await?;
    notifications::notify(&state, &mut tx, Kind::TotpEnabled, serde_json::Map::new()).await?;
    tx.commit().await?;
    counted.was_right().await;
    Ok(Json(codes))
}
