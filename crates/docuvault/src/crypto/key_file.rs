//! A key file: one line for each key, `<id> <64 hexadecimal digits>`; a line of digits only is key 1. Only its owner may read it.
//!
//! The highest id is the one to use; the others are kept to read what was made with them. A changed file is written aside,
//! synced and renamed, so that whoever reads it, whenever that is, sees all of the old or all of the new.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::{keys::Key, private_file};

/// Tells keys of one file apart; never 0, and never used twice.
pub type KeyId = u16;
/// The database keeps ids in a smallint.
pub const GREATEST_ID: KeyId = i16::MAX as KeyId;
const FIRST_ID: KeyId = 1;

pub type KeysById = BTreeMap<KeyId, Key>;

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("cannot read or make the key file {}: {source}", .path.display())]
    File { path: PathBuf, source: io::Error },
    #[error(
        "the key file {} does not hold keys: each line is 64 hexadecimal digits, or a number, a space and 64 hexadecimal digits, no number twice",
        .path.display()
    )]
    Malformed { path: PathBuf },
    #[error("the key file {} can be read by others (mode {mode:o}): chmod 600 it", .path.display())]
    Exposed { path: PathBuf, mode: u32 },
    #[error(
        "the key file {} may not be changed by this program ({source}). Where it comes from, add a line of your own: `{next_id}`, a space, and 64 hexadecimal digits, such as `openssl rand -hex 32` prints; then run this command again",
        .path.display()
    )]
    AddYourself {
        path: PathBuf,
        next_id: KeyId,
        source: io::Error,
    },
    #[error("the key file {} may not be changed by this program ({source}). Where it comes from, keep only the lines of these keys: {kept:?}", .path.display())]
    DropYourself {
        path: PathBuf,
        kept: Vec<KeyId>,
        source: io::Error,
    },
    #[error("the key file {} has no room for another number", .path.display())]
    Full { path: PathBuf },
    #[error("the key file {} holds another key {id} than the one in use; put the right one back, or restart", .path.display())]
    Replaced { path: PathBuf, id: KeyId },
}

/// By what a change of a file is noticed without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    inode: u64,
    size_bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    pub fn of(path: &Path) -> Option<Self> {
        let found = fs::metadata(path).ok()?;
        Some(Self {
            inode: found.ino(),
            size_bytes: found.size(),
            modified: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
        })
    }
}

/// Reads the file, making it with one random key when it is not there yet.
pub fn read_or_create(path: &Path) -> Result<KeysById, KeyError> {
    match read(path) {
        Err(KeyError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            create(path).map_err(file_error(path))?;
            read(path)
        }
        read => read,
    }
}

pub fn read(path: &Path) -> Result<KeysById, KeyError> {
    let found = fs::metadata(path).map_err(file_error(path))?;
    let mode = found.mode() & 0o777;
    if is_exposed(found.uid(), rustix::process::geteuid().as_raw(), mode) {
        return Err(KeyError::Exposed {
            path: path.to_owned(),
            mode,
        });
    }
    let text = Zeroizing::new(fs::read_to_string(path).map_err(file_error(path))?);
    parse(&text).ok_or_else(|| KeyError::Malformed {
        path: path.to_owned(),
    })
}

/// Kubernetes mounts a secret as root's, readable by the group that the program runs in, and in no other way.
fn is_exposed(owner: u32, reader: u32, mode: u32) -> bool {
    let mounted = owner == 0 && reader != 0;
    mode & if mounted { 0o037 } else { 0o077 } != 0
}

fn parse(text: &str) -> Option<KeysById> {
    let mut keys = KeysById::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (id, digits) = match line.split_once(char::is_whitespace) {
            Some((id, digits)) => (id.parse().ok()?, digits.trim_start()),
            None => (FIRST_ID, line),
        };
        let mut key = Zeroizing::new([0; 32]);
        hex::decode_to_slice(digits, &mut key[..]).ok()?;
        if !(FIRST_ID..=GREATEST_ID).contains(&id) || keys.insert(id, key).is_some() {
            return None;
        }
    }
    (!keys.is_empty()).then_some(keys)
}

