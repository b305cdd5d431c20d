//! The secrets a vault is run with, each a file that only its owner can read:
//!
//! - `master.key` seals. It never encrypts anything itself: HKDF-SHA256 derives one key for each user and record;
//! - `access-token.key` signs access tokens;
//! - `signing.key` is the root of what is signed besides: refresh tokens, cursors, tickets.
//!
//! None opens or signs what another protects, so each can be changed without the others.

use std::{path::Path, sync::Arc};

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

pub use super::key_file::{KeyError, KeyId};
use super::{
    key_file,
    key_ring::{KeyRing, NewKeys},
};

pub type Key = Zeroizing<[u8; 32]>;

/// All keys of the running vault.
pub struct Keys {
    master: KeyRing,
    access_tokens: Arc<KeyRing>,
    signing: Key,
}

impl Keys {
    /// Reads the key files of `dir`, making those that are not there yet.
    pub fn open(dir: &Path, master_file: Option<&Path>) -> Result<Self, KeyError> {
        let master_path = master_file.map_or_else(|| dir.join("master.key"), Path::to_owned);
        let signing = key_file::read_or_create(&dir.join("signing.key"))?;
        Ok(Self {
            master: KeyRing::open(&master_path, NewKeys::WhenTold)?,
            access_tokens: Arc::new(KeyRing::open(
                &dir.join("access-token.key"),
                NewKeys::AtOnce,
            )?),
            signing: signing
                .into_iter()
                .next_back()
                .map(|(_, key)| key)
                .unwrap_or_default(),
        })
    }

    /// Keys that do not change; what is signed besides has a key from that of the access tokens.
    pub fn from_bytes(master: [u8; 32], access_token: [u8; 32]) -> Self {
        Self {
            master: KeyRing::fixed(master),
            signing: derive(&access_token, b"docuvault/v1/fixed", &[]),
            access_tokens: Arc::new(KeyRing::fixed(access_token)),
        }
    }

    /// The keys that seal.
    pub fn master(&self) -> &KeyRing {
        &self.master
    }

    /// The keys that sign access tokens.
    pub fn access_tokens(&self) -> &Arc<KeyRing> {
        &self.access_tokens
    }

    /// Takes up what has changed in the key files. Cheap when nothing has.
    pub fn look_again(&self) {
        self.master.look_again();
        self.access_tokens.look_again();
    }

    /// A key for one purpose of the whole system, such as `gateway-tickets`.
    pub fn system(&self, purpose: &str) -> Key {
        derive(
            &self.signing[..],
            b"docuvault/v1/system",
            &[purpose.as_bytes()],
        )
    }

    /// A key for one record of one user, by the master key `id`: `purpose` (such as `refresh-successor`), the row's id and its
    /// version. `None` when there is no such master key.
    pub fn record(
        &self,
        id: KeyId,
        user_salt: &[u8],
        user_id: uuid::Uuid,
        purpose: &str,
        row_id: uuid::Uuid,
        version: u32,
    ) -> Option<Key> {
        let user = derive(
            &self.master.key(id)?[..],
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
        Hkdf::<Sha256>::from_prk(&user[..])
            .ok()?
            .expand_multi_info(&info, &mut key[..])
            .ok()?;
        Some(key)
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

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn the_files_of_a_vault_are_made_once_and_differ() {
        let dir = tempfile::tempdir().unwrap();
        let first = Keys::open(dir.path(), None).unwrap();
        let again = Keys::open(dir.path(), None).unwrap();
        assert_eq!(first.system("x"), again.system("x"));
        let made = [
            first.master.active_key().1,
            first.access_tokens.active_key().1,
            first.signing.clone(),
        ];
        assert_eq!(made[0], again.master.active_key().1);
        assert!(made[0] != made[1] && made[1] != made[2] && made[0] != made[2]);
    }

    #[test]
    fn what_is_signed_does_not_depend_on_the_master_key() {
        let (one, other) = (
            Keys::from_bytes([1; 32], [2; 32]),
            Keys::from_bytes([9; 32], [2; 32]),
        );
        assert_eq!(one.system("x"), other.system("x"));
    }

    #[test]
    fn every_purpose_user_row_and_version_has_its_own_key() {
        let keys = Keys::from_bytes([1; 32], [2; 32]);
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let record = |salt: u8, user, purpose, row, version| {
            keys.record(1, &[salt; 32], user, purpose, row, version)
                .unwrap()
        };
        let made = [
            keys.system("a"),
            keys.system("b"),
            record(0, a, "p", a, 1),
            record(1, a, "p", a, 1),
            record(0, b, "p", a, 1),
            record(0, a, "q", a, 1),
            record(0, a, "p", b, 1),
            record(0, a, "p", a, 2),
        ];
        for (i, x) in made.iter().enumerate() {
            assert_ne!(x[..], [0; 32]);
            for y in &made[i + 1..] {
                assert_ne!(x, y);
            }
        }
        assert!(keys.record(2, &[0; 32], a, "p", a, 1).is_none());
    }
}
