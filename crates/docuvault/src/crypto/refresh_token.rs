//! Refresh tokens: `dvr1_{session}.{generation}.{secret}.{tag}`.
//!
//! The tag is an HMAC over the rest, so a genuine old token can be told from garbage without a row for each; the database
//! keeps only SHA-256 of the newest token and of the one before it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::keys::Key;
use crate::db::SessionId;

const PREFIX: &str = "dvr1_";
const TAG_BYTES: usize = 16;

/// A token whose tag is right: it was made by this vault.
#[derive(Debug, PartialEq, Eq)]
pub struct GenuineToken {
    pub session: SessionId,
    pub generation: i32,
    pub sha256: [u8; 32],
}

/// Makes the token of one generation of a session.
pub fn make(
    key: &Key,
    session: SessionId,
    generation: i32,
) -> Result<SecretString, getrandom::Error> {
    let mut secret = [0_u8; 32];
    getrandom::fill(&mut secret)?;
    let body = format!(
        "{PREFIX}{}.{generation}.{}",
        session.0.simple(),
        URL_SAFE_NO_PAD.encode(secret)
    );
    let tag = URL_SAFE_NO_PAD.encode(tag(key, &body));
    Ok(format!("{body}.{tag}").into())
}

/// What the database keeps of a token.
pub fn sha256(token: &SecretString) -> [u8; 32] {
    Sha256::digest(token.expose_secret().as_bytes()).into()
}

/// Reads a token; `None` for anything this vault never made.
pub fn read(key: &Key, token: &str) -> Option<GenuineToken> {
    let (body, tag_text) = token.rsplit_once('.')?;
    let given = URL_SAFE_NO_PAD.decode(tag_text).ok()?;
    if !bool::from(subtle::ConstantTimeEq::ct_eq(
        &given[..],
        &tag(key, body)[..],
    )) {
        return None;
    }
    let mut parts = body.strip_prefix(PREFIX)?.split('.');
    let session = Uuid::try_parse(parts.next()?).ok()?;
    let generation = parts.next()?.parse().ok()?;
    Some(GenuineToken {
        session: SessionId(session),
        generation,
        sha256: Sha256::digest(token.as_bytes()).into(),
    })
}

fn tag(key: &Key, body: &str) -> [u8; TAG_BYTES] {
    let mut tag = [0; TAG_BYTES];
    // HMAC takes keys of any length.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key[..]) {
        mac.update(body.as_bytes());
        tag.copy_from_slice(&mac.finalize().into_bytes()[..TAG_BYTES]);
    }
    tag
}

#[cfg(test)]
mod tests {
    use super::*;
    use zeroize::Zeroizing;

    #[test]
    fn reads_what_it_made_and_nothing_else() {
        let key = Zeroizing::new([5; 32]);
        let session = SessionId::new();
        let token = make(&key, session, 7).unwrap();
        let read_back = read(&key, token.expose_secret()).unwrap();
        assert_eq!((read_back.session, read_back.generation), (session, 7));
        assert_eq!(read_back.sha256, sha256(&token));
        assert_eq!(read(&Zeroizing::new([6; 32]), token.expose_secret()), None);
        let other_generation = token.expose_secret().replace(".7.", ".8.");
        for forged in [
            "",
            ".",
            "dvr1_",
            &other_generation,
            &token.expose_secret()[..60],
        ] {
            assert_eq!(read(&key, forged), None);
        }
    }
}