/// Adds a random key under the id that `new_id` names after a look at the keys of the file, if any, and keeps those of which
/// `keep` says so. Answers what is then in the file. Two at once take turns.
pub fn change(
    path: &Path,
    new_id: impl FnOnce(&KeysById) -> Option<KeyId>,
    keep: impl Fn(KeyId, &KeysById) -> bool,
) -> Result<KeysById, KeyError> {
    // A mounted file may be a link into the place where it really is.
    let real = fs::canonicalize(path).map_err(file_error(path))?;
    let dir = real.parent().unwrap_or(Path::new("/"));
    let locked = File::open(dir).map_err(file_error(path))?;
    locked.lock().map_err(file_error(path))?;

    let mut keys = read(&real)?;
    let before = keys.len();
    let new_id = new_id(&keys);
    if let Some(id) = new_id {
        if !(FIRST_ID..=GREATEST_ID).contains(&id) || keys.contains_key(&id) {
            return Err(KeyError::Full {
                path: path.to_owned(),
            });
        }
        keys.insert(id, random_key().map_err(file_error(path))?);
    }
    let all = keys.clone();
    keys.retain(|id, _| keep(*id, &all));
    if new_id.is_some() || keys.len() != before {
        replace(&real, &keys).map_err(|source| match new_id {
            Some(next_id) => KeyError::AddYourself {
                path: path.to_owned(),
                next_id,
                source,
            },
            None => KeyError::DropYourself {
                path: path.to_owned(),
                kept: keys.keys().copied().collect(),
                source,
            },
        })?;
    }
    Ok(keys)
}

/// The one to use.
pub fn newest(keys: &KeysById) -> KeyId {
    keys.keys().next_back().copied().unwrap_or_default()
}

fn create(path: &Path) -> io::Result<()> {
    let first = KeysById::from([(FIRST_ID, random_key()?)]);
    private_file::make_once(path, text_of(&first).as_bytes())
}

fn replace(path: &Path, keys: &KeysById) -> io::Result<()> {
    let old = fs::metadata(path)?;
    let aside = aside(path);
    let written = write_synced(&aside, keys, &old).and_then(|()| fs::rename(&aside, path));
    if written.is_err() {
        // What was to be told is why it could not be written.
        let _ = fs::remove_file(&aside);
    }
    written.and_then(|()| sync_dir_of(path))
}

/// With the owner and mode of the file it replaces: who runs the command may be another user than the server.
fn write_synced(path: &Path, keys: &KeysById, like: &fs::Metadata) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    let made = file.metadata()?;
    if (made.uid(), made.gid()) != (like.uid(), like.gid()) {
        fchown(&file, Some(like.uid()), Some(like.gid()))?;
    }
    file.set_permissions(fs::Permissions::from_mode(like.mode() & 0o700))?;
    file.write_all(text_of(keys).as_bytes())?;
    file.sync_all()
}

fn text_of(keys: &KeysById) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::new());
    for (id, key) in keys {
        let digits = Zeroizing::new(hex::encode(&key[..]));
        for part in [&id.to_string(), " ", digits.as_str(), "\n"] {
            text.push_str(part);
        }
    }
    text
}

fn aside(path: &Path) -> PathBuf {
    path.with_extension(format!("{}.new", std::process::id()))
}

fn sync_dir_of(path: &Path) -> io::Result<()> {
    path.parent()
        .map_or(Ok(()), |dir| File::open(dir)?.sync_all())
}

fn random_key() -> io::Result<Key> {
    let mut key = Zeroizing::new([0; 32]);
    getrandom::fill(&mut key[..]).map_err(io::Error::other)?;
    Ok(key)
}

