//! Assembly of the whole: what every request and job can reach, the routes, the jobs.

pub mod api_page;
pub mod health;
pub mod job_registry;
mod metrics;
pub mod openapi;
pub mod router;
pub mod state;

pub use state::{AppState, Clock, SystemClock};
