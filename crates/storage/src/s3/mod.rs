//! Any store that speaks S3: clients send to it and fetch from it themselves, by URLs we sign.

pub mod acceptance;
mod config;
mod features;
mod signing;

pub use config::{S3Config, S3ConfigError, S3Keys};
pub use features::S3Features;
