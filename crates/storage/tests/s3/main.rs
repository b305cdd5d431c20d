//! The S3 driver: the contract against real stores, and what a store that lies, stalls or breaks off cannot make it do.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a set-up that fails is a test that fails"
)]
#![expect(
    clippy::print_stdout,
    reason = "which stores are not here, and what was measured"
)]

mod contract;
mod down;
mod hostile;
mod peers;
mod sample;
mod streams;
mod stub;
mod urls;
