//! kill -9 at random points, a dropped request at every point: whatever stops halfway leaves no lie behind.
//!
//! `DOCUVAULT_CHAOS_UPLOADS=200` makes the long run of it (`make test-chaos`); `DOCUVAULT_CHAOS_SEED` repeats one.

mod dropped_requests;
mod invariants;
mod killed_server;
pub mod program;
mod scaled;
mod uploader;
