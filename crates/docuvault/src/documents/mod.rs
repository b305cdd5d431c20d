//! Documents: what a user sees of them and may do with them. Their bytes come by `uploads`, their words by `processing`.

mod change;
mod classify;
mod download;
mod erase;
mod erase_all;
mod list;
pub mod list_query;
mod model;
mod password;
mod query;
mod reprocess;
mod restore;
mod show;
mod store;
mod text;
mod thumbnail;
mod trash;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use change::{decide_topics, undecide_topics};
pub use erase::{EraseDocument, erase_document, erase_overdue_trash};
pub use erase_all::erase_all;
pub use list::{ListFilter, ListSort};
pub use model::{Document, DocumentTopic, NewlyReserved, Owner, Status};
pub use password::{forget_password, password_of};
pub use query::{document, documents_by_id};
pub use reprocess::read_again;
pub use store::{check_folder, lock_version};

use crate::app::AppState;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(show::show, change::change, trash::trash))
        .routes(routes!(restore::restore))
        .routes(routes!(erase::erase))
        .routes(routes!(download::download))
        .routes(routes!(text::text))
        .routes(routes!(thumbnail::thumbnail))
        .routes(routes!(classify::classify))
        .routes(routes!(reprocess::reprocess))
}
