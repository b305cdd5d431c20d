//! Reading or filing all of one's documents again: started, watched, paused, gone on with, or cancelled. A run survives whatever stops
//! its process, and takes only a few documents at a time, so that nobody else waits for it.

mod cancel;
mod model;
mod show;
mod start;
mod steer;
mod store;
mod work;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use work::{WorkOnRun, work_on_run};

use crate::app::AppState;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(show::list, start::start))
        .routes(routes!(show::show, steer::steer, cancel::cancel))
}
