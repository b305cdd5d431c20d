//! Gateway tickets: what is signed comes back, and nothing else does.

use docuvault_storage::{
    Disposition, ObjectKey,
    gateway::{GatewayTicket, GetTicket, PutTicket, TicketError, TicketKey},
};
use proptest::prelude::*;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

const KEY: [u8; 32] = [7; 32];

fn now() -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Duration::seconds(1_800_000_000)
}

fn key(seed: u128) -> ObjectKey {
    ObjectKey::new(
        Uuid::from_u128(seed),
        Uuid::from_u128(!seed),
        Uuid::from_u128(seed ^ 5),
        "pdf",
    )
}

prop_compose! {
    fn put_ticket()(seed: u128, size_bytes: u64, sha256: Option<[u8; 32]>, seconds in 1..1_000_000_i64, backend in ".{0,20}") -> GatewayTicket {
        let expires_at = now() + Duration::seconds(seconds);
        let (upload_id, nonce) = (Uuid::from_u128(seed), Uuid::from_u128(seed ^ 1));
        GatewayTicket::Put(PutTicket { upload_id, backend, key: key(seed), size_bytes, sha256, expires_at, nonce })
    }
}

prop_compose! {
    fn get_ticket()(seed: u128, size_bytes: Option<u64>, content_type in ".{0,30}", file_name in any::<String>(), inline: bool, seconds in 1..1_000_000_i64) -> GatewayTicket {
        let disposition = if inline { Disposition::Inline } else { Disposition::Attachment };
        let expires_at = now() + Duration::seconds(seconds);
        let backend = "local".to_owned();
        GatewayTicket::Get(GetTicket { backend, key: key(seed), size_bytes, content_type, file_name, disposition, expires_at })
    }
}

fn any_ticket() -> impl Strategy<Value = GatewayTicket> {
    prop_oneof![put_ticket(), get_ticket()]
}

proptest! {
    #[test]
    fn a_signed_ticket_comes_back(ticket in any_ticket()) {
        let key = TicketKey::new(KEY);
        let token = ticket.sign(&key);
        prop_assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)));
        prop_assert_eq!(GatewayTicket::verify(&token, &key, now()), Ok(ticket));
    }

    #[test]
    fn any_changed_byte_is_refused(ticket in any_ticket(), place: prop::sample::Index, byte in 0x20..0x7f_u8) {
        let key = TicketKey::new(KEY);
        let token = ticket.sign(&key);
        let mut changed = token.clone().into_bytes();
        let place = place.index(changed.len());
        prop_assume!(changed[place] != byte);
        changed[place] = byte;
        let changed = String::from_utf8(changed).unwrap();
        let refused = GatewayTicket::verify(&changed, &key, now());
        prop_assert!(matches!(refused, Err(TicketError::Malformed | TicketError::BadSignature)), "{refused:?}");
    }

    #[test]
    fn another_key_is_refused(ticket in any_ticket(), other: [u8; 32]) {
        prop_assume!(other != KEY);
        let token = ticket.sign(&TicketKey::new(KEY));
        prop_assert_eq!(GatewayTicket::verify(&token, &TicketKey::new(other), now()), Err(TicketError::BadSignature));
    }

    #[test]
    fn arbitrary_text_is_no_ticket(text in any::<String>()) {
        prop_assert!(GatewayTicket::verify(&text, &TicketKey::new(KEY), now()).is_err());
    }
}

fn example() -> PutTicket {
    let expires_at = now() + Duration::seconds(60);
    let (upload_id, nonce) = (Uuid::from_u128(1), Uuid::from_u128(2));
    PutTicket {
        upload_id,
        backend: "local".into(),
        key: key(3),
        size_bytes: 10,
        sha256: None,
        expires_at,
        nonce,
    }
}

#[test]
fn every_single_byte_of_a_token_matters() {
    let key = TicketKey::new(KEY);
    let token = GatewayTicket::Put(example()).sign(&key);
    for place in 0..token.len() {
        for bit in 0..7 {
            let mut changed = token.clone().into_bytes();
            changed[place] ^= 1 << bit;
            let changed = String::from_utf8(changed).unwrap();
            assert!(
                GatewayTicket::verify(&changed, &key, now()).is_err(),
                "bit {bit} of byte {place}"
            );
        }
        assert!(
            GatewayTicket::verify(&token[..place], &key, now()).is_err(),
            "cut at {place}"
        );
    }
    assert!(GatewayTicket::verify(&format!("{token}A"), &key, now()).is_err());
    assert!(GatewayTicket::verify(&"v1.".repeat(9000), &key, now()).is_err());
}

#[test]
fn a_ticket_expires_to_the_second() {
    let key = TicketKey::new(KEY);
    let ticket = example();
    let token = GatewayTicket::Put(ticket.clone()).sign(&key);
    let just_before = ticket.expires_at - Duration::milliseconds(1);
    assert!(GatewayTicket::verify(&token, &key, just_before).is_ok());
    assert_eq!(
        GatewayTicket::verify(&token, &key, ticket.expires_at),
        Err(TicketError::Expired)
    );
}

#[test]
fn a_forged_expiry_is_not_even_read() {
    let key = TicketKey::new(KEY);
    let mut ticket = example();
    ticket.expires_at = now() - Duration::seconds(1);
    let expired = GatewayTicket::Put(ticket).sign(&TicketKey::new([8; 32]));
    assert_eq!(
        GatewayTicket::verify(&expired, &key, now()),
        Err(TicketError::BadSignature)
    );
}

#[test]
fn debug_output_holds_no_name_and_no_key() {
    let ticket = GatewayTicket::Get(GetTicket {
        backend: "local".into(),
        key: key(1),
        size_bytes: None,
        content_type: "application/pdf".into(),
        file_name: "Divorce.pdf".into(),
        disposition: Disposition::Inline,
        expires_at: now(),
    });
    let text = format!("{ticket:?} {:?}", TicketKey::new(KEY));
    assert!(
        !text.contains("Divorce") && !text.contains("7, 7"),
        "{text}"
    );
}
