//! Documents that are alike: those that share rare words, and those whose texts are almost the same.

mod note;
mod simhash;
mod similar;
mod store;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use note::{note_all_likeness, note_likeness};

use crate::app::AppState;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(similar::similar))
}
