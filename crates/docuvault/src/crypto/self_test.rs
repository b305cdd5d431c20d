//! Does sealing give the same result here as everywhere? The vector is that of docs/reference/sealed-secrets.md.

use uuid::Uuid;

use super::{Keys, seal, sealed_column::SealedColumn};

const USER: Uuid = Uuid::from_u128(0x0189_0a5d_ac96_774b_bcce_b302_099a_8057);
const ROW: Uuid = Uuid::from_u128(0x0189_0a5d_ac96_774b_bcce_b302_099a_8058);
const SECRET: &[u8] = b"a secret of twenty B";
const ENVELOPE: [u8; 52] = [
    0x01, 0x01, 0x00, 0x01, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab,
    0x50, 0x50, 0x30, 0x9e, 0x47, 0x4f, 0x41, 0xac, 0x2f, 0xbe, 0x88, 0x74, 0xc6, 0x4b, 0xe6, 0xd9,
    0x9e, 0x63, 0xec, 0x86, 0x8a, 0xd4, 0x69, 0x86, 0x24, 0x9a, 0x8a, 0x91, 0xfe, 0x4f, 0x01, 0x6d,
    0x4e, 0x4a, 0xe5, 0xae,
];

/// Whether the known envelope opens: derivation, cipher and associated data in one.
pub fn passes() -> bool {
    let keys = Keys::from_bytes(counting_from(0), [0; 32]);
    let salt = counting_from(32);
    let place = SealedColumn::TotpSeed.place(USER, &salt, ROW, 1);
    seal::open(&keys, &place, &ENVELOPE).is_ok_and(|secret| secret[..] == *SECRET)
}

/// 32 bytes, each one more than the one before.
fn counting_from(first: u8) -> [u8; 32] {
    let mut next = first;
    [(); 32].map(|()| {
        let byte = next;
        next = next.wrapping_add(1);
        byte
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page's table: `| name | `value` | …`.
    fn on_the_page(name: &str) -> String {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../docs/reference/sealed-secrets.md"
        );
        let page = std::fs::read_to_string(path).unwrap();
        let start = format!("| {name} | `");
        let line = page.lines().find_map(|line| line.strip_prefix(&start));
        line.unwrap_or_else(|| panic!("the page has no {name}"))
            .split('`')
            .next()
            .unwrap()
            .to_owned()
    }

    fn bytes(name: &str) -> Vec<u8> {
        hex::decode(on_the_page(name)).unwrap()
    }

    fn key(name: &str) -> [u8; 32] {
        bytes(name).try_into().unwrap()
    }

    #[test]
    fn the_self_test_passes() {
        assert!(passes());
    }

    #[test]
    fn the_vectors_of_the_page_hold() {
        let keys = Keys::from_bytes(key("master key 1"), [0; 32]);
        let (salt, purpose, column) = (
            bytes("user's salt"),
            on_the_page("purpose"),
            on_the_page("column"),
        );
        let place = seal::Place {
            user_id: on_the_page("user id").parse().unwrap(),
            user_salt: &salt,
            purpose: &purpose,
            column: &column,
            row_id: on_the_page("row id").parse().unwrap(),
            version: on_the_page("version").parse().unwrap(),
        };
        let record = keys
            .record(1, &salt, place.user_id, &purpose, place.row_id, 1)
            .unwrap();
        assert_eq!(record[..], key("record's key"));
        assert_eq!(
            seal::associated_data(&place, [1, 1, 0, 1]),
            bytes("associated data")
        );
        let envelope = bytes("envelope");
        assert_eq!(envelope, ENVELOPE);
        let secret = seal::open(&keys, &place, &envelope).unwrap();
        assert_eq!(secret[..], *on_the_page("secret").as_bytes());
        assert_eq!(&secret[..], SECRET);
    }

    #[test]
    fn the_page_names_every_sealed_column() {
        for column in SealedColumn::ALL {
            assert_eq!(on_the_page(column.name()), column.purpose());
        }
    }
}
