//! Listing a local store page by page, in the order of its folders.

use std::{
    fs::{self, DirEntry},
    io,
    path::Path,
};

use super::folders::folder_names;
use crate::{ListPage, ListScope, ListedObject, ObjectKey, StorageError};

/// Folders above an object file: user, fan-out, document.
const FOLDER_LEVELS: usize = 3;

/// Up to `limit` objects of `scope` behind `after`, the last object of the page before.
pub(super) fn page(
    objects: &Path,
    scope: ListScope,
    after: Option<&ObjectKey>,
    limit: usize,
) -> Result<ListPage, StorageError> {
    let after = after.map(|key| {
        let [user, fan_out, document] = folder_names(key);
        [user, fan_out, document, key.file_name()]
    });
    let mut walk = Walk {
        scope: names_of(scope),
        limit: limit.max(1),
        page: ListPage::default(),
    };
    walk.descend(objects, 0, after.as_ref())?;
    let mut page = walk.page;
    if page.objects.len() == walk.limit {
        page.next_cursor = page.objects.last().map(|last| last.key.to_string());
    }
    Ok(page)
}

/// The one folder to enter per level, where the scope names one.
fn names_of(scope: ListScope) -> [Option<String>; FOLDER_LEVELS] {
    match scope {
        ListScope::All => [None, None, None],
        ListScope::User(user_id) => [Some(user_id.to_string()), None, None],
        ListScope::Document {
            user_id,
            document_id,
        } => folder_names(&ObjectKey::new(user_id, document_id, document_id, "")).map(Some),
    }
}

struct Walk {
    scope: [Option<String>; FOLDER_LEVELS],
    limit: usize,
    page: ListPage,
}

impl Walk {
    /// Visits `folder` in name order. `after` is set only along the path to the last object of the page before.
    fn descend(
        &mut self,
        folder: &Path,
        level: usize,
        after: Option<&[String; 4]>,
    ) -> Result<(), StorageError> {
        for (name, entry) in sorted_entries(folder)? {
            let passed = after.map(|after| name.as_str().cmp(&after[level]));
            let is_object = level == FOLDER_LEVELS;
            if passed.is_some_and(|order| order.is_lt() || (is_object && order.is_eq())) {
                continue;
            }
            if is_object {
                self.visit(&name, &entry)?;
            } else if self.scope[level]
                .as_ref()
                .is_none_or(|wanted| *wanted == name)
            {
                if entry.file_type()?.is_dir() {
                    let along = after.filter(|_| passed.is_some_and(std::cmp::Ordering::is_eq));
                    self.descend(&entry.path(), level + 1, along)?;
                } else {
                    self.page.unrecognised += 1;
                }
            }
            if self.page.objects.len() == self.limit {
                break;
            }
        }
        Ok(())
    }

    fn visit(&mut self, name: &str, entry: &DirEntry) -> Result<(), StorageError> {
        // Deleted since the folder was read: no longer part of the store.
        let metadata = match entry.metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            metadata => metadata?,
        };
        match key_at(&entry.path(), name) {
            Some(key) if metadata.is_file() => self.page.objects.push(ListedObject {
                key,
                size_bytes: metadata.len(),
                modified_at: metadata.modified()?.into(),
            }),
            _ => self.page.unrecognised += 1,
        }
        Ok(())
    }
}

/// The key whose object lives at `path`; `None` if no key does.
fn key_at(path: &Path, name: &str) -> Option<ObjectKey> {
    let mut folders = path
        .ancestors()
        .skip(1)
        .map(|folder| folder.file_name().and_then(|name| name.to_str()));
    let (document, fan_out, user) = (folders.next()??, folders.next()??, folders.next()??);
    let key = ObjectKey::parse(&format!("{user}/{document}/{name}")).ok()?;
    (folder_names(&key)[1] == fan_out).then_some(key)
}

/// Names that are not UTF-8 sort and show as their lossy form, which is never a key.
fn sorted_entries(folder: &Path) -> Result<Vec<(String, DirEntry)>, StorageError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut entries = entries
        .map(|entry| entry.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry)))
        .collect::<io::Result<Vec<_>>>()?;
    entries.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    Ok(entries)
}
