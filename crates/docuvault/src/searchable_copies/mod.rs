//! Searchable copies of scans: on request, a PDF with the recognised words laid over the pages, as a document of its own.

mod make;
mod show;
mod store;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use make::{MakeSearchableCopy, make_searchable_copy};

use crate::app::AppState;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(show::show, make::make))
}
