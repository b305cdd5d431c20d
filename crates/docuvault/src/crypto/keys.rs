//! The secrets a vault is run with, each a file of 32 random bytes (hex) that only its owner can read.
//!
//! The master key never encrypts anything itself: HKDF-SHA256 derives one key per system purpose and, with each user's own
//! salt, one per user and record. The key that signs access tokens is separate, so neither opens what the other protects.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

pub type Key = Zeroizing<[u8; 32]>;

/// Id of the master key in use; part of every envelope.
pub const MASTER_KEY_ID: u16 = 1;

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("cannot read or create the key file {path}: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error("the key file {path} does not hold 64 hexadecimal digits")]
    Malformed { path: PathBuf },
    #[error("the key file {path} can be read by others (mode {mode:o}): chmod 600 it")]
    Exposed { path: PathBuf, mode: u32 },
}

/// All keys of the running vault.
pub struct Keys {
    master: Key,
    access_token: Key,
}

impl Keys {
    /// Reads the key files of `dir`, making those that are not there yet.
    pub fn open(dir: &Path, master_file: Option<&Path>) -> Result<Self, KeyError> {
        let master_path = master_file.map_or_else(|| dir.join("master.key"), Path::to_owned);
        Ok(Self {
            master: read_or_create(&master_path)?,
            access_token: read_or_create(&dir.join("access-token.key"))?,
        })
    }

    pub fn from_bytes(master: [u8; 32], access_token: [u8; 32]) -> Self {
        Self {
            master: Zeroizing::new(master),
            access_token: Zeroizing::new(access_token),
        }
    }

    /// Signs access tokens.
    pub fn access_token(&self) -> &[u8; 32] {
        &self.access_token
    }

    /// A key for one purpose of the whole system, such as `gateway-tickets`.
    pub fn system(&self, purpose: &str) -> Key {
        derive(
            &self.master[..],
            b"docuvault/v1/system",
            &[purpose.as_bytes()],
        )
    }

    /// A key for one record of one user: `purpose` (such as `refresh-successor`), the row's id and its key version.
    pub fn record(
        &self,
        user_salt: &[u8],
        user_id: uuid::Uuid,
        purpose: &str,
        row_id: uuid::Uuid,
        version: u32,
    ) -> Key {
        let user = derive(
            &self.master[..],
            user_salt,
            &[b"docuvault/v1/user", &prefixed(user_id.as_bytes())],
        );
        let info: [&[u8]; 4] = [
            b"docuvault/v1/",
            purpose.as_bytes(),
            &prefixed(row_id.as_bytes()),
            &prefixed(&version.to_be_bytes()),
        ];
        let mut key = Zeroizing::new([0; 32]);
        // PRK-sized input and a 32-byte output are always within HKDF's bounds.
        let expanded = Hkdf::<Sha256>::from_prk(&user[..]).and_then(|hkdf| {
            hkdf.expand_multi_info(&info, &mut key[..])
                .map_err(|_| hkdf::InvalidPrkLength)
        });
        debug_assert!(expanded.is_ok());
        key
    }
}

fn derive(secret: &[u8], salt: &[u8], info: &[&[u8]]) -> Key {
    let mut key = Zeroizing::new([0; 32]);
    let expanded = Hkdf::<Sha256>::new(Some(salt), secret).expand_multi_info(info, &mut key[..]);
    debug_assert!(expanded.is_ok(), "32 bytes are within HKDF's bounds");
    key
}

/// Length before bytes, so that neighbouring fields cannot slide into one another.
pub(super) fn prefixed(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes(), bytes].concat()
}

fn read_or_create(path: &Path) -> Result<Key, KeyError> {
    let file_error = |source| KeyError::File {
        path: path.to_owned(),
        source,
    };
    match fs::read_to_string(path) {
        Ok(text) => {
            let mode = fs::metadata(path).map_err(file_error)?.permissions().mode() & 0o777;
            if mode & 0o077 != 0 {
                return Err(KeyError::Exposed {
                    path: path.to_owned(),
                    mode,
                });
            }
            let text = Zeroizing::new(text);
            decode_hex(text.trim()).ok_or_else(|| KeyError::Malformed {
                path: path.to_owned(),
            })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => create(path).map_err(file_error),
        Err(error) => Err(file_error(error)),
    }
}

fn create(path: &Path) -> io::Result<Key> {
    let mut key = Zeroizing::new([0; 32]);
    getrandom::fill(&mut key[..]).map_err(io::Error::other)?;
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    // Written aside and linked into place, so that a crash leaves no half key and two starts agree on one.
    let aside = path.with_extension(format!("{}.new", std::process::id()));
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&aside)?;
    let hex = Zeroizing::new(hex::encode(&key[..]));
    file.write_all(hex.as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(&aside, path);
    fs::remove_file(&aside)?;
    match linked {
        Ok(()) => {
            if let Some(dir) = path.parent() {
                fs::File::open(dir)?.sync_all()?;
            }
            Ok(key)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            decode_hex(fs::read_to_string(path)?.trim())
                .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
        }
        Err(error) => Err(error),
    }
}

fn decode_hex(text: &str) -> Option<Key> {
    let mut key = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text, &mut key[..]).ok()?;
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn keys_are_made_once_and_kept_private() {
        let dir = tempfile::tempdir().unwrap();
        let first = Keys::open(dir.path(), None).unwrap();
        let again = Keys::open(dir.path(), None).unwrap();
        assert_eq!(first.system("x"), again.system("x"));
        assert_ne!(&first.access_token()[..], &first.master[..]);
        let path = dir.path().join("master.key");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(
            Keys::open(dir.path(), None),
            Err(KeyError::Exposed { .. })
        ));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "not a key").unwrap();
        assert!(matches!(
            Keys::open(dir.path(), None),
            Err(KeyError::Malformed { .. })
        ));
    }

    #[test]
    fn every_purpose_user_row_and_version_has_its_own_key() {
        let keys = Keys::from_bytes([1; 32], [2; 32]);
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let made = [
            keys.system("a"),
            keys.system("b"),
            keys.record(&[0; 32], a, "p", a, 1),
            keys.record(&[1; 32], a, "p", a, 1),
            keys.record(&[0; 32], b, "p", a, 1),
            keys.record(&[0; 32], a, "q", a, 1),
            keys.record(&[0; 32], a, "p", b, 1),
            keys.record(&[0; 32], a, "p", a, 2),
        ];
        for (i, x) in made.iter().enumerate() {
            assert_ne!(x[..], [0; 32]);
            for y in &made[i + 1..] {
                assert_ne!(x, y);
            }
        }
    }
}
