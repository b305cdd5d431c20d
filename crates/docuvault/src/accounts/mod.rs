//! Who the users are: creating the first account, and what a user sees of their own.

mod create;
mod create_for;
mod links;
mod me;
mod setup;
mod tell_user;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use create::{NewAccount, create_account, email_key, is_email, profile_faults};
pub use create_for::{AccountFor, create_account_for};
pub use links::{LinkPurpose, MadeLink, link_url, make_link, make_link_token};
pub use setup::SetupToken;
pub use tell_user::{TellUser, tell_user};

use crate::app::AppState;

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
        .routes(routes!(me::me))
}
