//! The review inbox: what filing proposes, and what the user says to it. Every decision teaches.

mod decide;
mod inbox;
mod model;
mod reopen;
mod show;
mod store;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::AppState;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(inbox::inbox))
        .routes(routes!(show::show, decide::decide, reopen::reopen))
}
