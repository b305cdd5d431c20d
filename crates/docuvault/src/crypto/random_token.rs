//! Tokens that are nothing but random: a prefix that says what kind it is, and 32 bytes. The database keeps only their SHA-256.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// A new token, shown once, and what is kept of it.
pub struct MadeToken {
    pub token: SecretString,
    pub sha256: [u8; 32],
}

/// Makes a token that begins with `prefix`.
pub fn make(prefix: &str) -> Result<MadeToken, getrandom::Error> {
    let mut secret = [0_u8; 32];
    getrandom::fill(&mut secret)?;
    let token = SecretString::from(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(secret)));
    let sha256 = sha256(&token);
    Ok(MadeToken { token, sha256 })
}

/// What the database keeps of a token.
pub fn sha256(token: &SecretString) -> [u8; 32] {
    Sha256::digest(token.expose_secret().as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_say_their_kind_and_never_repeat() {
        let (one, other) = (make("dvi1_").unwrap(), make("dvi1_").unwrap());
        assert!(one.token.expose_secret().starts_with("dvi1_"));
        assert_eq!(one.token.expose_secret().len(), 5 + 43);
        assert_ne!(one.sha256, other.sha256);
        assert_eq!(one.sha256, sha256(&one.token));
    }
}
