//! The password given once more by someone who is signed in, and its change.

use axum::extract::State;
use http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{SessionCaller, limits, session, store};
use crate::{
    accounts::check_new_password,
    app::AppState,
    audit,
    db::UserTx,
    http::{JsonBody, Problem, problem::ProblemBody},
    notifications::{self, Kind},
};

/// Opens the caller's transaction after the password was found right; 403 `wrong_password` otherwise. The session counts as
/// freshly authenticated. No transaction is open while the hash is computed.
pub async fn require_password(
    state: &AppState,
    caller: &SessionCaller,
    password: SecretString,
) -> Result<UserTx, Problem> {
    let counted = limits::count_password(state, caller.user()).await?;
    let mut tx = caller.begin_unenrolled(state).await?;
    let stored = store::password_hash(&mut tx).await?;
    tx.commit().await?;
    let right = state
        .passwords()
        .verify(password, stored.clone())
        .await
        .map_err(Problem::internal)?;

    if right {
        counted.was_right().await?;
    }
    let mut tx = caller.begin_unenrolled(state).await?;
    // It may have been changed meanwhile.
    if !right || store::password_hash(&mut tx).await? != stored {
        audit::record(&mut tx, audit::Event::new("auth.password_refused")).await?;
        tx.commit().await?;
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "wrong_password",
            "This is not your password.",
        ));
    }
    store::note_authentication(&mut tx, caller.session().id, state.now()).await?;
    Ok(tx)
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
    let mut tx = require_password(&state, &caller, body.current_password).await?;
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
    let mut tx = caller.begin_unenrolled(&state).await?;
    store::set_password(&mut tx, &hash, state.now()).await?;
    session::end_others(&mut tx, "password_changed").await?;
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
