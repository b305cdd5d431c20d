//! Keys, sealing, passwords and tokens. What each leak would expose is told in docs/THREAT-MODEL.md.

pub mod key_file;
pub mod key_ring;
pub mod keys;
pub mod opaque_token;
pub mod password;
pub mod private_file;
pub mod refresh_token;
pub mod seal;
pub mod sealed_column;
pub mod self_test;

pub use keys::Keys;
pub use password::PasswordHasher;
pub use sealed_column::SealedColumn;
