//! Seals a secret for one record: `0x01 | algorithm | key id | nonce | ciphertext | tag`, AES-256-GCM.
//!
//! The associated data names user, column, row and version, so a ciphertext moved elsewhere does not open.

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::keys::{Keys, MASTER_KEY_ID, prefixed};

const ENVELOPE_VERSION: u8 = 1;
const AES_256_GCM: u8 = 1;
const HEADER_BYTES: usize = 4;
const NONCE_BYTES: usize = 12;

/// Where a sealed value lives: moving it anywhere else makes it unreadable.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    pub user_id: Uuid,
    pub user_salt: &'a [u8],
    /// What the key is for, such as `refresh-successor`.
    pub purpose: &'a str,
    /// `table.column`
    pub column: &'a str,
    pub row_id: Uuid,
    pub version: u32,
}

/// The envelope is damaged, from another place, or made with another key: one answer for all.
#[derive(Debug, thiserror::Error)]
#[error("a sealed value could not be opened or made")]
pub struct SealError;

pub fn seal(keys: &Keys, place: &Place<'_>, secret: &[u8]) -> Result<Vec<u8>, SealError> {
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(|_| SealError)?;
    let header = header(MASTER_KEY_ID);
    let sealed = cipher(keys, place)?
        .encrypt(
            &nonce.into(),
            Payload {
                msg: secret,
                aad: &associated_data(place, header),
            },
        )
        .map_err(|_| SealError)?;
    Ok([&header[..], &nonce, &sealed].concat())
}

pub fn open(
    keys: &Keys,
    place: &Place<'_>,
    envelope: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (header_bytes, rest) = envelope
        .split_first_chunk::<HEADER_BYTES>()
        .ok_or(SealError)?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(SealError)?;
    if *header_bytes != header(MASTER_KEY_ID) {
        return Err(SealError);
    }
    cipher(keys, place)?
        .decrypt(
            &(*nonce).into(),
            Payload {
                msg: sealed,
                aad: &associated_data(place, *header_bytes),
            },
        )
        .map(Zeroizing::new)
        .map_err(|_| SealError)
}

fn header(key_id: u16) -> [u8; HEADER_BYTES] {
    let [high, low] = key_id.to_be_bytes();
    [ENVELOPE_VERSION, AES_256_GCM, high, low]
}

fn cipher(keys: &Keys, place: &Place<'_>) -> Result<Aes256Gcm, SealError> {
    let key = keys.record(
        place.user_salt,
        place.user_id,
        place.purpose,
        place.row_id,
        place.version,
    );
    Aes256Gcm::new_from_slice(&key[..]).map_err(|_| SealError)
}

fn associated_data(place: &Place<'_>, header: [u8; HEADER_BYTES]) -> Vec<u8> {
    [
        prefixed(b"docuvault"),
        header.to_vec(),
        prefixed(place.user_id.as_bytes()),
        prefixed(place.column.as_bytes()),
        prefixed(place.row_id.as_bytes()),
        place.version.to_be_bytes().to_vec(),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place<'static> {
        Place {
            user_id: Uuid::from_u128(1),
            user_salt: &[9; 32],
            purpose: "p",
            column: "t.c",
            row_id: Uuid::from_u128(2),
            version: 3,
        }
    }

    #[test]
    fn opens_in_its_own_place_only() {
        let keys = Keys::from_bytes([1; 32], [2; 32]);
        let sealed = seal(&keys, &place(), b"secret").unwrap();
        assert_eq!(&open(&keys, &place(), &sealed).unwrap()[..], b"secret");
        let elsewhere = [
            Place {
                user_id: Uuid::from_u128(8),
                ..place()
            },
            Place {
                user_salt: &[8; 32],
                ..place()
            },
            Place {
                purpose: "q",
                ..place()
            },
            Place {
                column: "t.d",
                ..place()
            },
            Place {
                row_id: Uuid::from_u128(8),
                ..place()
            },
            Place {
                version: 4,
                ..place()
            },
        ];
        for other in elsewhere {
            assert!(open(&keys, &other, &sealed).is_err());
        }
        assert!(open(&Keys::from_bytes([7; 32], [2; 32]), &place(), &sealed).is_err());
    }

    #[test]
    fn any_changed_byte_is_noticed_and_no_two_envelopes_are_alike() {
        let keys = Keys::from_bytes([1; 32], [2; 32]);
        let sealed = seal(&keys, &place(), b"secret").unwrap();
        assert_ne!(sealed, seal(&keys, &place(), b"secret").unwrap());
        for i in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[i] ^= 1;
            assert!(open(&keys, &place(), &changed).is_err(), "byte {i}");
        }
        assert!(open(&keys, &place(), &sealed[..10]).is_err());
    }
}
