//! Takes the second factor away: wants the password and the factor itself.

use axum::extract::State;
use http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Proof, require, store};
use crate::{
    app::AppState,
    audit,
    auth::{SessionCaller, limits, password::verify_password, session, wants_totp},
    http::{JsonBody, Problem, problem::ProblemBody},
    notifications::{self, Kind},
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisableTotp {
    #[schema(value_type = String)]
    password: SecretString,
    #[schema(value_type = Option<String>)]
    totp_code: Option<SecretString>,
    #[schema(value_type = Option<String>)]
    recovery_code: Option<SecretString>,
}

/// Takes the second factor away. Every other session ends.
#[utoipa::path(delete, path = "/api/v1/auth/totp", operation_id = "disable_totp", tag = "auth", request_body = DisableTotp, responses(
    (status = NO_CONTENT),
    (status = FORBIDDEN, description = "`wrong_password`", body = ProblemBody),
    (status = CONFLICT, description = "`totp_not_enabled`, `totp_enforced`", body = ProblemBody),
    (status = UNPROCESSABLE_ENTITY, description = "`invalid_totp`", body = ProblemBody),
))]
pub async fn disable(
    State(state): State<AppState>,
    caller: SessionCaller,
    JsonBody(body): JsonBody<DisableTotp>,
) -> Result<StatusCode, Problem> {
    let verified = verify_password(&state, &caller, body.password).await?;
    let counted = limits::count_code_within(&state, caller.session()).await?;
    let tx = verified.begin(&state, &caller).await?;
    if !tx.totp_enabled() {
        return Err(Problem::conflict(
            "totp_not_enabled",
            "This account has no second factor.",
        ));
    }
    if wants_totp(&state, tx.role()) {
        return Err(Problem::conflict(
            "totp_enforced",
            "This vault demands a second factor, so it stays.",
        ));
    }
    let proof = Proof::of(body.totp_code, body.recovery_code);
    let mut tx = require(&state, tx, proof).await?;
    store::disable(&mut tx).await?;
    session::end_others(&mut tx, "totp_changed").await?;
    audit::record(&mut tx, audit::Event::new("totp.disabled")).await?;
    notifications::notify(&state, &mut tx, Kind::TotpDisabled, serde_json::Map::new()).await?;
    tx.commit().await?;
    counted.was_right().await;
    Ok(StatusCode::NO_CONTENT)
}
