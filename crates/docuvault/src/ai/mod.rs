//! The user's own AI: a provider that the user chose, what may never be sent to it, and a ledger of all that was. Every byte that goes
//! to a provider goes through `ask`; nothing is sent for a user who has chosen none.

mod address;
mod ask;
mod budget;
mod classify;
mod excerpt;
mod ledger;
mod never_send;
mod provider;
mod settings;
mod summary;
mod trouble;
mod wire;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use classify::{Advice, AdvisedTopic, Opinion, Request, advise};
pub use summary::{Summarize, summarize};

use crate::app::AppState;

const MAX_MODEL_CHARS: usize = 200;

/// Whether this can be the name of a model.
fn is_model_name(name: &str) -> bool {
    !name.trim().is_empty()
        && name.chars().count() <= MAX_MODEL_CHARS
        && !name.chars().any(char::is_control)
}

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(settings::show, settings::choose))
        .routes(routes!(settings::providers))
        .routes(routes!(settings::models))
        .routes(routes!(settings::test))
        .routes(routes!(never_send::list, never_send::add))
        .routes(routes!(never_send::remove))
        .routes(routes!(ledger::list))
        .routes(routes!(summary::request))
}
