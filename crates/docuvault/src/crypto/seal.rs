//! Seals a secret for one record: `0x01 | algorithm | key id | nonce | ciphertext | tag`, AES-256-GCM.
//!
//! The associated data names user, column, row and version, so a ciphertext moved elsewhere does not open.

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::keys::{KeyId, Keys, prefixed};

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

/// Seals with the newest master key.
pub fn seal(keys: &Keys, place: &Place<'_>, secret: &[u8]) -> Result<Vec<u8>, SealError> {
    seal_with(keys, keys.master().active(), place, secret)
}

/// Seals with the master key `id`.
pub fn seal_with(
    keys: &Keys,
    id: KeyId,
    place: &Place<'_>,
    secret: &[u8],
) -> Result<Vec<u8>, SealError> {
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(|_| SealError)?;
    let header = header(id);
    let sealed = cipher(keys, id, place)?
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

/// Opens with the master key that the envelope names.
pub fn open(
    keys: &Keys,
    place: &Place<'_>,
    envelope: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let id = key_id(envelope).ok_or(SealError)?;
    let (_, rest) = envelope
        .split_first_chunk::<HEADER_BYTES>()
        .ok_or(SealError)?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(SealError)?;
    cipher(keys, id, place)?
        .decrypt(
            &(*nonce).into(),
            Payload {
                msg: sealed,
                aad: &associated_data(place, header(id)),
            },
        )
        .map(Zeroizing::new)
        .map_err(|_| SealError)
}

/// Which master key an envelope was sealed with; `None` for what is no envelope.
pub fn key_id(envelope: &[u8]) -> Option<KeyId> {
    match envelope.first_chunk::<HEADER_BYTES>()? {
        [ENVELOPE_VERSION, AES_256_GCM, high, low] => Some(u16::from_be_bytes([*high, *low])),
        _ => None,
    }
}

fn header(key_id: KeyId) -> [u8; HEADER_BYTES] {
    let [high, low] = key_id.to_be_bytes();
    [ENVELOPE_VERSION, AES_256_GCM, high, low]
}

fn cipher(keys: &Keys, id: KeyId, place: &Place<'_>) -> Result<Aes256Gcm, SealError> {
    let key = keys
        .record(
            id,
            place.user_salt,
            place.user_id,
            place.purpose,
            place.row_id,
            place.version,
        )
        .ok_or(SealError)?;
    Aes256Gcm::new_from_slice(&key[..]).map_err(|_| SealError)
}

pub(super) fn associated_data(place: &Place<'_>, header: [u8; HEADER_BYTES]) -> Vec<u8> {
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
#[path = "seal_tests.rs"]
mod tests;
