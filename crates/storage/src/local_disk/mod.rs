//! Files in a folder: temporary file, hash while streaming, fsync, atomic write-once publish. The default store.
//!
//! ```text
//! root/objects/{user}/{last two hex digits of document}/{document}/{object}{.ext}
//! root/tmp/{uuid}            uploads under way, on the same filesystem
//! ```
//! The two digits keep folders small; they are the last ones because the first ones of a UUIDv7 are its time.

mod folders;
mod list;
mod read;
mod write;

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::task;

use self::folders::Folders;
use crate::{
    ByteRange, ByteStream, Capabilities, DownloadAs, DownloadPlan, ListPage, ListScope, NewObject,
    NewUpload, ObjectKey, ObjectRead, ObjectStat, StorageBackend, StorageError, Stored, UploadPlan,
};

/// Temporary files older than this belong to no living upload.
pub const TEMPORARY_FILE_MAX_AGE: Duration = Duration::from_hours(24);

/// Where the files live and how much room to leave.
#[derive(Debug, Clone)]
pub struct LocalDiskConfig {
    /// Created, with everything below it, if missing. Belongs to the vault alone.
    pub root: PathBuf,
    /// Uploads are refused when less than this would remain free, so that the database keeps room to breathe.
    pub free_space_floor_bytes: u64,
}

/// Files in a folder. Cheap to clone; several processes may share one root.
#[derive(Debug, Clone)]
pub struct LocalDisk {
    folders: Arc<Folders>,
}

impl LocalDisk {
    /// Creates what is missing below `root`, refuses a `tmp` on another filesystem, sweeps old temporary files.
    pub async fn open(config: LocalDiskConfig) -> Result<Self, StorageError> {
        let folders =
            blocking(move || Folders::open(&config.root, config.free_space_floor_bytes)).await?;
        let disk = Self {
            folders: Arc::new(folders),
        };
        disk.sweep_temporary_files(TEMPORARY_FILE_MAX_AGE).await?;
        Ok(disk)
    }

    /// Removes temporary files last written more than `max_age` ago: what a crash left. Answers how many.
    pub async fn sweep_temporary_files(&self, max_age: Duration) -> Result<u64, StorageError> {
        let folders = Arc::clone(&self.folders);
        let swept = blocking(move || folders.sweep_temporary_files(max_age)).await?;
        if swept > 0 {
            tracing::info!(swept, "removed temporary files of interrupted uploads");
        }
        Ok(swept)
    }
}

/// Runs file system calls where they may block.
async fn blocking<T, F>(work: F) -> Result<T, StorageError>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, StorageError> + Send + 'static,
{
    task::spawn_blocking(work)
        .await
        .map_err(StorageError::unavailable)?
}

#[async_trait]
impl StorageBackend for LocalDisk {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            presigned_put: false,
            presigned_get: false,
            presigned_multipart: false,
            range_read: true,
            min_part_bytes: 0,
            max_part_bytes: 0,
            max_parts: 0,
            max_single_put_bytes: i64::MAX.cast_unsigned(),
            needs_known_length: false,
            if_none_match: true,
            server_checksum: true,
            durable_delete: true,
        }
    }

    async fn begin_upload(&self, upload: &NewUpload) -> Result<UploadPlan, StorageError> {
        let (folders, size_bytes) = (Arc::clone(&self.folders), upload.size_bytes);
        blocking(move || folders.require_space_for(size_bytes)).await?;
        Ok(UploadPlan::Gateway)
    }

    async fn begin_download(
        &self,
        _key: &ObjectKey,
        _download: &DownloadAs,
        _expires_in: Duration,
    ) -> Result<DownloadPlan, StorageError> {
        Ok(DownloadPlan::Gateway)
    }

    async fn stat(&self, key: &ObjectKey) -> Result<Option<ObjectStat>, StorageError> {
        let (folders, key) = (Arc::clone(&self.folders), key.clone());
        match blocking(move || read::open(&folders, &key)).await {
            Ok((_, stat)) => Ok(Some(stat)),
            Err(StorageError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn put_stream(
        &self,
        object: &NewObject,
        bytes: ByteStream,
    ) -> Result<Stored, StorageError> {
        write::put(Arc::clone(&self.folders), object, bytes).await
    }

    async fn get_stream(
        &self,
        key: &ObjectKey,
        range: Option<ByteRange>,
    ) -> Result<ObjectRead, StorageError> {
        let (folders, key) = (Arc::clone(&self.folders), key.clone());
        let (file, stat) = blocking(move || read::open(&folders, &key)).await?;
        let size_bytes = stat.size_bytes;
        let (first, length_bytes) = match range {
            None => (0, size_bytes),
            Some(range) => {
                let range = range
                    .within(size_bytes)
                    .ok_or(StorageError::RangeNotSatisfiable { size_bytes })?;
                (range.first(), range.length_bytes())
            }
        };
        Ok(ObjectRead {
            stat,
            bytes: read::stream(file, first, length_bytes),
        })
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), StorageError> {
        let (folders, key) = (Arc::clone(&self.folders), key.clone());
        blocking(move || folders.delete(&key)).await
    }

    async fn list(
        &self,
        scope: ListScope,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<ListPage, StorageError> {
        let after = cursor.map(ObjectKey::parse).transpose()?;
        let folders = Arc::clone(&self.folders);
        blocking(move || list::page(folders.objects_path(), scope, after.as_ref(), limit)).await
    }

    /// Writes and removes a small file with fsync, and checks that the root is still the one that was opened.
    async fn check(&self) -> Result<(), StorageError> {
        let folders = Arc::clone(&self.folders);
        blocking(move || {
            folders.check_identity()?;
            folders.require_space_for(0)?;
            write::probe(&folders)
        })
        .await
    }
}

/// A file system object of the wrong kind where one of ours should be: someone else has been here.
fn foreign_entry() -> StorageError {
    StorageError::unavailable(io::Error::other(
        "something that is not ours lies in the storage folder",
    ))
}
