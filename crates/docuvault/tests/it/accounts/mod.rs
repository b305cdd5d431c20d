//! What users do with their own accounts.

mod email;
mod erase;
mod password;
mod profile;
mod register;
