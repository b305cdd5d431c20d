//! Where bytes live, and the URLs that lead there: signed by the store where it can, by our gateway where it cannot.

mod base_url;
mod open;
mod trust;
mod urls;

pub use base_url::BaseUrl;
pub use open::{OpenStore, UntestedStore, local_disk, open_store};
pub use trust::StoreTest;
pub(crate) use urls::thumbnail_as;
pub use urls::{DownloadUrl, UploadUrl, UploadWay, begin_upload, download_url};

use docuvault_storage::StorageError;

use crate::http::Problem;

/// The vault's own store, as gateway tickets name it.
pub const OWN_STORE: &str = "own";

/// However long a store asks us to wait, a client asks again after so long.
const LONGEST_WAIT_SECONDS: u64 = 120;

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::NoSpace => Self::new(
                http::StatusCode::INSUFFICIENT_STORAGE,
                "out_of_space",
                "The store is full. Nothing was kept.",
            )
            .caused_by(error),
            StorageError::TooLarge { max_bytes } => Self::new(
                http::StatusCode::PAYLOAD_TOO_LARGE,
                "file_too_large",
                "The file is larger than the store takes.",
            )
            .with("max_bytes", max_bytes),
            StorageError::Unavailable {
                retry_after: Some(retry_after),
                ..
            } => {
                let seconds = retry_after.as_secs().clamp(1, LONGEST_WAIT_SECONDS);
                Self::storage_unavailable(error)
                    .with_header_value(http::header::RETRY_AFTER, seconds.into())
            }
            StorageError::Unavailable { .. } | StorageError::CredentialsRefused => {
                Self::storage_unavailable(error)
            }
            error => Self::internal(error),
        }
    }
}
