//! Finds documents by their words: PostgreSQL full text through one definer function, then the page's documents under the
//! policies, with snippets for just those and counts for narrowing down.

mod facets;
mod find;
mod index;
mod query;
mod snippets;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use index::index_document;
pub use query::SearchText;

use crate::app::AppState;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(find::search))
}
