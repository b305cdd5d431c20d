//! Personal API tokens: what a user gives to scripts. They read, or read and write, what is the user's; they never change the
//! security of the account, and they make no further tokens.

mod create;
mod list;
mod revoke;
mod store;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::AppState, db::ApiTokenId};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(revoke::revoke))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenScope {
    Read,
    Write,
}

/// A token, as it can be shown at any time.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiToken {
    id: ApiTokenId,
    name: String,
    scopes: Vec<TokenScope>,
    /// Its first characters, to tell tokens apart.
    prefix: String,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    last_used_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
}
