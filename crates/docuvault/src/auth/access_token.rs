//! Access tokens: JWTs of one pinned algorithm and purpose, ten minutes at most, naming session and token epoch so that the
//! database can end them at once.

use std::time::Duration;

use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::db::{Session, SessionId, UserId};

const ISSUER: &str = "docuvault";
const AUDIENCE: &str = "docuvault-api";
const TYPE: &str = "at+jwt";
const KEY_ID: &str = "1";
const LEEWAY_SECONDS: i64 = 5;

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    sid: SessionId,
    epoch: i32,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// Makes and checks access tokens.
pub struct AccessTokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    ttl: Duration,
}

impl AccessTokens {
    pub fn new(key: &[u8; 32], ttl: Duration) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        // Times are judged in `read`, by the vault's clock rather than the library's own.
        validation.validate_exp = false;
        Self {
            encoding: EncodingKey::from_secret(key),
            decoding: DecodingKey::from_secret(key),
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
            iat,
            nbf: iat,
            exp: iat + self.ttl.as_secs() as i64,
        };
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(KEY_ID.to_owned());
        encode(&header, &claims, &self.encoding).map(SecretString::from)
    }

    /// The session a token speaks for; `None` for every token that is not exactly one of ours and in its time.
    pub fn read(&self, token: &str, now: OffsetDateTime) -> Option<Session> {
        let header = decode_header(token).ok()?;
        let foreign = header.jku.is_some()
            || header.jwk.is_some()
            || header.x5u.is_some()
            || header.x5c.is_some();
        if foreign || header.typ.as_deref() != Some(TYPE) || header.kid.as_deref() != Some(KEY_ID) {
            return None;
        }
        let claims = decode::<Claims>(token, &self.decoding, &self.validation)
            .ok()?
            .claims;
        let now = now.unix_timestamp();
        let in_its_time = claims.iat <= now + LEEWAY_SECONDS
            && claims.nbf <= now + LEEWAY_SECONDS
            && claims.exp > now - LEEWAY_SECONDS
            && claims.exp - claims.iat <= self.ttl.as_secs() as i64;
        in_its_time.then_some(Session {
            user: claims.sub,
            id: claims.sid,
            epoch: claims.epoch,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as B64};
    use secrecy::ExposeSecret;
    use serde_json::{Value, json};

    fn tokens() -> AccessTokens {
        AccessTokens::new(&[3; 32], Duration::from_mins(10))
    }

    fn forge(header: &Value, claims: &Value, key: &[u8]) -> String {
        let body = format!(
            "{}.{}",
            B64.encode(header.to_string()),
            B64.encode(claims.to_string())
        );
        let signature = jsonwebtoken::crypto::sign(
            body.as_bytes(),
            &EncodingKey::from_secret(key),
            Algorithm::HS256,
        )
        .unwrap();
        format!("{body}.{signature}")
    }

    #[test]
    fn a_token_speaks_for_its_session_until_it_expires() {
        let session = Session {
            user: UserId::new(),
            id: SessionId::new(),
            epoch: 4,
        };
        let now = OffsetDateTime::now_utc();
        let token = tokens().make(session, now).unwrap();
        let read = tokens().read(token.expose_secret(), now).unwrap();
        assert_eq!(
            (read.user, read.id, read.epoch),
            (session.user, session.id, 4)
        );
        assert!(
            tokens()
                .read(token.expose_secret(), now + Duration::from_secs(700))
                .is_none()
        );
        assert!(
            AccessTokens::new(&[4; 32], Duration::from_mins(10))
                .read(token.expose_secret(), now)
                .is_none()
        );
    }

    #[test]
    fn forged_tokens_are_refused() {
        let now = OffsetDateTime::now_utc();
        let t = now.unix_timestamp();
        let (user, session) = (UserId::new(), SessionId::new());
        let header = json!({"alg": "HS256", "typ": "at+jwt", "kid": "1"});
        let claims = json!({"iss": "docuvault", "aud": "docuvault-api", "sub": user, "sid": session, "epoch": 0, "iat": t, "nbf": t, "exp": t + 600});
        let read =
            |header: &Value, claims: &Value| tokens().read(&forge(header, claims, &[3; 32]), now);
        assert!(read(&header, &claims).is_some(), "the forge itself works");

        let change = |base: &Value, name: &str, value: Value| {
            let mut changed = base.clone();
            changed[name] = value;
            changed
        };
        for (name, value) in [
            ("typ", json!("JWT")),
            ("typ", json!(null)),
            ("kid", json!("2")),
            ("kid", json!(null)),
            ("alg", json!("none")),
            ("alg", json!("HS512")),
            ("alg", json!("RS256")),
            ("jku", json!("https://evil.example/keys")),
            ("x5u", json!("https://evil.example")),
            ("jwk", json!({"kty": "oct", "k": "AAAA"})),
        ] {
            assert!(
                read(&change(&header, name, value.clone()), &claims).is_none(),
                "header {name}={value}"
            );
        }
        for (name, value) in [
            ("iss", json!("other")),
            ("aud", json!("other")),
            ("sub", json!("x")),
            ("sid", json!(null)),
            ("epoch", json!("0")),
            ("exp", json!(t - 60)),
            ("exp", json!((t + 600).to_string())),
            ("exp", json!(-1)),
            ("exp", json!(9_999_999_999_i64)),
            ("exp", json!(null)),
            ("nbf", json!(t + 60)),
            ("nbf", json!(t.to_string())),
            ("nbf", json!(null)),
            ("iat", json!(t + 60)),
            ("iat", json!("now")),
            ("iat", json!(null)),
        ] {
            assert!(
                read(&header, &change(&claims, name, value.clone())).is_none(),
                "claim {name}={value}"
            );
        }
        let unsigned = format!(
            "{}.{}.",
            B64.encode(json!({"alg": "none", "typ": "at+jwt", "kid": "1"}).to_string()),
            B64.encode(claims.to_string())
        );
        for token in ["", ".", "..", "a.b.c", &unsigned] {
            assert!(tokens().read(token, now).is_none());
        }
    }
}