fn file_error(path: &Path) -> impl Fn(io::Error) -> KeyError {
    move |source| KeyError::File {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file_with(text: &str) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("some.key");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        (dir, path)
    }

    fn ids(keys: &KeysById) -> Vec<KeyId> {
        keys.keys().copied().collect()
    }

    #[test]
    fn a_file_is_made_once_and_kept_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secrets/some.key");
        let made = read_or_create(&path).unwrap();
        assert_eq!(
            (ids(&made), made == read_or_create(&path).unwrap()),
            (vec![1], true)
        );
        let mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        mode(0o400);
        assert!(read(&path).is_ok());
        for exposed in [0o640, 0o604, 0o644] {
            mode(exposed);
            assert!(matches!(read(&path), Err(KeyError::Exposed { .. })));
        }
    }

    #[test]
    fn lines_are_keys_and_nothing_else() {
        let (a, b) = ("ab".repeat(32), "cd".repeat(32));
        let read_text = |text: &str| read(&file_with(text).1);
        assert_eq!(
            ids(&file_of(&format!("{a}\n"))),
            [1],
            "as before there were ids"
        );
        assert_eq!(ids(&file_of(&format!("{a}\n2 {b}\n"))), [1, 2]);
        assert_eq!(ids(&file_of(&format!("\n7 {a}\n 3   {b} "))), [3, 7]);
        for wrong in [
            String::new(),
            "not a key".to_owned(),
            format!("0 {a}"),
            format!("-1 {a}"),
            format!("32768 {a}"),
            format!("{a}\n1 {b}"),
            format!("2 {a}\n2 {a}"),
            format!("2 {a}00"),
            format!("2 {}", &a[2..]),
            format!("2 {a} {b}"),
        ] {
            assert!(
                matches!(read_text(&wrong), Err(KeyError::Malformed { .. })),
                "{wrong}"
            );
        }
    }

    #[test]
    fn the_group_may_read_what_root_mounted() {
        assert!(!is_exposed(0, 10001, 0o440));
        for (owner, reader, mode) in [
            (0, 10001, 0o444),
            (0, 10001, 0o460),
            (0, 0, 0o440),
            (10001, 10001, 0o440),
        ] {
            assert!(is_exposed(owner, reader, mode), "{owner} {reader} {mode:o}");
        }
    }

    fn file_of(text: &str) -> KeysById {
        let (_dir, path) = file_with(text);
        read(&path).unwrap()
    }

    #[test]
    fn keys_are_added_and_dropped_and_mode_is_kept() {
        let (dir, path) = file_with(&"ab".repeat(32));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        let before = Stamp::of(&path);
        let first = read(&path).unwrap();
        let same = change(&path, |_| None, |_, _| true).unwrap();
        assert_eq!(
            (ids(&same), Stamp::of(&path)),
            (vec![1], before),
            "nothing to do"
        );

        let two = change(&path, |keys| Some(newest(keys) + 1), |_, _| true).unwrap();
        assert_eq!(ids(&two), [1, 2]);
        assert_eq!(two[&1], first[&1]);
        assert_eq!(two, read(&path).unwrap());
        assert_ne!(Stamp::of(&path), before);
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o400);

        let only_newest = |id, all: &KeysById| id == newest(all);
        assert_eq!(ids(&change(&path, |_| None, only_newest).unwrap()), [2]);
        assert_eq!(
            fs::read_dir(dir.path()).unwrap().count(),
            1,
            "nothing is left aside"
        );
    }

    #[test]
    fn a_file_that_cannot_be_changed_is_left_and_told_about() {
        let (_dir, path) = file_with(&"ab".repeat(32));
        // As a folder that takes no new file would do.
        fs::create_dir(aside(&path)).unwrap();
        let error = change(&path, |_| Some(2), |_, _| true).unwrap_err();
        let told = error.to_string();
        assert!(matches!(error, KeyError::AddYourself { next_id: 2, .. }));
        assert!(
            told.contains("`2`") && told.contains("openssl rand"),
            "{told}"
        );
        assert_eq!(ids(&read(&path).unwrap()), [1]);
    }

    #[test]
    fn two_changes_at_once_lose_no_key() {
        let (_dir, path) = file_with(&"ab".repeat(32));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| change(&path, |keys| Some(newest(keys) + 1), |_, _| true).unwrap());
            }
        });
        assert_eq!(ids(&read(&path).unwrap()), (1..=9).collect::<Vec<_>>());
    }
}
