//! What can go wrong with a store, in words the product acts on. No message holds a signed URL, a secret or a name.

use std::{error::Error, io, time::Duration};

/// The text is not an object key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an object key")]
pub struct InvalidKey;

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// No object (or no unfinished upload) of that key.
    #[error("the object does not exist")]
    NotFound,
    /// Objects are written once; this key is taken.
    #[error("the object exists already")]
    AlreadyExists,
    /// The stream was shorter or longer than announced. `received_bytes` is what had arrived when that was certain.
    #[error("expected {expected_bytes} bytes, received {received_bytes}")]
    SizeMismatch {
        /// Announced length.
        expected_bytes: u64,
        /// Counted length; for a stream that is too long, its lower bound.
        received_bytes: u64,
    },
    /// The bytes do not have the announced SHA-256.
    #[error("the checksum does not match")]
    ChecksumMismatch,
    /// The range starts behind the end of the object.
    #[error("the range lies outside the object of {size_bytes} bytes")]
    RangeNotSatisfiable {
        /// Real size of the object.
        size_bytes: u64,
    },
    /// Larger than this store can take.
    #[error("larger than the {max_bytes} bytes this store takes")]
    TooLarge {
        /// The store's limit.
        max_bytes: u64,
    },
    /// The store is full, or would fall below its free-space floor.
    #[error("the store has no space left")]
    NoSpace,
    /// Parts are missing, unknown or out of order.
    #[error("the parts do not form the object")]
    InvalidParts,
    /// This driver has no such call; its capabilities say so.
    #[error("the store does not support {0}")]
    Unsupported(&'static str),
    /// The stored credentials are no longer accepted: the owner has to reconnect the account.
    #[error("the store refused the credentials")]
    CredentialsRefused,
    /// A cursor or a key that this store did not hand out.
    #[error(transparent)]
    InvalidKey(#[from] InvalidKey),
    /// The bytes to store stopped coming (the client went away). Nothing was stored.
    #[error("the incoming bytes were cut off")]
    SourceFailed(#[source] io::Error),
    /// The store cannot be reached or answers nonsense; trying later may help.
    #[error("the store is unavailable")]
    Unavailable {
        /// How long the store asked us to wait.
        retry_after: Option<Duration>,
        /// The cause, free of secrets: it may be logged.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl StorageError {
    /// [`StorageError::Unavailable`] without advice on when to come back.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable {
            retry_after: None,
            source: source.into(),
        }
    }

    /// Whether the same call may succeed later without anyone doing anything.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::SourceFailed(_))
    }
}

impl From<io::Error> for StorageError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            io::ErrorKind::AlreadyExists => Self::AlreadyExists,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace,
            _ => Self::unavailable(error),
        }
    }
}

impl From<rustix::io::Errno> for StorageError {
    fn from(errno: rustix::io::Errno) -> Self {
        io::Error::from(errno).into()
    }
}
