//! Links that let their holder do one thing to one account, once. The token stands in the fragment, which browsers do not send.

use secrecy::{ExposeSecret, SecretString};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{app::AppState, crypto::random_token, db::UserTx, http::Problem};

const PREFIX: &str = "dvl1_";

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPurpose {
    ResetPassword,
    ChoosePassword,
}

impl LinkPurpose {
    pub fn name(self) -> &'static str {
        match self {
            Self::ResetPassword => "reset_password",
            Self::ChoosePassword => "choose_password",
        }
    }

    pub fn from_name(name: &str) -> Self {
        if name == "choose_password" {
            Self::ChoosePassword
        } else {
            Self::ResetPassword
        }
    }

    pub fn page(self) -> &'static str {
        match self {
            Self::ResetPassword => "reset-password",
            Self::ChoosePassword => "choose-password",
        }
    }
}

/// A link, shown once.
pub struct MadeLink {
    pub url: String,
    pub token: SecretString,
    pub expires_at: OffsetDateTime,
}

/// A new token for a link, and what is kept of it.
pub fn make_link_token() -> Result<random_token::MadeToken, Problem> {
    random_token::make(PREFIX)
        .map_err(|error| Problem::internal(anyhow::anyhow!("no randomness: {error}")))
}

/// Where a link leads.
pub fn link_url(state: &AppState, purpose: LinkPurpose, token: &SecretString) -> String {
    format!(
        "{}/{}#token={}",
        state.config().public_url(),
        purpose.page(),
        token.expose_secret()
    )
}

/// Makes a link for the transaction's user.
pub async fn make_link(
    state: &AppState,
    tx: &mut UserTx,
    purpose: LinkPurpose,
    ttl: Duration,
) -> Result<MadeLink, Problem> {
    let made = make_link_token()?;
    let (user, now) = (tx.user().0, state.now());
    let expires_at = now + ttl;
    sqlx::query!(
        "INSERT INTO account_links (id, user_id, purpose, token_hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
        Uuid::now_v7(),
        user,
        purpose.name(),
        &made.sha256[..],
        now,
        expires_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(MadeLink {
        url: link_url(state, purpose, &made.token),
        token: made.token,
        expires_at,
    })
}
