//! Writing a local object: temporary file, hash while streaming, fsync, publish in one step.

use std::{ffi::OsStr, fs::File, io::Write, mem, os::fd::BorrowedFd, sync::Arc};

use bytes::Buf;
use futures::{
    FutureExt, StreamExt,
    future::{self, BoxFuture},
};
use rustix::{
    fs::{AtFlags, Mode, OFlags, RenameFlags},
    io::Errno,
};
use sha2::{Digest, Sha256};
use tokio::task;
use uuid::Uuid;

use super::{
    folders::Folders,
    read::{self, stat},
};
use crate::{ByteStream, Existing, NewObject, ObjectKey, Sha256Digest, StorageError, Stored};

/// One buffer fills from the network while the other is hashed and written, so memory per upload is twice this.
const BUFFER_BYTES: usize = 1024 * 1024;

/// How often a publish starts over because a concurrent delete removed the folder under it.
const PUBLISH_ATTEMPTS: usize = 32;

/// Streams `bytes` into a temporary file and publishes it as `object`.
pub(super) async fn put(
    folders: Arc<Folders>,
    object: &NewObject,
    bytes: ByteStream,
) -> Result<Stored, StorageError> {
    let mut pen = Pen::start(folders, object.clone()).await?;
    match pen.copy(bytes, object.size_bytes).await {
        Ok(()) => pen.publish(object.clone()).await,
        Err(error) => {
            pen.discard().await;
            Err(error)
        }
    }
}

/// Ends with the file and an empty buffer.
type Writing = BoxFuture<'static, Result<(TemporaryFile, Vec<u8>), StorageError>>;

/// Writes one full buffer at a time on a blocking thread while the next one fills. Dropping it at any moment, also
/// in the middle of a write, ends in the temporary file being removed.
struct Pen {
    /// The write under way, or the last one; `None` once it has failed.
    writing: Option<Writing>,
    filling: Vec<u8>,
}

impl Pen {
    /// Refuses what can be refused before the client has sent a byte.
    async fn start(folders: Arc<Folders>, object: NewObject) -> Result<Self, StorageError> {
        let buffer_bytes =
            BUFFER_BYTES.min(usize::try_from(object.size_bytes).unwrap_or(BUFFER_BYTES));
        let file = super::blocking(move || {
            if object.existing == Existing::Keep {
                match read::open(&folders, &object.key) {
                    Err(StorageError::NotFound) => {}
                    Err(error) => return Err(error),
                    Ok(_) => return Err(StorageError::AlreadyExists),
                }
            }
            folders.require_space_for(object.size_bytes)?;
            TemporaryFile::create(folders)
        })
        .await?;
        let writing = future::ready(Ok((file, Vec::with_capacity(buffer_bytes)))).boxed();
        Ok(Self {
            writing: Some(writing),
            filling: Vec::with_capacity(buffer_bytes),
        })
    }

    async fn copy(
        &mut self,
        mut bytes: ByteStream,
        expected_bytes: u64,
    ) -> Result<(), StorageError> {
        let mut received_bytes = 0;
        while let Some(chunk) = bytes.next().await {
            let mut chunk = chunk.map_err(StorageError::SourceFailed)?;
            received_bytes += chunk.len() as u64;
            if received_bytes > expected_bytes {
                return Err(StorageError::SizeMismatch {
                    expected_bytes,
                    received_bytes,
                });
            }
            while chunk.has_remaining() {
                let taken = chunk.split_to(chunk.len().min(BUFFER_BYTES - self.filling.len()));
                self.filling.extend_from_slice(&taken);
                if self.filling.len() == BUFFER_BYTES {
                    self.write_filled().await?;
                }
            }
        }
        if received_bytes < expected_bytes {
            return Err(StorageError::SizeMismatch {
                expected_bytes,
                received_bytes,
            });
        }
        self.write_filled().await
    }

    async fn write_filled(&mut self) -> Result<(), StorageError> {
        let (mut file, empty) = self.finish_write().await?;
        let mut full = mem::replace(&mut self.filling, empty);
        // Spawned at once rather than when awaited: that is what makes it run while the next buffer fills.
        let task = task::spawn_blocking(move || {
            file.append(&full)?;
            full.clear();
            Ok((file, full))
        });
        self.writing = Some(async { task.await.map_err(StorageError::unavailable)? }.boxed());
        Ok(())
    }

