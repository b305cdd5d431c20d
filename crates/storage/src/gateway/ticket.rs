//! Signed, expiring permissions to PUT or GET one object through the gateway: our own presigned URLs.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{Disposition, ObjectKey, Sha256Digest};

/// Format of a token: `v1.{payload}.{mac}`, both base64url. The version is part of what is signed.
const VERSION: &str = "v1";
/// Far above any real token (a file name has at most 255 characters), far below what could hurt.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// The secret that signs tickets: 32 random bytes, the same in every process of one vault.
#[derive(Clone)]
pub struct TicketKey([u8; 32]);

impl TicketKey {
    /// Wraps key material; derive it for this purpose alone.
    pub fn new(key: [u8; 32]) -> Self {
        Self(key)
    }
}

impl fmt::Debug for TicketKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("TicketKey(…)")
    }
}

/// One permission. Which of the two it is, is signed with the rest: a GET ticket never lets anyone PUT.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "UPPERCASE")]
pub enum GatewayTicket {
    /// Write one object, once.
    Put(PutTicket),
    /// Read one object, as often and in as many ranges as wanted until it expires.
    Get(GetTicket),
}

/// Permission to write one object. Single use: whoever honours it records the nonce.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutTicket {
    /// The reservation this belongs to.
    pub upload_id: Uuid,
    /// Which store: its id as the application names it.
    pub backend: String,
    /// What is written.
    pub key: ObjectKey,
    /// Exact length of the body.
    pub size_bytes: u64,
    /// Digest the body must have, if announced.
    #[serde(
        with = "optional_digest",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub sha256: Option<Sha256Digest>,
    /// Refused from this second on. Whole seconds.
    #[serde(with = "time::serde::timestamp")]
    pub expires_at: OffsetDateTime,
    /// Makes the ticket unique.
    pub nonce: Uuid,
}

/// Permission to read one object. Re-authorise before minting each one: it cannot be taken back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetTicket {
    /// Which store: its id as the application names it.
    pub backend: String,
    /// What is read.
    pub key: ObjectKey,
    /// Length on record, if the reader should insist on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<u64>,
    /// Type on record; the gateway answers with [`super::served_as`] of it.
    pub content_type: String,
    /// The user's file name; private, so `Debug` hides it.
    pub file_name: String,
    /// Shown or saved.
    pub disposition: Disposition,
    /// Refused from this second on. Whole seconds.
    #[serde(with = "time::serde::timestamp")]
    pub expires_at: OffsetDateTime,
}

impl fmt::Debug for GetTicket {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("GetTicket")
            .field("backend", &self.backend)
            .field("key", &self.key)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Why a token is not honoured. Callers answer the first two alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// Not a token of ours by its shape.
    #[error("not a ticket")]
    Malformed,
    /// Signed with another key, or changed since.
    #[error("the ticket's signature is wrong")]
    BadSignature,
    /// It was good once.
    #[error("the ticket has expired")]
    Expired,
}

impl GatewayTicket {
    /// The token to put into a URL. Whoever holds it may do what it says: never log it.
    pub fn sign(&self, key: &TicketKey) -> String {
        // Plain structs always serialise; were that to change, `verify` would refuse the empty payload.
        let payload = serde_json::to_vec(self).unwrap_or_default();
        let signed = format!("{VERSION}.{}", URL_SAFE_NO_PAD.encode(payload));
        let signature = mac(key, &signed).finalize().into_bytes();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Checks the signature in constant time, then the expiry. Nothing of the payload is looked at before that.
    pub fn verify(token: &str, key: &TicketKey, now: OffsetDateTime) -> Result<Self, TicketError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TicketError::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(TicketError::Malformed)?;
        let payload = signed
            .strip_prefix(VERSION)
            .and_then(|rest| rest.strip_prefix('.'));
        let payload = payload.ok_or(TicketError::Malformed)?;
        let signature = URL_SAFE_NO_PAD
            .decode(signature)
            .map_err(|_| TicketError::Malformed)?;
        mac(key, signed)
            .verify_slice(&signature)
            .map_err(|_| TicketError::BadSignature)?;
        let payload = URL_SAFE_NO_PAD
            .decode(payload)
            .map_err(|_| TicketError::Malformed)?;
        let ticket: Self = serde_json::from_slice(&payload).map_err(|_| TicketError::Malformed)?;
        if ticket.expires_at() <= now {
            Err(TicketError::Expired)
        } else {
            Ok(ticket)
        }
    }

    /// When it stops being honoured.
    pub fn expires_at(&self) -> OffsetDateTime {
        match self {
            Self::Put(ticket) => ticket.expires_at,
            Self::Get(ticket) => ticket.expires_at,
        }
    }
}

fn mac(key: &TicketKey, signed: &str) -> Hmac<Sha256> {
    // Zero-padding to the block length is what HMAC does with a shorter key.
    let mut block = [0; 64];
    block[..32].copy_from_slice(&key.0);
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
    mac.update(b"docuvault gateway ticket\0");
    mac.update(signed.as_bytes());
    mac
}

mod optional_digest {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::Sha256Digest;

    #[expect(
        clippy::ref_option,
        reason = "serde's `with` hands over a reference to the field"
    )]
    pub(super) fn serialize<S: Serializer>(
        digest: &Option<Sha256Digest>,
        out: S,
    ) -> Result<S::Ok, S::Error> {
        match digest {
            Some(digest) => out.serialize_some(&URL_SAFE_NO_PAD.encode(digest)),
            None => out.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Sha256Digest>, D::Error> {
        let Some(text) = Option::<String>::deserialize(from)? else {
            return Ok(None);
        };
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(D::Error::custom)?;
        bytes
            .try_into()
            .map(Some)
            .map_err(|_| D::Error::custom("a digest has 32 bytes"))
    }
}
