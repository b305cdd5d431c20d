//! Access tokens: JWTs of one pinned algorithm and purpose, ten minutes at most, naming session and token epoch so that the
//! database can end them at once.

use std::{sync::Arc, time::Duration};

use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    crypto::{
        key_ring::KeyRing,
        keys::{Key, KeyId},
    },
    db::{Session, SessionId, UserId},
};

const ISSUER: &str = "docuvault";
const AUDIENCE: &str = "docuvault-api";
const TYPE: &str = "at+jwt";
const LEEWAY_SECONDS: i64 = 5;
/// The end of the year 9999.
const LATEST: i64 = 253_402_300_799;

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    sid: SessionId,
    epoch: i32,
    /// Makes two tokens of one session and second differ, so that a page can tell the newer from the one it has.
    #[serde(default)]
    jti: Uuid,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// Makes and checks access tokens.
pub struct AccessTokens {
    keys: Arc<KeyRing>,
    validation: Validation,
    ttl: Duration,
}

impl AccessTokens {
    pub fn new(keys: Arc<KeyRing>, ttl: Duration) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        // Times are judged in `read`, by the vault's clock rather than the library's own.
        validation.validate_exp = false;
        Self {
            keys,
            validation,
            ttl,
        }
    }

    pub fn ttl_seconds(&self) -> u64 {
        self.ttl.as_secs()
    }

    pub fn make(
        &self,
        session: Session,
        now: OffsetDateTime,
    ) -> Result<SecretString, jsonwebtoken::errors::Error> {
        let iat = now.unix_timestamp();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: session.user,
            sid: session.id,
            epoch: session.epoch,
            jti: Uuid::new_v4(),
            iat,
            nbf: iat,
            exp: iat + self.ttl.as_secs() as i64,
        };
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some(TYPE.to_owned());
        let (id, key) = self.keys.active_key();
        header.kid = Some(id.to_string());
        encode(&header, &claims, &EncodingKey::from_secret(&key[..])).map(SecretString::from)
    }

    /// The session a token speaks for; `None` for every token that is not exactly one of ours and in its time.
    pub fn read(&self, token: &str, now: OffsetDateTime) -> Option<Session> {
        let key = self.key_of(&decode_header(token).ok()?)?;
        let claims = decode::<Claims>(token, &DecodingKey::from_secret(&key[..]), &self.validation)
            .ok()?
            .claims;
        let now = now.unix_timestamp();
        // Such times cannot be ours, and sums and differences of what is left cannot overflow.
        let is_a_time = |at: i64| (0..=LATEST).contains(&at);
        let in_its_time = is_a_time(claims.iat)
            && is_a_time(claims.nbf)
            && is_a_time(claims.exp)
            && claims.iat <= now + LEEWAY_SECONDS
            && claims.nbf <= now + LEEWAY_SECONDS
            && claims.exp > now - LEEWAY_SECONDS
            && claims.exp >= claims.iat
            && claims.exp - claims.iat <= self.ttl.as_secs() as i64;
        in_its_time.then_some(Session {
            user: claims.sub,
            id: claims.sid,
            epoch: claims.epoch,
        })
    }

    /// The key whose id the header names, if the header is one of ours: the token has no say in where its key comes from.
    fn key_of(&self, header: &Header) -> Option<Key> {
        let foreign = header.jku.is_some()
            || header.jwk.is_some()
            || header.x5u.is_some()
            || header.x5c.is_some()
            || header.x5t.is_some()
            || header.x5t_s256.is_some()
            || header.crit.is_some()
            || header.cty.is_some()
            || header.enc.is_some()
            || header.zip.is_some()
            || header.url.is_some()
            || header.nonce.is_some()
            || !header.extras.inner().is_empty();
        if foreign || header.alg != Algorithm::HS256 || header.typ.as_deref() != Some(TYPE) {
            return None;
        }
        let kid = header.kid.as_deref()?;
        let id: KeyId = kid.parse().ok()?;
        // One way to write each id.
        (id.to_string() == kid).then(|| self.keys.key(id))?
    }
}

#[cfg(test)]
#[path = "access_token_tests.rs"]
mod tests;