    async fn finish_write(&mut self) -> Result<(TemporaryFile, Vec<u8>), StorageError> {
        let writing = self
            .writing
            .take()
            .ok_or_else(|| StorageError::unavailable("an earlier write failed"))?;
        writing.await
    }

    async fn publish(mut self, object: NewObject) -> Result<Stored, StorageError> {
        let (file, _) = self.finish_write().await?;
        super::blocking(move || file.publish(&object)).await
    }

    /// Waits for the write under way, so that the temporary file is gone when the error is reported.
    async fn discard(mut self) {
        if let Some(writing) = self.writing.take() {
            drop(writing.await);
        }
    }
}

/// A file in `tmp` that removes itself unless it is published.
struct TemporaryFile {
    file: File,
    name: String,
    folders: Arc<Folders>,
    sha256: Sha256,
    published: bool,
}

impl TemporaryFile {
    fn create(folders: Arc<Folders>) -> Result<Self, StorageError> {
        let name = Uuid::new_v4().to_string();
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(folders.temporary(), &name, flags, Mode::RUSR | Mode::WUSR)?;
        Ok(Self {
            file: file.into(),
            name,
            folders,
            sha256: Sha256::new(),
            published: false,
        })
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), StorageError> {
        self.folders.require_space_for(bytes.len() as u64)?;
        self.sha256.update(bytes);
        Ok(self.file.write_all(bytes)?)
    }

    /// Makes the content durable, then visible, then the visibility durable.
    fn publish(mut self, object: &NewObject) -> Result<Stored, StorageError> {
        let sha256: Sha256Digest = mem::take(&mut self.sha256).finalize().into();
        if object
            .expected_sha256
            .is_some_and(|expected| expected != sha256)
        {
            return Err(StorageError::ChecksumMismatch);
        }
        self.file.sync_all()?;
        let stat = stat(&self.file)?;
        self.move_to(&object.key, object.existing)?;
        Ok(Stored {
            size_bytes: stat.size_bytes,
            sha256,
            etag: stat.etag,
        })
    }

    fn move_to(&mut self, key: &ObjectKey, existing: Existing) -> Result<(), StorageError> {
        let name = key.file_name();
        for _ in 0..PUBLISH_ATTEMPTS {
            let moved = self.folders.create_folder_of(key).and_then(|folder| {
                match existing {
                    Existing::Keep => {
                        rename_new(self.folders.temporary(), &self.name, &folder, &name)?;
                    }
                    Existing::Replace => {
                        rustix::fs::renameat(self.folders.temporary(), &self.name, &folder, &name)?;
                    }
                }
                self.published = true;
                rustix::fs::fsync(&folder)
            });
            match moved {
                Err(Errno::NOENT) => {}
                other => return Ok(other?),
            }
        }
        Err(StorageError::unavailable(
            "the object's folder kept disappearing",
        ))
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        if !self.published
            && let Err(errno) = self.folders.remove_temporary(OsStr::new(&self.name))
        {
            tracing::warn!(%errno, "could not remove a temporary file; the sweep will");
        }
    }
}

/// Moves a file to a name that must be free, without a race.
fn rename_new(
    from: BorrowedFd<'_>,
    old: &str,
    to: impl std::os::fd::AsFd,
    new: &str,
) -> Result<(), Errno> {
    match rustix::fs::renameat_with(from, old, &to, new, RenameFlags::NOREPLACE) {
        // Filesystems without it (NFS among them) have hard links, which never replace either.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            rustix::fs::linkat(from, old, &to, new, AtFlags::empty())?;
            // The object is in place; a temporary name left over is the sweep's business.
            let _ = rustix::fs::unlinkat(from, old, AtFlags::empty());
            Ok(())
        }
        renamed => renamed,
    }
}

/// Creates, syncs and removes a small file.
pub(super) fn probe(folders: &Arc<Folders>) -> Result<(), StorageError> {
    let mut file = TemporaryFile::create(Arc::clone(folders))?;
    file.append(b"probe")?;
    Ok(file.file.sync_all()?)
}
