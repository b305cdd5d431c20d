//! Any store that speaks S3: clients send to it and fetch from it themselves, by URLs we sign.

mod config;
mod signing;

pub use config::{S3Config, S3ConfigError, S3Keys};
