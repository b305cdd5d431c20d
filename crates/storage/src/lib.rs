//! Where a document's bytes live: the [`StorageBackend`] trait, its drivers, and the signed gateway tickets.
//!
//! # How to
//! ```ignore
//! let store: Arc<dyn StorageBackend> = Arc::new(LocalDisk::open(LocalDiskConfig {
//!     root: "/var/lib/docuvault/files".into(),
//!     free_space_floor_bytes: 1 << 30,
//! }).await?);
//! let key = ObjectKey::new(user_id, document_id, Uuid::new_v4(), "pdf");
//! match store.begin_upload(&NewUpload { key: key.clone(), size_bytes, .. }).await? {
//!     UploadPlan::Direct(url) => hand_to_client(url),                       // the client PUTs to the store itself
//!     UploadPlan::DirectParts(parts) => remember(parts.store_upload_id),    // then `part_url` per part
//!     UploadPlan::Gateway => sign(GatewayTicket::Put(..)),                  // the client PUTs to us, we call `put_stream`
//! }
//! let stat = store.stat(&key).await?;    // after every upload: what is really there
//! ```
//! A new driver implements the trait and passes [`contract::run`]; it never touches a database.
//!
//! | module | holds |
//! | --- | --- |
//! | `object_key` | the only name an object can have |
//! | `backend` | the trait and what a driver can do |
//! | `plan` | how bytes go up and down, as told to a client |
//! | `object` | what is stored, read and listed |
//! | `error` | what can go wrong, in words the product acts on |
//! | [`local_disk`] | files in a folder, durable and write-once |
//! | [`s3`] | any store that speaks S3, by URLs that we sign |
//! | [`gateway`] | signed tickets, `Range` and `Content-Disposition` for stores without presigned URLs |
//! | [`contract`] | what every driver must do, as a runnable suite |

mod backend;
pub mod contract;
mod error;
pub mod gateway;
pub mod local_disk;
mod object;
mod object_key;
mod plan;
pub mod s3;

pub use backend::{Capabilities, StorageBackend};
pub use error::{InvalidKey, StorageError};
pub use local_disk::{LocalDisk, LocalDiskConfig};
pub use object::{
    ByteRange, ByteStream, Existing, ListPage, ListScope, ListedObject, NewObject, ObjectRead,
    ObjectStat, Stored,
};
pub use object_key::ObjectKey;
pub use plan::{
    CompletedPart, DirectParts, Disposition, DownloadAs, DownloadPlan, NewUpload, PartToUpload,
    SignedUpload, SignedUrl, StoredPart, UnfinishedUpload, UploadPlan,
};
pub use s3::{S3, S3Config, S3ConfigError, S3Features, S3Keys, S3Patience};

/// A SHA-256 digest.
pub type Sha256Digest = [u8; 32];
