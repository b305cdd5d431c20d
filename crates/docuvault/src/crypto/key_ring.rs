//! The keys of one file, in memory, following the file while the program runs.
//!
//! A running process looks again when an id is met that it does not know, and every few moments besides. A file that cannot be
//! read, or that holds another key under an id in use, changes nothing: the keys at hand go on being used, and the log tells why.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use super::{
    key_file::{self, KeyError, KeyId, KeysById, Stamp, newest},
    keys::Key,
};

/// When a key that a running process finds in its file begins to seal and sign. It opens and verifies at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewKeys {
    AtOnce,
    /// When [`KeyRing::use_key`] says so: after every process has been seen to have the same.
    WhenTold,
}

pub struct KeyRing {
    /// `None`: keys that do not change.
    file: Option<PathBuf>,
    new_keys: NewKeys,
    held: RwLock<Arc<Held>>,
    /// The file as it was at the last look, good or not.
    seen: Mutex<Option<Stamp>>,
}

struct Held {
    keys: KeysById,
    active: KeyId,
}

impl KeyRing {
    /// Reads the file, making it when it is not there yet. The highest id is the one in use.
    pub fn open(path: &Path, new_keys: NewKeys) -> Result<Self, KeyError> {
        let seen = Stamp::of(path);
        let keys = key_file::read_or_create(path)?;
        Ok(Self {
            file: Some(path.to_owned()),
            new_keys,
            held: RwLock::new(Arc::new(Held {
                active: newest(&keys),
                keys,
            })),
            seen: Mutex::new(seen),
        })
    }

    /// One key of id 1 that never changes.
    pub fn fixed(key: [u8; 32]) -> Self {
        let keys = KeysById::from([(1, Key::new(key))]);
        Self {
            file: None,
            new_keys: NewKeys::AtOnce,
            held: RwLock::new(Arc::new(Held { keys, active: 1 })),
            seen: Mutex::new(None),
        }
    }

    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The id that seals and signs.
    pub fn active(&self) -> KeyId {
        self.held().active
    }

    /// The key that seals and signs, with its id.
    pub fn active_key(&self) -> (KeyId, Key) {
        let held = self.held();
        let key = held.keys.get(&held.active).cloned();
        // The active id is one of those held, always.
        (held.active, key.unwrap_or_default())
    }

    /// All ids, in order.
    pub fn ids(&self) -> Vec<KeyId> {
        self.held().keys.keys().copied().collect()
    }

    /// The key of this id. One that is unknown is looked for in the file, which is read again only if it has changed.
    pub fn key(&self, id: KeyId) -> Option<Key> {
        if let Some(key) = self.held().keys.get(&id) {
            return Some(key.clone());
        }
        self.look_again();
        self.held().keys.get(&id).cloned()
    }

    /// Seals and signs with this key from now on, if it is held and newer than the one in use.
    pub fn use_key(&self, id: KeyId) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        if held.keys.contains_key(&id) && id > held.active {
            *held = Arc::new(Held {
                keys: held.keys.clone(),
                active: id,
            });
        }
    }

    /// Takes up what has changed in the file since the last look. Cheap when nothing has.
    pub fn look_again(&self) {
        let Some(path) = &self.file else { return };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = Stamp::of(path);
        if stamp == *seen {
            return;
        }
        // A bad file is read, and complained of, once.
        *seen = stamp;
        if let Err(error) = key_file::read(path).and_then(|keys| self.take_up(path, keys)) {
            tracing::error!(%error, "the changed key file is not taken up");
        }
    }

    fn take_up(&self, path: &Path, keys: KeysById) -> Result<(), KeyError> {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        let replaced =
            |(id, key): &(&KeyId, &Key)| held.keys.get(id).is_some_and(|old| old != *key);
        if let Some((id, _)) = keys.iter().find(replaced) {
            return Err(KeyError::Replaced {
                path: path.to_owned(),
                id: *id,
            });
        }
        let mut keys = keys;
        let active = match self.new_keys {
            NewKeys::AtOnce => newest(&keys),
            NewKeys::WhenTold => {
                // Kept until another is in use, even if it is gone from the file.
                let in_use = held.keys.get_key_value(&held.active);
                keys.extend(in_use.map(|(id, key)| (*id, key.clone())));
                held.active
            }
        };
        tracing::info!(file = %path.display(), keys = keys.len(), "the key file has changed");
        *held = Arc::new(Held { keys, active });
        Ok(())
    }

    fn held(&self) -> Arc<Held> {
        Arc::clone(&self.held.read().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::PermissionsExt};

    fn add_key(path: &Path) {
        key_file::change(path, |keys| Some(newest(keys) + 1), |_, _| true).unwrap();
    }

    fn ring(new_keys: NewKeys) -> (tempfile::TempDir, PathBuf, KeyRing) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("some.key");
        let ring = KeyRing::open(&path, new_keys).unwrap();
        (dir, path, ring)
    }

    #[test]
    fn an_unknown_id_is_looked_for_at_once() {
        let (_dir, path, ring) = ring(NewKeys::AtOnce);
        assert!(ring.key(2).is_none());
        add_key(&path);
        assert_eq!(ring.active(), 1, "nobody has looked yet");
        assert!(ring.key(2).is_some());
        assert_eq!((ring.active(), ring.ids()), (2, vec![1, 2]));
        assert!(ring.key(3).is_none());
    }

    #[test]
    fn a_key_that_needs_telling_opens_at_once_and_seals_when_told() {
        let (_dir, path, ring) = ring(NewKeys::WhenTold);
        add_key(&path);
        ring.look_again();
        assert!(ring.key(2).is_some());
        assert_eq!(ring.active(), 1);
        ring.use_key(3);
        assert_eq!(ring.active(), 1);
        ring.use_key(2);
        ring.use_key(1);
        assert_eq!((ring.active(), ring.active_key().0), (2, 2));
    }

    #[test]
    fn a_key_in_use_is_kept_until_another_is() {
        let (_dir, path, ring) = ring(NewKeys::WhenTold);
        add_key(&path);
        key_file::change(&path, |_| None, |id, _| id == 2).unwrap();
        ring.look_again();
        assert_eq!((ring.ids(), ring.active()), (vec![1, 2], 1));
    }

    #[test]
    fn a_bad_file_changes_nothing() {
        let (_dir, path, ring) = ring(NewKeys::WhenTold);
        let good = fs::read_to_string(&path).unwrap();
        let key = ring.key(1);
        let other = "ab".repeat(32);
        for bad in ["", "garbage", &format!("1 {other}\n2 {other}")] {
            fs::write(&path, bad).unwrap();
            ring.look_again();
            assert_eq!((ring.ids(), ring.key(1)), (vec![1], key.clone()), "{bad}");
        }
        fs::remove_file(&path).unwrap();
        ring.look_again();
        assert_eq!(ring.key(1), key);
        fs::write(&path, format!("{good}2 {other}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        ring.look_again();
        assert_eq!(ring.ids(), [1], "readable by others");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        ring.look_again();
        assert_eq!(ring.ids(), [1, 2]);
    }
}
