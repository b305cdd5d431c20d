//! Signs in with e-mail and password. An unknown address costs and answers the same as a wrong password: the same statements,
//! the same hash, the same note in a trail.

use axum::extract::State;
use http::{HeaderMap, StatusCode};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    SessionAnswer, SignedIn,
    device_cookie::{self, Acquaintance},
    limits::{self, Device},
    pending_login, session, store,
    totp::{self, Proof},
};
use crate::{
    accounts::email_key,
    app::AppState,
    audit,
    db::{UserId, UserTx},
    http::{JsonBody, Problem, client_ip::ClientIp, problem::ProblemBody},
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    email: String,
    #[schema(value_type = String)]
    password: SecretString,
    /// Six digits of the authenticator app, where the account has one.
    #[schema(value_type = Option<String>)]
    totp_code: Option<SecretString>,
    /// One of the recovery codes instead.
    #[schema(value_type = Option<String>)]
    recovery_code: Option<SecretString>,
}

/// Opens a session.
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "auth", security(()), request_body = Login, responses(
    (status = OK, body = SessionAnswer, description = "Also sets the refresh cookie."),
    (status = UNAUTHORIZED, description = "`invalid_credentials`, `invalid_totp`; `totp_required` with `mfa_token` and `expires_in`", body = ProblemBody),
    (status = FORBIDDEN, description = "`account_disabled`", body = ProblemBody),
    (status = TOO_MANY_REQUESTS, description = "`too_many_attempts`", body = ProblemBody),
))]
pub async fn login(
    State(state): State<AppState>,
    ip: ClientIp,
    headers: HeaderMap,
    JsonBody(body): JsonBody<Login>,
) -> Result<SignedIn, Problem> {
    let email_key = email_key(&body.email);
    let found = store::find_login(state.db(), &email_key).await?;
    let user = found.as_ref().map_or(UserId::NOBODY, |login| login.id);
    let of = Acquaintance {
        user,
        password_changed_at: found.as_ref().and_then(|login| login.password_changed_at),
    };
    let device = device_of(&state, &ip, &headers, of).await?;
    let counted = limits::count_login(&state, &ip, &email_key, &device).await?;

    let stored = found.as_ref().and_then(|login| login.password_hash.clone());
    let right = state
        .passwords()
        .verify(body.password.clone(), stored.clone())
        .await
        .map_err(Problem::internal)?;
    let login = match found {
        Some(login) if right => login,
        _ => {
            note(&state, user, "auth.sign_in_refused", "password").await?;
            return Err(not_matching());
        }
    };
    counted.was_right().await;
    if login.disabled {
        note(&state, user, "auth.password_accepted", "account_disabled").await?;
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "account_disabled",
            "This account has been disabled. Ask whoever runs this vault.",
        ));
    }
    let raised = match &stored {
        Some(stored) if state.passwords().is_outdated(stored) => Some(
            state
                .passwords()
                .hash(body.password)
                .await
                .map_err(Problem::internal)?,
        ),
        _ => None,
    };
    let proof = Proof::of(body.totp_code, body.recovery_code).filter(|_| login.totp_enabled);
    // Before a connection is held for the transaction.
    let counted = match proof {
        Some(_) => Some(limits::count_code(&state, login.id, &device).await?),
        None => None,
    };
    let mut tx = UserTx::on_behalf_of(state.db(), login.id).await?;
    // Password, second factor and account may have changed while the hash was computed.
    let now = store::lock_for_sign_in(&mut tx).await?;
    if !now.is_some_and(|now| {
        now.password_hash == stored && !now.disabled && now.totp_enabled == login.totp_enabled
    }) {
        return Err(not_matching());
    }
    if let Some(hash) = raised {
        store::replace_password_hash(&mut tx, &hash).await?;
    }
    match proof {
        None if login.totp_enabled => {
            let problem = pending_login::begin(&state, &mut tx).await?;
            let event = audit::Event::new("auth.password_accepted");
            audit::record(&mut tx, event.with("waits_for", "second_factor")).await?;
            tx.commit().await?;
            return Err(problem);
        }
        Some(proof) if !totp::check(&state, &mut tx, &proof).await? => {
            drop(tx);
            note(&state, user, "auth.sign_in_refused", "second_factor").await?;
            return Err(totp::invalid_at_sign_in());
        }
        _ => {}
    }
    let signed_in = session::start_session_on(&state, &mut tx, &ip, &headers, &device).await?;
    tx.commit().await?;
    if let Some(counted) = counted {
        counted.was_right().await;
    }
    Ok(signed_in)
}

/// How well this device is known to this user. Asks the same of the database for users there are not.
pub(super) async fn device_of(
    state: &AppState,
    ip: &ClientIp,
    headers: &HeaderMap,
    of: Acquaintance,
) -> Result<Device, Problem> {
    let mut tx = UserTx::on_behalf_of(state.db(), of.user).await?;
    let since = state.now() - state.config().sessions.absolute_ttl;
    let earlier = store::earlier_sign_ins(&mut tx, since).await?;
    tx.commit().await?;
    if let Some(id) = device_cookie::read(state, headers, of) {
        return Ok(Device::Known(id));
    }
    let network = ip.network();
    let known = earlier
        .iter()
        .filter(|sign_in| sign_in.recent)
        .filter_map(|sign_in| sign_in.ip.as_deref()?.parse().ok())
        .any(|earlier| ClientIp(Some(earlier)).network() == network);
    Ok(if known {
        Device::KnownNetwork
    } else {
        Device::Unknown {
            signed_in_before: !earlier.is_empty(),
        }
    })
}

/// Notes what came of a try: in the user's own trail, or in nobody's where there is no such user.
async fn note(
    state: &AppState,
    user: UserId,
    action: &'static str,
    about: &'static str,
) -> Result<(), Problem> {
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    audit::record(&mut tx, audit::Event::new(action).with("about", about)).await?;
    tx.commit().await?;
    Ok(())
}

fn not_matching() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "invalid_credentials",
        "E-mail and password do not match.",
    )
}
