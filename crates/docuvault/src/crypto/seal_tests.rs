//! Sealing: what opens, what does not, and the vectors of the reference page.

use super::*;
use crate::crypto::key_file;
use std::collections::HashSet;

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

fn keys() -> Keys {
    Keys::from_bytes([1; 32], [2; 32])
}

#[test]
fn sec_cry_01_a_sealed_value_opens_only_in_its_own_place() {
    let sealed = seal(&keys(), &place(), b"secret").unwrap();
    assert_eq!(&open(&keys(), &place(), &sealed).unwrap()[..], b"secret");
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
        assert!(open(&keys(), &other, &sealed).is_err(), "{other:?}");
    }
    let other_keys = Keys::from_bytes([7; 32], [2; 32]);
    assert!(open(&other_keys, &place(), &sealed).is_err());
}

#[test]
fn sec_cry_01_any_flipped_bit_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    // With neighbours, so that a flipped key id names a key that is there.
    let line = |id: u8| format!("{id} {}\n", hex::encode([id; 32]));
    let file = dir.path().join("master.key");
    std::fs::write(&file, (1..=3).map(line).collect::<String>()).unwrap();
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let keys = Keys::open(dir.path(), None).unwrap();
    let sealed = seal_with(&keys, 2, &place(), b"secret").unwrap();
    assert!(open(&keys, &place(), &sealed).is_ok());
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(open(&keys, &place(), &changed).is_err(), "bit {bit}");
    }
    for short in [0, 3, 4, 15, 16, 31, sealed.len() - 1] {
        assert!(open(&keys, &place(), &sealed[..short]).is_err(), "{short}");
    }
}

#[test]
fn sec_cry_02_no_two_envelopes_and_no_two_nonces_are_alike() {
    let keys = keys();
    let (mut nonces, mut envelopes) = (HashSet::new(), HashSet::new());
    for _ in 0..100_000 {
        let sealed = seal(&keys, &place(), b"the same").unwrap();
        nonces.insert(sealed[HEADER_BYTES..HEADER_BYTES + NONCE_BYTES].to_vec());
        envelopes.insert(sealed);
    }
    assert_eq!((nonces.len(), envelopes.len()), (100_000, 100_000));
}

#[test]
fn sec_cry_03_old_keys_open_and_the_newest_seals() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::open(dir.path(), None).unwrap();
    let old = seal(&keys, &place(), b"secret").unwrap();
    let file = dir.path().join("master.key");
    key_file::change(&file, |keys| Some(key_file::newest(keys) + 1), |_, _| true).unwrap();

    let after_restart = Keys::open(dir.path(), None).unwrap();
    let new = seal(&after_restart, &place(), b"secret").unwrap();
    assert_eq!((key_id(&old), key_id(&new)), (Some(1), Some(2)));
    for envelope in [&old, &new] {
        assert!(open(&after_restart, &place(), envelope).is_ok());
        assert!(
            open(&keys, &place(), envelope).is_ok(),
            "looks for the key it does not know"
        );
    }
    key_file::change(&file, |_| None, |id, _| id == 2).unwrap();
    let after_dropping = Keys::open(dir.path(), None).unwrap();
    assert!(open(&after_dropping, &place(), &old).is_err());
    assert!(open(&after_dropping, &place(), &new).is_ok());
}

#[test]
fn sec_cry_06_without_the_users_salt_an_old_envelope_opens_no_more() {
    let sealed = seal(&keys(), &place(), b"secret").unwrap();
    for wiped in [&[][..], &[0; 32]] {
        let place = Place {
            user_salt: wiped,
            ..place()
        };
        assert!(open(&keys(), &place, &sealed).is_err());
    }
}

#[test]
fn what_is_no_envelope_names_no_key() {
    for (bytes, id) in [
        (&[1, 1, 0, 1][..], Some(1)),
        (&[1, 1, 1, 2, 9], Some(258)),
        (&[2, 1, 0, 1], None),
        (&[1, 2, 0, 1], None),
        (&[1, 1, 0], None),
        (&[], None),
    ] {
        assert_eq!(key_id(bytes), id, "{bytes:?}");
    }
}
