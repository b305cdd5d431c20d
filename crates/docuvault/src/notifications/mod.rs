//! What a user should know of: shown in the app, and mailed if they want it. See docs/guides/add-a-notification.md.

mod kind;
mod list;
mod notify;
mod preferences;
mod read;
mod store;
mod sweep;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use kind::Kind;
pub use notify::notify;
pub use sweep::sweep_notifications;

use crate::app::AppState;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(read::read))
        .routes(routes!(read::read_all))
        .routes(routes!(preferences::show, preferences::change))
}
