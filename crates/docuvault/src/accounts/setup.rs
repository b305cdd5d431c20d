//! Creates the first account, an admin's, with the token that was printed at start (or preset). Works once.

use axum::{Json, extract::State};
use http::{HeaderMap, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::{NewAccount, Role, create_account, locale_of};
use crate::{
    app::AppState,
    auth::{self, SignedIn, start_session},
    db::{UserId, UserTx},
    http::{JsonBody, Problem, client_ip::ClientIp, problem::ProblemBody},
};

/// Two processes starting setup at once: one at a time.
const SETUP_LOCK: i64 = 0x646f_6375_7661_756c;

/// The token for the first account; only its hash is kept in memory.
pub struct SetupToken([u8; 32]);

impl SetupToken {
    pub fn new(token: &SecretString) -> Self {
        Self(Sha256::digest(token.expose_secret().as_bytes()).into())
    }

    fn is(&self, given: &SecretString) -> bool {
        let given: [u8; 32] = Sha256::digest(given.expose_secret().as_bytes()).into();
        subtle::ConstantTimeEq::ct_eq(&self.0[..], &given[..]).into()
    }
}

#[derive(Serialize, ToSchema)]
pub struct SetupState {
    /// True until the first account exists.
    needs_setup: bool,
}

/// Whether the vault still waits for its first account.
#[utoipa::path(get, path = "/api/v1/setup", tag = "setup", security(()), responses((status = OK, body = SetupState)))]
pub async fn needs_setup(State(state): State<AppState>) -> Result<Json<SetupState>, Problem> {
    Ok(Json(SetupState {
        needs_setup: !has_users(&state).await?,
    }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetUp {
    #[schema(value_type = String)]
    setup_token: SecretString,
    email: String,
    #[schema(value_type = String, min_length = 8, max_length = 128)]
    password: SecretString,
    display_name: String,
    /// `en` or `de`: the language of the starter topics.
    locale: Option<String>,
}

/// Creates the first account and signs it in.
#[utoipa::path(post, path = "/api/v1/setup", tag = "setup", security(()), request_body = SetUp, responses(
    (status = CREATED, body = crate::auth::SessionAnswer),
    (status = FORBIDDEN, description = "`invalid_setup_token`", body = ProblemBody),
    (status = CONFLICT, description = "`already_set_up`", body = ProblemBody),
))]
pub async fn set_up(
    State(state): State<AppState>,
    ip: ClientIp,
    headers: HeaderMap,
    JsonBody(body): JsonBody<SetUp>,
) -> Result<SignedIn, Problem> {
    if has_users(&state).await? {
        return Err(already_set_up());
    }
    auth::count_network(&state, "setup:network", &ip).await?;
    if !state.setup_token().is(&body.setup_token) {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "invalid_setup_token",
            "This is not the setup token that was printed at start.",
        ));
    }
    let account = NewAccount {
        email: body.email,
        password: body.password,
        display_name: body.display_name,
        role: Role::Admin,
        locale: locale_of(body.locale),
        limit_bytes: None,
        email_verified: false,
    };
    account.check()?;
    let hash = state
        .passwords()
        .hash(account.password.clone())
        .await
        .map_err(Problem::internal)?;
    let mut tx = UserTx::on_behalf_of(state.db(), UserId::new()).await?;
    sqlx::query!("SELECT pg_advisory_xact_lock($1)", SETUP_LOCK)
        .fetch_one(tx.conn())
        .await?;
    let taken = sqlx::query_scalar!(r#"SELECT vault_has_users() AS "taken!""#)
        .fetch_one(tx.conn())
        .await?;
    if taken {
        return Err(already_set_up());
    }
    create_account(&state, &mut tx, &account, Some(&hash)).await?;
    let signed_in = start_session(&state, &mut tx, &ip, &headers).await?;
    tx.commit().await?;
    Ok(signed_in.created())
}

fn already_set_up() -> Problem {
    Problem::conflict(
        "already_set_up",
        "The first account exists already. Sign in instead.",
    )
}

async fn has_users(state: &AppState) -> Result<bool, Problem> {
    Ok(
        sqlx::query_scalar!(r#"SELECT vault_has_users() AS "taken!""#)
            .fetch_one(state.db().anonymous())
            .await?,
    )
}
