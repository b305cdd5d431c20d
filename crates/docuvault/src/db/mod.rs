//! The way to the database. A query on user data needs a [`UserTx`]; nothing else hands out a connection that can see any.

pub mod availability;
pub mod constraint;
pub mod ids;
pub mod migrate;
pub mod pool;
pub mod self_check;
pub mod server_facts;
pub mod user_tx;

pub use availability::is_unavailable;
pub use ids::{ApiTokenId, DocumentId, SessionId, TopicId, UploadId, UserId};
pub use pool::Database;
pub use user_tx::{Entry, Session, SessionError, UserTx};

/// What the login roles are called, everywhere.
pub const APP_ROLE: &str = "docuvault_app";
pub const MIGRATE_ROLE: &str = "docuvault_migrate";

/// Creates the other roles and hands the database to its owner; see the file's own comments.
pub const ROLES_SQL: &str = include_str!("roles.sql");
