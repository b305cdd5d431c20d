//! Reading a local object: open without following links, then stream it in chunks.

use std::{
    fs::File,
    io,
    os::unix::fs::{FileExt, MetadataExt},
};

use bytes::Bytes;
use futures::{StreamExt, stream};
use rustix::{
    fs::{Mode, OFlags},
    io::Errno,
};
use tokio::task;

use super::{folders::Folders, foreign_entry};
use crate::{ByteStream, ObjectKey, ObjectStat, StorageError};

/// Large enough that the hop to a blocking thread costs nothing, small enough to bound memory per download.
const CHUNK_BYTES: u64 = 512 * 1024;

/// The object's file and what it is.
pub(super) fn open(folders: &Folders, key: &ObjectKey) -> Result<(File, ObjectStat), StorageError> {
    // NONBLOCK: opening a planted FIFO must not hang.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let opened = folders
        .open_folder_of(key)
        .and_then(|folder| rustix::fs::openat(&folder, key.file_name(), flags, Mode::empty()));
    let file = match opened {
        Ok(file) => File::from(file),
        Err(Errno::LOOP | Errno::NOTDIR) => return Err(foreign_entry()),
        Err(errno) => return Err(errno.into()),
    };
    let stat = stat(&file)?;
    Ok((file, stat))
}

/// What an open object file is. Objects are written once, so time and length tell contents apart.
pub(super) fn stat(file: &File) -> Result<ObjectStat, StorageError> {
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(foreign_entry());
    }
    let etag = format!(
        "{:x}-{:x}-{:x}",
        metadata.mtime(),
        metadata.mtime_nsec(),
        metadata.len()
    );
    Ok(ObjectStat {
        size_bytes: metadata.len(),
        etag,
        sha256: None,
    })
}

/// `length_bytes` bytes from `offset` on; a file that turns out shorter ends the stream with an error.
pub(super) fn stream(file: File, offset: u64, length_bytes: u64) -> ByteStream {
    stream::try_unfold(
        (file, offset, length_bytes),
        |(file, offset, left)| async move {
            if left == 0 {
                return Ok(None);
            }
            let wanted = left.min(CHUNK_BYTES);
            let (file, chunk) = task::spawn_blocking(move || {
                let mut chunk = vec![0; wanted as usize];
                file.read_exact_at(&mut chunk, offset)?;
                io::Result::Ok((file, Bytes::from(chunk)))
            })
            .await
            .map_err(io::Error::other)??;
            Ok(Some((chunk, (file, offset + wanted, left - wanted))))
        },
    )
    .boxed()
}
