//! What the vault stands on fails or hangs: everything that does not need it goes on, the rest says so and recovers by itself.

mod read_only_database;
mod slow_store;
mod store_down;
