//! Tokens that mean nothing by themselves: a prefix that secret scanners know, 256 random bits, and a checksum with which
//! typing errors and garbage are told without asking the database. Only their SHA-256 is kept.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

const SECRET_BYTES: usize = 32;
const CHECKSUM_BYTES: usize = 3;

/// What a token is for; part of its text, so that one kind can never pass for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A personal API token.
    Api,
    /// A login that waits for its second factor.
    PendingLogin,
    /// A mailed or handed-over link.
    Link,
    /// An invitation.
    Invite,
}

impl TokenKind {
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Api => "dvp1_",
            Self::PendingLogin => "dvm1_",
            Self::Link => "dvl1_",
            Self::Invite => "dvi1_",
        }
    }
}

/// A token just made: the text for its owner, the hash for the database.
pub struct MadeToken {
    pub text: SecretString,
    pub sha256: [u8; 32],
}

pub fn make(kind: TokenKind) -> Result<MadeToken, getrandom::Error> {
    let mut bytes = [0_u8; SECRET_BYTES + CHECKSUM_BYTES];
    getrandom::fill(&mut bytes[..SECRET_BYTES])?;
    let checksum = checksum(kind, &bytes[..SECRET_BYTES]);
    bytes[SECRET_BYTES..].copy_from_slice(&checksum);
    let text = SecretString::from(format!(
        "{}{}",
        kind.prefix(),
        URL_SAFE_NO_PAD.encode(bytes)
    ));
    zeroize::Zeroize::zeroize(&mut bytes);
    let sha256 = Sha256::digest(text.expose_secret().as_bytes()).into();
    Ok(MadeToken { text, sha256 })
}

/// The hash to look a token up by; `None` for what cannot be a token of this kind.
pub fn read(kind: TokenKind, text: &str) -> Option<[u8; 32]> {
    let body = text.strip_prefix(kind.prefix())?;
    let bytes = URL_SAFE_NO_PAD.decode(body).ok()?;
    let (secret, sum) = bytes.split_at_checked(SECRET_BYTES)?;
    (sum == checksum(kind, secret)).then(|| Sha256::digest(text.as_bytes()).into())
}

/// No secret: it only tells typing errors.
fn checksum(kind: TokenKind, secret: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let digest = Sha256::new()
        .chain_update(kind.prefix())
        .chain_update(secret)
        .finalize();
    let mut sum = [0; CHECKSUM_BYTES];
    sum.copy_from_slice(&digest[..CHECKSUM_BYTES]);
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_what_it_was_made_and_as_nothing_else() {
        let kinds = [
            TokenKind::Api,
            TokenKind::PendingLogin,
            TokenKind::Link,
            TokenKind::Invite,
        ];
        for kind in kinds {
            let made = make(kind).unwrap();
            let text = made.text.expose_secret();
            assert!(
                text.starts_with(kind.prefix()) && text.len() == 5 + 47,
                "{text}"
            );
            for other in kinds {
                assert_eq!(read(other, text).is_some(), other == kind);
            }
            assert_eq!(read(kind, text), Some(made.sha256));
            let moved = text.replacen(kind.prefix(), TokenKind::Api.prefix(), 1);
            assert_eq!(
                read(TokenKind::Api, &moved).is_some(),
                kind == TokenKind::Api
            );
            for garbage in [
                "",
                "dvp1_",
                &text[..text.len() - 1],
                &format!("{text}A"),
                &text.to_uppercase(),
            ] {
                assert_eq!(read(kind, garbage), None, "{garbage}");
            }
            assert_ne!(make(kind).unwrap().sha256, made.sha256);
        }
    }
}
