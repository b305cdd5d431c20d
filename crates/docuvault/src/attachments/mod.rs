//! What is attached to a message: on request, documents of their own.

mod keep;
mod list;
mod store;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use keep::{KeepAttachments, keep_attachments};

use crate::app::AppState;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list::list, keep::keep))
}
