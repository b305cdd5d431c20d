//! The password given once more by someone who is signed in, and its change.

use axum::extract::State;
use http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{SessionCaller, limits, session, store};
use crate::{
    accounts::{check_new_password, end_what_the_old_password_began},
    app::AppState,
    audit,
    db::UserTx,
    http::{JsonBody, Problem, problem::ProblemBody},
    notifications::{self, Kind},
};

/// A password found right: what it was compared with.
pub struct VerifiedPassword {
    stored: Option<String>,
}

/// Compares the caller's password; 403 `wrong_password` otherwise. The session counts as freshly authenticated. No transaction is
/// open while the hash is computed, and none afterwards: see [`VerifiedPassword::begin`].
pub async fn verify_password(
    state: &AppState,
    caller: &SessionCaller,
    password: SecretString,
) -> Result<VerifiedPassword, Problem> {
    let counted = limits::count_password(state, caller.user()).await?;
    let mut tx = caller.begin_unenrolled(state).await?;
    let stored = store::password_hash(&mut tx).await?;
    tx.commit().await?;
    let right = state
        .passwords()
        .verify(password, stored.clone())
        .await
        .map_err(Problem::internal)?;

    let mut tx = caller.begin_unenrolled(state).await?;
    if right {
        store::note_authentication(&mut tx, caller.session().id, state.now()).await?;
    } else {
        audit::record(&mut tx, audit::Event::new("auth.password_refused")).await?;
    }
    tx.commit().await?;
    if !right {
        return Err(wrong_password());
    }
    counted.was_right().await;
    Ok(VerifiedPassword { stored })
}

impl VerifiedPassword {
    /// Opens the caller's transaction. The user is locked, and the password is still the one that was compared.
    pub async fn begin(self, state: &AppState, caller: &SessionCaller) -> Result<UserTx, Problem> {
        let mut tx = caller.begin_unenrolled(state).await?;
        self.confirm(&mut tx).await?;
        Ok(tx)
    }

    /// The same in a transaction that has to lock something else before.
    pub async fn confirm(self, tx: &mut UserTx) -> Result<(), Problem> {
        let now = store::lock_for_sign_in(tx).await?;
        if now.is_some_and(|now| now.password_hash == self.stored) {
            Ok(())
        } else {
            Err(wrong_password())
        }
    }
}

/// Both at once, for what wants nothing in between.
pub async fn require_password(
    state: &AppState,
    caller: &SessionCaller,
    password: SecretString,
) -> Result<UserTx, Problem> {
    verify_password(state, caller, password)
        .await?
        .begin(state, caller)
        .await
}

fn wrong_password() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "wrong_password",
        "This is not your password.",
    )
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reauthentication {
    #[schema(value_type = String)]
    password: SecretString,
}

/// Gives the password once more, for changes that want it recent.
#[utoipa::path(post, path = "/api/v1/auth/reauthenticate", operation_id = "reauthenticate", tag = "auth", request_body = Reauthentication, responses(
    (status = NO_CONTENT),
    (status = FORBIDDEN, description = "`wrong_password`", body = ProblemBody),
    (status = TOO_MANY_REQUESTS, description = "`too_many_attempts`", body = ProblemBody),
))]
pub async fn reauthenticate(
    State(state): State<AppState>,
    caller: SessionCaller,
    JsonBody(body): JsonBody<Reauthentication>,
) -> Result<StatusCode, Problem> {
    let mut tx = require_password(&state, &caller, body.password).await?;
    audit::record(&mut tx, audit::Event::new("auth.reauthenticated")).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    #[schema(value_type = String)]
    current_password: SecretString,
    #[schema(value_type = String, min_length = 8, max_length = 128)]
    new_password: SecretString,
}

/// Changes the password. Every other session ends.
#[utoipa::path(post, path = "/api/v1/auth/password", operation_id = "change_password", tag = "auth", request_body = PasswordChange, responses(
    (status = NO_CONTENT),
    (status = FORBIDDEN, description = "`wrong_password`", body = ProblemBody),
    (status = UNPROCESSABLE_ENTITY, description = "`validation_failed`", body = ProblemBody),
    (status = TOO_MANY_REQUESTS, description = "`too_many_attempts`", body = ProblemBody),
))]
pub async fn change_password(
    State(state): State<AppState>,
    caller: SessionCaller,
    JsonBody(body): JsonBody<PasswordChange>,
) -> Result<StatusCode, Problem> {
    let verified = verify_password(&state, &caller, body.current_password).await?;
    limits::count_letter_caused(&state, caller.user()).await?;
    let mut tx = caller.begin_unenrolled(&state).await?;
    let (user, _) = store::session_user(&mut tx).await?;
    tx.commit().await?;
    check_new_password(
        "new_password",
        &body.new_password,
        &user.email,
        &user.display_name,
    )?;
    let hash = state
        .passwords()
        .hash(body.new_password)
        .await
        .map_err(Problem::internal)?;
    let mut tx = verified.begin(&state, &caller).await?;
    store::set_password(&mut tx, &hash, state.now()).await?;
    session::end_others(&mut tx, "password_changed").await?;
    end_what_the_old_password_began(&mut tx).await?;
    audit::record(&mut tx, audit::Event::new("auth.password_changed")).await?;
    notifications::notify(
        &state,
        &mut tx,
        Kind::PasswordChanged,
        serde_json::Map::new(),
    )
    .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
