//! Why the cluster could not be started or stopped, in words that say what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use crate::binaries::OLDEST_MAJOR;

/// Why [`Cluster::start`](crate::Cluster::start) gave up. No message holds a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    #[error(
        "{name:?} cannot name a role or database: use a-z, 0-9 and _, at most 63 of them, not starting with a digit or pg_, not \"postgres\""
    )]
    BadName { name: String },

    #[error(
        "no PostgreSQL server programs (initdb and postgres, version {OLDEST_MAJOR} or newer) were found; install them \
         (Debian, Ubuntu: apt-get install postgresql; Fedora: dnf install postgresql-server; Alpine: apk add postgresql; \
         macOS: brew install postgresql@17) or set the directory that holds them"
    )]
    NoBinaries,

    #[error("PostgreSQL {OLDEST_MAJOR} or newer is needed, but there is only this: {}; install a newer one or set the directory that holds it", majors(.found))]
    TooOld { found: Vec<u32> },

    #[error("the PostgreSQL directory {} is of no use: {problem}", .dir.display())]
    BinDirUnusable { dir: PathBuf, problem: String },

    #[error(
        "the database in {} was made by PostgreSQL {data_major}, which is not installed here (found: {}); install PostgreSQL {data_major}, \
         if need be beside the other (Debian: apt-get install postgresql-{data_major}), or move the data over with pg_upgrade; nothing was changed",
        .data_dir.display(), majors(.available)
    )]
    OtherMajor {
        data_dir: PathBuf,
        data_major: u32,
        available: Vec<u32>,
    },

    #[error("{} is neither empty nor a PostgreSQL cluster (it has no readable PG_VERSION); choose another directory", .dir.display())]
    NotACluster { dir: PathBuf },

    #[error("{} belongs to user id {owner_uid}, not to the user id {our_uid} that runs this; run as that user, or chown it", .data_dir.display())]
    WrongOwner {
        data_dir: PathBuf,
        owner_uid: u32,
        our_uid: u32,
    },

    #[error(
        "PostgreSQL does not run as root, and there is no user \"postgres\" or \"nobody\" here to run it as; create one or do not run as root"
    )]
    NoAccount,

    #[error(
        "PostgreSQL runs as {account} here, which may not pass through {}; let it (chmod o+x {}) or keep the data elsewhere, such as /var/lib",
        .dir.display(), .dir.display()
    )]
    NotSearchable { dir: PathBuf, account: String },

    #[error("the database in {} is in use by another running copy{}; stop that one first", .data_dir.display(), process(*.pid))]
    InUse { data_dir: PathBuf, pid: Option<u32> },

    #[error("the password file {} is missing, but the database exists; put it back from a backup", .file.display())]
    PasswordMissing { file: PathBuf },

    #[error("the password file {} does not hold a password", .file.display())]
    BadPasswordFile { file: PathBuf },

    #[error("the database does not take the password in {}; put the right file back", .file.display())]
    PasswordRefused { file: PathBuf },

    #[error("the new database could not be made by initdb: {output}")]
    CreateFailed { output: String },

    #[error("the database server did not start: {reason} (log: {})", .log.display())]
    ServerFailed { reason: String, log: PathBuf },

    #[error("the database server was not ready after {waited_seconds} s and goes on trying (log: {})", .log.display())]
    NotReady { waited_seconds: u64, log: PathBuf },

    #[error("the database could not be prepared: {doing}")]
    Database {
        doing: &'static str,
        #[source]
        source: sqlx::Error,
    },

    #[error("cannot {doing} {}", .path.display())]
    Io {
        doing: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

impl StartError {
    /// For `map_err`: what was being done to which path.
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            doing,
            path,
            source,
        }
    }

    /// For `map_err`: what was being done in the database.
    pub(crate) fn database(doing: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Database { doing, source }
    }
}

/// Why [`Cluster::stop`](crate::Cluster::stop) could not see the server end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StopError {
    #[error("the database server (process {pid}) is still running after {waited_seconds} s")]
    StillRunning { pid: u32, waited_seconds: u64 },

    #[error("the database server (process {pid}) could not be told to stop")]
    Signal {
        pid: u32,
        #[source]
        source: io::Error,
    },
}

fn majors(found: &[u32]) -> String {
    if found.is_empty() {
        return "none".to_owned();
    }
    let found: Vec<String> = found
        .iter()
        .map(|major| format!("PostgreSQL {major}"))
        .collect();
    found.join(", ")
}

fn process(pid: Option<u32>) -> String {
    pid.map_or_else(String::new, |pid| format!(" (process {pid})"))
}
