//! Invitations: who has the link may make an account, once. Administrators see them all and never the links again.

mod create;
mod letter;
mod list;
mod model;
mod revoke;
mod store;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use model::{invite_expiry, make_invite_token};

use crate::app::AppState;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_invites, create::create_invite))
        .routes(routes!(revoke::revoke_invite))
}
