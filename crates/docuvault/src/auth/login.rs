//! Signs in with e-mail and password. An unknown address costs and answers the same as a wrong password.

use axum::extract::State;
use http::{HeaderMap, StatusCode};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{SessionAnswer, SignedIn, start_session};
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
}

/// Opens a session.
#[utoipa::path(post, path = "/api/v1/auth/login", tag = "auth", security(()), request_body = Login, responses(
    (status = OK, body = SessionAnswer, description = "Also sets the refresh cookie."),
    (status = UNAUTHORIZED, description = "`invalid_credentials`", body = ProblemBody),
))]
pub async fn login(
    State(state): State<AppState>,
    ip: ClientIp,
    headers: HeaderMap,
    JsonBody(body): JsonBody<Login>,
) -> Result<SignedIn, Problem> {
    let found = sqlx::query!(
        r#"SELECT id AS "id!: UserId", password_hash, disabled AS "disabled!" FROM find_login($1)"#,
        email_key(&body.email)
    )
    .fetch_optional(state.db().anonymous())
    .await?;
    let hash = found.as_ref().and_then(|login| login.password_hash.clone());
    let right = state
        .passwords()
        .verify(body.password, hash)
        .await
        .map_err(Problem::internal)?;
    let refused = || {
        Problem::new(
            StatusCode::UNAUTHORIZED,
            "invalid_credentials",
            "E-mail and password do not match.",
        )
    };
    let login = found.ok_or_else(refused)?;

    let mut tx = UserTx::on_behalf_of(state.db(), login.id).await?;
    if !right {
        audit::record(
            &mut tx,
            audit::Event::new("auth.sign_in_refused").from_ip(ip.text()),
        )
        .await?;
        tx.commit().await?;
        return Err(refused());
    }
    if login.disabled {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "account_disabled",
            "This account has been disabled. Ask whoever runs this vault.",
        ));
    }
    let signed_in = start_session(&state, &mut tx, &ip, &headers).await?;
    tx.commit().await?;
    Ok(signed_in)
}
