//! kill -9 at random points, a dropped request at every point: whatever stops halfway leaves no lie behind.
//!
//! `make test-chaos` makes the long run of it; `DOCUVAULT_CHAOS_SEED` repeats one.

mod dropped_requests;
mod invariants;
mod killed_server;
pub mod program;
mod scaled;
mod uploader;

pub use scaled::postgres_settings;
