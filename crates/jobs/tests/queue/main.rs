//! The queue against a real PostgreSQL, as the role the product uses, under row-level security.

#![expect(
    clippy::unwrap_used,
    reason = "a set-up that fails is a test that fails"
)]

mod database;
mod dedupe;
mod enqueue;
mod fairness;
mod leases;
mod recorder;
mod retry;
mod running;
mod schedule;
mod shutdown;
