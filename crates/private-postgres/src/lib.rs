//! Finds, starts, adopts and stops DocuVault's own PostgreSQL cluster.
//!
//! [`Cluster::start`] is the way in. It knows nothing of documents: give it a directory, a database and login roles, get a
//! running server back. Beside the data directory `pg` it keeps `pg.lock` (one copy of us at a time), `pg.log` and `pg.run` (the socket).

mod account;
mod adopt;
mod binaries;
mod cluster;
mod create_cluster;
mod endpoint;
mod error;
mod launch;
mod passwords;
mod pid_file;
mod place;
mod prepare_database;
mod processes;
mod running;
mod server;
mod server_options;
mod settings;
mod single_copy;

pub use cluster::Cluster;
pub use error::{StartError, StopError};
pub use running::RunningCluster;
pub use settings::{SUPERUSER, Settings};
