//! How much a user may store. Every change is one statement that checks as it changes; nothing reads first and writes later.

mod show;
mod store;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use store::{release_reserved, release_used, settle};

use crate::app::AppState;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(show::quota))
}
