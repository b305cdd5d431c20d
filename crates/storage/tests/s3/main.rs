//! The S3 driver: the contract against real stores, and what a store that lies, stalls or breaks off cannot make it do.

#![expect(
    clippy::unwrap_used,
    reason = "a set-up that fails is a test that fails"
)]

mod contract;
mod peers;
