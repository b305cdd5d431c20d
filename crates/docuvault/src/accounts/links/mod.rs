//! Links that are mailed or handed over: each is good once, for one purpose, for a short time. The token stands in the address's
//! fragment, which browsers send to no server, so no log and no proxy sees it.

pub(super) mod store;

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;

use crate::{
    app::AppState,
    crypto::opaque_token::{self, MadeToken, TokenKind},
    db::UserTx,
    http::Problem,
    mail,
};

/// What a link does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPurpose {
    ResetPassword,
    /// The first password of an account that an administrator made.
    ChoosePassword,
    VerifyEmail,
    /// The old address's consent to a change of address, and the new one's.
    LeaveEmail,
    TakeEmail,
}

impl LinkPurpose {
    pub fn name(self) -> &'static str {
        match self {
            Self::ResetPassword => "reset_password",
            Self::ChoosePassword => "choose_password",
            Self::VerifyEmail => "verify_email",
            Self::LeaveEmail => "leave_email",
            Self::TakeEmail => "take_email",
        }
    }

    /// The purpose of a link for a password, as the database tells it.
    pub fn from_name(name: &str) -> Self {
        if name == "choose_password" {
            Self::ChoosePassword
        } else {
            Self::ResetPassword
        }
    }

    /// The page it leads to.
    pub fn page(self) -> &'static str {
        match self {
            Self::ResetPassword => "reset-password",
            Self::ChoosePassword => "choose-password",
            Self::VerifyEmail | Self::LeaveEmail | Self::TakeEmail => "confirm-email",
        }
    }

    /// How long a mailed link of this purpose is good; its letter says so.
    pub fn ttl(self) -> Duration {
        match self {
            Self::ResetPassword => mail::RESET_PASSWORD_LASTS,
            Self::ChoosePassword => mail::CHOOSE_PASSWORD_LASTS,
            Self::VerifyEmail | Self::LeaveEmail | Self::TakeEmail => mail::EMAIL_LINK_LASTS,
        }
    }
}

/// A link just made; its token is known to whoever gets it and to nobody else.
pub struct MadeLink {
    pub url: SecretString,
    pub token: SecretString,
    pub expires_at: OffsetDateTime,
}

/// Makes a link for the transaction's user. An earlier one of the same purpose is void, save for the last ones that reset a password.
pub async fn make_link(
    state: &AppState,
    tx: &mut UserTx,
    purpose: LinkPurpose,
    ttl: Duration,
) -> Result<MadeLink, Problem> {
    let token = make_link_token()?;
    let expires_at = state.now() + ttl;
    let beside = match purpose {
        LinkPurpose::ResetPassword => 2,
        _ => 0,
    };
    store::insert_link(tx, purpose.name(), &token.sha256, expires_at, beside).await?;
    Ok(MadeLink {
        url: link_url(state, purpose, &token.text).into(),
        token: token.text,
        expires_at,
    })
}

/// A new token for a link, and what is kept of it.
pub fn make_link_token() -> Result<MadeToken, Problem> {
    Ok(opaque_token::make(TokenKind::Link)?)
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

/// Used up, expired and never made answer alike.
pub(super) fn invalid_link() -> Problem {
    Problem::new(
        http::StatusCode::FORBIDDEN,
        "invalid_link",
        "This link is used up or too old. Ask for a new one.",
    )
}
