//! The folders of a local store, walked by handles so that no symbolic link is ever followed.

use std::{
    ffi::OsStr,
    fs::{self, DirBuilder, File},
    io,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::fs::{DirBuilderExt, MetadataExt},
    },
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use rustix::{
    fs::{AtFlags, Mode, OFlags},
    io::Errno,
};

use super::foreign_entry;
use crate::{ObjectKey, StorageError};

const OPEN_FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// Open handles on `objects` and `tmp` below one root.
#[derive(Debug)]
pub(super) struct Folders {
    objects: File,
    temporary: File,
    objects_path: PathBuf,
    temporary_path: PathBuf,
    free_space_floor_bytes: u64,
}

/// The names of an object's folders below `objects`, outermost first.
pub(super) fn folder_names(key: &ObjectKey) -> [String; 3] {
    let document = key.document_id().to_string();
    let fan_out = document[document.len() - 2..].to_owned();
    [key.user_id().to_string(), fan_out, document]
}

impl Folders {
    pub(super) fn open(root: &Path, free_space_floor_bytes: u64) -> Result<Self, StorageError> {
        let (objects_path, temporary_path) = (root.join("objects"), root.join("tmp"));
        create_durably(root)?;
        let (objects, temporary) = (
            open_or_create(&objects_path)?,
            open_or_create(&temporary_path)?,
        );
        if objects.metadata()?.dev() != temporary.metadata()?.dev() {
            let advice =
                "objects and tmp must be on one filesystem, or publishing would not be atomic";
            return Err(StorageError::unavailable(advice));
        }
        Ok(Self {
            objects,
            temporary,
            objects_path,
            temporary_path,
            free_space_floor_bytes,
        })
    }

    pub(super) fn objects_path(&self) -> &Path {
        &self.objects_path
    }

    pub(super) fn temporary(&self) -> BorrowedFd<'_> {
        self.temporary.as_fd()
    }

    /// Refuses what would leave less free than the floor.
    pub(super) fn require_space_for(&self, size_bytes: u64) -> Result<(), StorageError> {
        let space = rustix::fs::fstatvfs(&self.temporary)?;
        let free_bytes = space.f_bavail.saturating_mul(space.f_frsize);
        if free_bytes < self.free_space_floor_bytes.saturating_add(size_bytes) {
            return Err(StorageError::NoSpace);
        }
        Ok(())
    }

    /// After an unmount or a swapped folder the handles would still work, on a store nobody sees any more.
    pub(super) fn check_identity(&self) -> Result<(), StorageError> {
        for (file, path) in [
            (&self.objects, &self.objects_path),
            (&self.temporary, &self.temporary_path),
        ] {
            let (opened, named) = (file.metadata()?, fs::symlink_metadata(path)?);
            if (opened.dev(), opened.ino()) != (named.dev(), named.ino()) {
                return Err(foreign_entry());
            }
        }
        Ok(())
    }

    /// The folder of an object; `ENOENT` if there is none.
    pub(super) fn open_folder_of(&self, key: &ObjectKey) -> Result<OwnedFd, Errno> {
        let mut folder = rustix::fs::openat(&self.objects, ".", OPEN_FOLDER, Mode::empty())?;
        for name in folder_names(key) {
            folder = rustix::fs::openat(&folder, name, OPEN_FOLDER, Mode::empty())?;
        }
        Ok(folder)
    }

    /// The folder of an object, created durably. `ENOENT` if a concurrent delete removed it in between: try again.
    pub(super) fn create_folder_of(&self, key: &ObjectKey) -> Result<OwnedFd, Errno> {
        let mut folder = rustix::fs::openat(&self.objects, ".", OPEN_FOLDER, Mode::empty())?;
        for name in folder_names(key) {
            folder = match rustix::fs::openat(&folder, &name, OPEN_FOLDER, Mode::empty()) {
                Err(Errno::NOENT) => {
                    match rustix::fs::mkdirat(&folder, &name, Mode::RWXU) {
                        Ok(()) | Err(Errno::EXIST) => rustix::fs::fsync(&folder)?,
                        Err(errno) => return Err(errno),
                    }
                    rustix::fs::openat(&folder, &name, OPEN_FOLDER, Mode::empty())?
                }
                opened => opened?,
            };
        }
        Ok(folder)
    }

    /// Removes the object and the folders this leaves empty. Durable when it returns.
    pub(super) fn delete(&self, key: &ObjectKey) -> Result<(), StorageError> {
        let folder = match self.open_folder_of(key) {
            Err(Errno::NOENT) => return Ok(()),
            opened => opened?,
        };
        match rustix::fs::unlinkat(&folder, key.file_name(), AtFlags::empty()) {
            Ok(()) => rustix::fs::fsync(&folder)?,
            Err(Errno::NOENT) => {}
            Err(errno) => return Err(errno.into()),
        }
        drop(folder);
        self.remove_empty_folders_of(key);
        Ok(())
    }

    /// Empty folders cost nothing but inodes, so a failure here is no failure of the delete.
    fn remove_empty_folders_of(&self, key: &ObjectKey) {
        let names = folder_names(key);
        for depth in (1..=names.len()).rev() {
            let path = names[..depth].join("/");
            if rustix::fs::unlinkat(&self.objects, path, AtFlags::REMOVEDIR).is_err() {
                return;
            }
        }
    }

    pub(super) fn sweep_temporary_files(&self, max_age: Duration) -> Result<u64, StorageError> {
        let now = SystemTime::now();
        let mut swept = 0;
        for entry in fs::read_dir(&self.temporary_path)? {
            let entry = entry?;
            // Another process may be sweeping too: what is gone is gone.
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            let age = now.duration_since(metadata.modified()?).unwrap_or_default();
            if metadata.is_file()
                && age > max_age
                && self.remove_temporary(&entry.file_name()).is_ok()
            {
                swept += 1;
            }
        }
        Ok(swept)
    }

    pub(super) fn remove_temporary(&self, name: &OsStr) -> Result<(), Errno> {
        rustix::fs::unlinkat(&self.temporary, name, AtFlags::empty())
    }
}

/// `mkdir -p` that also syncs each parent, so that the folders survive a power cut.
fn create_durably(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    create_durably(parent)?;
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => File::open(parent)?.sync_all(),
    }
}

fn open_or_create(path: &Path) -> Result<File, StorageError> {
    create_durably(path)?;
    Ok(rustix::fs::open(path, OPEN_FOLDER, Mode::empty())?.into())
}
