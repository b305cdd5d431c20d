//! Topics: a user's own drawers for documents, a starter set first, then whatever they make of it.

mod change;
mod create;
mod delete;
mod list;
mod model;
mod starter;
mod store;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use model::{TOPIC_COLORS, Topic};
pub use starter::create_starter_topics;
pub use store::list_topics;

use crate::app::AppState;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(change::change, delete::delete))
}
