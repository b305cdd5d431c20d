//! Finds documents by their words: PostgreSQL full text through one definer function, then the page's documents under the
//! policies, with snippets for just those and counts for narrowing down.

mod estimate;
mod facets;
mod fields;
mod find;
mod forms;
mod fragments;
mod index;
mod narrow;
mod order;
mod parameters;
mod query;
mod snippets;
mod words;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use index::{forget_words, index_document, indexed_documents};
pub use query::SearchText;
pub use words::{count_all_words, count_words};

use crate::app::AppState;

/// Signs that PostgreSQL takes for a part of a word (`AB-4711/2024` would be a word, a negative number and a path; `<a@b.org>` a tag,
/// left out altogether). In documents and searches alike each counts as a [`BLANKS`] instead, so that every part is found.
pub const JOINING_SIGNS: &str = "-+/._@:&<>~";
/// As many as there are joining signs, for `translate`.
pub const BLANKS: &str = "           ";

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(find::search))
}
