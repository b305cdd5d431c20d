//! Keys, sealing, passwords and tokens. What each leak would expose is told in docs/THREAT-MODEL.md.

pub mod keys;
pub mod opaque_token;
pub mod password;
pub mod refresh_token;
pub mod seal;

pub use keys::Keys;
pub use password::PasswordHasher;
