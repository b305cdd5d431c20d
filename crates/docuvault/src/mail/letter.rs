//! The kinds of letter, and how long what they bring is good for.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{english, german};

/// How long the link of a letter works; the letter says so, and a letter that could not be sent in that time is not sent any more.
pub const RESET_PASSWORD_LASTS: Duration = Duration::from_mins(10);
pub const CHOOSE_PASSWORD_LASTS: Duration = Duration::from_hours(7 * 24);
/// Of the links that confirm an address.
pub const EMAIL_LINK_LASTS: Duration = Duration::from_hours(24);

/// What a letter says, as far as it is not always the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "letter", rename_all = "snake_case")]
pub enum Letter {
    /// The user asked for a link because the password is forgotten.
    ResetPassword {
        url: String,
    },
    /// An administrator has made the account.
    ChoosePassword {
        url: String,
        vault_admin_name: String,
    },
    VerifyEmail {
        url: String,
    },
    /// To the present address: it is about to be given up for another.
    LeaveEmail {
        url: String,
        new_email: String,
    },
    /// To the new address.
    TakeEmail {
        url: String,
    },
    Invite {
        url: String,
        inviter_name: String,
        #[serde(with = "time::serde::rfc3339")]
        expires_at: OffsetDateTime,
    },
    /// Something happened in the account; `kind` is that of the notification.
    Notice {
        kind: String,
        #[serde(with = "time::serde::rfc3339")]
        at: OffsetDateTime,
        ip: Option<String>,
        user_agent: Option<String>,
    },
    AccountErased,
}

/// A letter in its reader's language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub subject: String,
    pub text: String,
}

impl Letter {
    /// For the log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ResetPassword { .. } => "reset_password",
            Self::ChoosePassword { .. } => "choose_password",
            Self::VerifyEmail { .. } => "verify_email",
            Self::LeaveEmail { .. } => "leave_email",
            Self::TakeEmail { .. } => "take_email",
            Self::Invite { .. } => "invite",
            Self::Notice { .. } => "notice",
            Self::AccountErased => "account_erased",
        }
    }

    /// In German for locales that begin with `de`, else in English.
    pub fn write(&self, locale: &str, public_url: &str) -> Written {
        if locale.starts_with("de") {
            german::write(self, public_url)
        } else {
            english::write(self, public_url)
        }
    }

    /// Whether the link of a letter that was queued at `queued_at` leads nowhere any more.
    pub(super) fn is_outdated(&self, queued_at: OffsetDateTime, now: OffsetDateTime) -> bool {
        let until = match self {
            Self::ResetPassword { .. } => queued_at + RESET_PASSWORD_LASTS,
            Self::ChoosePassword { .. } => queued_at + CHOOSE_PASSWORD_LASTS,
            Self::VerifyEmail { .. } | Self::LeaveEmail { .. } | Self::TakeEmail { .. } => {
                queued_at + EMAIL_LINK_LASTS
            }
            Self::Invite { expires_at, .. } => *expires_at,
            Self::Notice { .. } | Self::AccountErased => return false,
        };
        until <= now
    }
}
