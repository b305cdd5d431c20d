//! Who the users are: the first account, signing up, and what a user does with their own account: profile, address, forgotten
//! password, erasing.

mod change_email;
mod confirm_email;
mod create;
mod create_for;
mod erase;
mod forgot_password;
mod links;
mod me;
mod new_password;
mod password_rules;
mod register;
mod setup;
mod store;
mod tell_user;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use create::{NewAccount, create_account, email_key, is_email, profile_faults};
pub use create_for::{AccountFor, create_account_for};
pub use erase::{EraseAccount, erase_account, resume_erasings};
pub use forgot_password::{MailResetLink, mail_reset_link};
pub use links::{LinkPurpose, MadeLink, link_url, make_link, make_link_token};
pub use new_password::{check_new_password, end_what_the_old_password_began};
pub use password_rules::check_password;
pub use setup::SetupToken;
pub use store::find_recipient;
pub use tell_user::{TellUser, tell_user};

use crate::{app::AppState, http::Problem};

/// What a user may administer. Neither role sees another's documents.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Admin,
    User,
}

impl Role {
    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::User => "user",
        }
    }

    pub fn from_name(name: &str) -> Self {
        if name == "admin" {
            Self::Admin
        } else {
            Self::User
        }
    }
}

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(setup::needs_setup, setup::set_up))
        .routes(routes!(me::me, me::change_me, erase::erase))
        .routes(routes!(register::options))
        .routes(routes!(register::show_invitation))
        .routes(routes!(register::register))
        .routes(routes!(forgot_password::forgot_password))
        .routes(routes!(forgot_password::reset_password))
        .routes(routes!(
            change_email::change_email,
            change_email::cancel_email_change
        ))
        .routes(routes!(change_email::send_verification))
        .routes(routes!(confirm_email::confirm_email))
}

/// The languages DocuVault speaks; English for all others.
fn locale_of(asked: Option<String>) -> String {
    asked
        .filter(|locale| locale == "de")
        .unwrap_or_else(|| "en".to_owned())
}

fn email_taken() -> Problem {
    Problem::conflict(
        "email_taken",
        "There is an account with this e-mail address already.",
    )
}
