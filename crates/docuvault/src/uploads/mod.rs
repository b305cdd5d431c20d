//! Uploads: a promise of room, the bytes, and the settling of the promise.
//!
//! 1. `start` reserves quota and writes document and upload in one statement, then answers where to PUT, whole or in parts;
//! 2. the browser sends the bytes to the store, or to the `gateway`; `show` tells what has come, `parts` renews the addresses;
//! 3. `complete` looks at what is really there, settles the quota and queues the reading, in one transaction;
//! 4. `abort`, or the `sweep` of what was abandoned, removes the bytes first and the promise after.
//!
//! The row is there before any URL is, and the object is gone before its row is: what goes wrong leaves litter, never a hole.

mod abort;
mod check;
mod complete;
mod join_parts;
mod keep_bytes;
mod model;
mod parts;
mod plan;
mod show;
mod start;
mod store;
mod sweep;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use abort::abort_upload;
pub use check::{NewDocument, name_for};
pub use keep_bytes::{MadeOf, keep_bytes};
pub use store::{Awaited, awaited, mark_received};
pub use sweep::sweep_uploads;

use crate::{app::AppState, http::Problem};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(start::start))
        .routes(routes!(show::show, abort::abort))
        .routes(routes!(parts::parts))
        .routes(routes!(complete::complete))
}

fn upload_completed() -> Problem {
    Problem::conflict(
        "upload_completed",
        "This upload has been completed already.",
    )
}
