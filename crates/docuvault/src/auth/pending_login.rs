//! A login whose password was right and whose second factor is still to come. Its token opens nothing: it is good for the second
//! step alone, for five minutes, and for five wrong codes.

use axum::extract::State;
use http::{HeaderMap, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    SessionAnswer, SignedIn,
    device_cookie::Acquaintance,
    limits,
    login::device_of,
    session, store,
    totp::{self, Proof},
};
use crate::{
    app::AppState,
    audit,
    crypto::opaque_token::{self, TokenKind},
    db::{UserId, UserTx},
    http::{JsonBody, Problem, client_ip::ClientIp, problem::ProblemBody},
};

const TTL: std::time::Duration = std::time::Duration::from_mins(5);
pub(super) const MOST_FAILURES: i32 = 5;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondFactor {
    /// From the first step's answer.
    #[schema(value_type = String)]
    mfa_token: SecretString,
    #[schema(value_type = Option<String>)]
    totp_code: Option<SecretString>,
    #[schema(value_type = Option<String>)]
    recovery_code: Option<SecretString>,
}

/// The first step's answer: 401 `totp_required` with the token for the second.
pub(super) async fn begin(state: &AppState, tx: &mut UserTx) -> Result<Problem, Problem> {
    let token = opaque_token::make(TokenKind::PendingLogin)?;
    store::insert_pending_login(tx, &token.sha256, state.now(), state.now() + TTL).await?;
    Ok(Problem::new(
        StatusCode::UNAUTHORIZED,
        "totp_required",
        "This account wants a code of its second factor too.",
    )
    .with("mfa_token", token.text.expose_secret())
    .with("expires_in", TTL.as_secs()))
}

/// Ends a sign-in with the code of the second factor.
#[utoipa::path(post, path = "/api/v1/auth/login/second-factor", tag = "auth", security(()), request_body = SecondFactor, responses(
    (status = OK, body = SessionAnswer, description = "Also sets the refresh cookie."),
    (status = UNAUTHORIZED, description = "`invalid_totp`, `mfa_expired`", body = ProblemBody),
    (status = TOO_MANY_REQUESTS, description = "`too_many_attempts`", body = ProblemBody),
))]
pub async fn second_factor(
    State(state): State<AppState>,
    ip: ClientIp,
    headers: HeaderMap,
    JsonBody(body): JsonBody<SecondFactor>,
) -> Result<SignedIn, Problem> {
    let Some(proof) = Proof::of(body.totp_code, body.recovery_code) else {
        return Err(Problem::invalid(
            "totp_code",
            "required",
            "Give a code of the authenticator app, or a recovery code.",
        ));
    };
    let Some(hash) = opaque_token::read(TokenKind::PendingLogin, body.mfa_token.expose_secret())
    else {
        limits::count_failure(&state, &ip).await?;
        return Err(expired());
    };
    let user = store::pending_login_owner(state.db(), &hash, state.now(), MOST_FAILURES)
        .await?
        .ok_or_else(expired)?;
    let device = known_device(&state, &ip, &headers, user).await?;
    let counted = limits::count_code(&state, user, &device).await?;

    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    // First the user, as everything that ends sessions does; then the row, so that parallel tries are counted one after another.
    let standing = store::lock_for_sign_in(&mut tx)
        .await?
        .is_some_and(|now| !now.disabled && now.totp_enabled);
    if !standing || !store::lock_pending_login(&mut tx, &hash, state.now(), MOST_FAILURES).await? {
        return Err(expired());
    }
    if totp::check(&state, &mut tx, &proof).await? {
        store::delete_pending_login(&mut tx, &hash).await?;
        let signed_in = session::start_session_on(&state, &mut tx, &ip, &headers, &device).await?;
        tx.commit().await?;
        counted.was_right().await;
        return Ok(signed_in);
    }
    store::count_pending_failure(&mut tx, &hash).await?;
    let event = audit::Event::new("auth.sign_in_refused");
    audit::record(&mut tx, event.with("about", "second_factor")).await?;
    tx.commit().await?;
    Err(totp::invalid_at_sign_in())
}

async fn known_device(
    state: &AppState,
    ip: &ClientIp,
    headers: &HeaderMap,
    user: UserId,
) -> Result<limits::Device, Problem> {
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    let password_changed_at = store::password_changed_at(&mut tx).await?;
    tx.commit().await?;
    let of = Acquaintance {
        user,
        password_changed_at,
    };
    device_of(state, ip, headers, of).await
}

fn expired() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "mfa_expired",
        "This sign-in took too long, or too many codes were wrong. Begin again with your password.",
    )
}
