//! What every route shares: reading requests, writing answers and errors, paging, the request log, the listener.

pub mod admission;
pub mod client_ip;
pub mod etag;
pub mod extract;
pub mod idempotency;
pub mod limits;
pub mod listener;
pub mod open_files;
pub mod paging;
pub mod patch;
mod peer_places;
pub mod problem;
pub mod rate_limit;
pub mod request_context;
pub mod request_figures;
pub mod request_log;
pub mod request_shape;
pub mod security_headers;
mod stalled_reader;

pub use extract::{JsonBody, OptionalJsonBody, PathId, QueryOf};
pub use patch::Patch;
pub use problem::Problem;
