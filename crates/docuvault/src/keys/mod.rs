//! The vault's own keys: checked before serving, followed while it runs, changed without anyone being signed out.

mod check;
mod drop_old;
mod follow;
mod reseal;
mod rotate;
mod status;
mod store;

pub use check::{KeysRefused, check_keys, check_known_keys};
pub use drop_old::drop_old_keys;
pub use follow::follow_key_files;
pub use rotate::{Progress, Rotated, rotate_access_token_key, rotate_master_key};
pub use status::{KeyUse, key_status};
