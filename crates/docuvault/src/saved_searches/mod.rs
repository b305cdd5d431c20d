//! Saved searches: a name for a search and its filters, to come back to.

mod change;
mod create;
mod delete;
mod list;
mod model;
mod show;
mod store;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::AppState;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(show::show, change::change, delete::delete))
}
