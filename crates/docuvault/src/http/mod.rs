//! What every route shares: reading requests, writing answers and errors, paging, the request log, the listener.

pub mod client_ip;
pub mod etag;
pub mod extract;
pub mod idempotency;
pub mod listener;
pub mod paging;
pub mod patch;
pub mod problem;
pub mod rate_limit;
pub mod request_log;
pub mod security_headers;

pub use extract::{JsonBody, OptionalJsonBody, PathId, QueryOf};
pub use patch::Patch;
pub use problem::Problem;
