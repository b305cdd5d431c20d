//! Access tokens: what is read, and the table of forgeries that are not.

use super::*;
use crate::crypto::{
    key_file::{self, KeysById},
    key_ring::NewKeys,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as B64};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

const KEY: [u8; 32] = [3; 32];
const TEN_MINUTES: Duration = Duration::from_mins(10);

fn tokens_of(key: [u8; 32]) -> AccessTokens {
    AccessTokens::new(Arc::new(KeyRing::fixed(key)), TEN_MINUTES)
}

fn forge_text(header: &str, claims: &str, algorithm: Algorithm) -> String {
    let body = format!("{}.{}", B64.encode(header), B64.encode(claims));
    let signature =
        jsonwebtoken::crypto::sign(body.as_bytes(), &EncodingKey::from_secret(&KEY), algorithm)
            .unwrap();
    format!("{body}.{signature}")
}

fn session() -> Session {
    Session {
        user: UserId::new(),
        id: SessionId::new(),
        epoch: 4,
    }
}

/// A header and claims that are taken, to be changed one thing at a time.
fn genuine(now: OffsetDateTime) -> (Value, Value) {
    let t = now.unix_timestamp();
    (
        json!({"alg": "HS256", "typ": "at+jwt", "kid": "1"}),
        json!({"iss": "docuvault", "aud": "docuvault-api", "sub": UserId::new(), "sid": SessionId::new(), "epoch": 0, "iat": t, "nbf": t, "exp": t + 600}),
    )
}

fn is_read(header: &Value, claims: &Value, now: OffsetDateTime) -> bool {
    let token = forge_text(&header.to_string(), &claims.to_string(), Algorithm::HS256);
    tokens_of(KEY).read(&token, now).is_some()
}

fn with(base: &Value, name: &str, value: &Value) -> Value {
    let mut changed = base.clone();
    changed[name] = value.clone();
    changed
}

#[test]
fn a_token_speaks_for_its_session_until_it_expires() {
    let (session, now) = (session(), OffsetDateTime::now_utc());
    let token = tokens_of(KEY).make(session, now).unwrap();
    let token = token.expose_secret();
    let read = tokens_of(KEY).read(token, now).unwrap();
    assert_eq!(
        (read.user, read.id, read.epoch),
        (session.user, session.id, 4)
    );
    let later = now + Duration::from_secs(700);
    assert!(tokens_of(KEY).read(token, later).is_none());
    assert!(tokens_of([4; 32]).read(token, now).is_none());
}

#[test]
fn sec_jwt_01_a_header_that_is_not_exactly_ours_is_refused() {
    let now = OffsetDateTime::now_utc();
    let (header, claims) = genuine(now);
    assert!(is_read(&header, &claims, now), "the forge itself works");

    let refused = [
        ("typ", json!("JWT")),
        ("typ", json!("AT+JWT")),
        ("typ", json!(null)),
        ("kid", json!("2")),
        ("kid", json!("01")),
        ("kid", json!("+1")),
        ("kid", json!("1 ")),
        ("kid", json!("")),
        ("kid", json!("65537")),
        ("kid", json!("../../../dev/null")),
        ("kid", json!("' UNION SELECT 'x")),
        ("kid", json!(1)),
        ("kid", json!(null)),
        ("alg", json!("none")),
        ("alg", json!("NONE")),
        ("alg", json!("hs256")),
        ("alg", json!("HS384")),
        ("alg", json!("HS512")),
        ("alg", json!("RS256")),
        ("alg", json!("ES256")),
        ("alg", json!("EdDSA")),
        ("alg", json!(null)),
        ("jku", json!("https://evil.example/keys")),
        ("jwk", json!({"kty": "oct", "k": "AAAA"})),
        ("x5u", json!("https://evil.example")),
        ("x5c", json!(["AAAA"])),
        ("x5t", json!("AAAA")),
        ("x5t#S256", json!("AAAA")),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("cty", json!("JWT")),
        ("enc", json!("A256GCM")),
        ("zip", json!("DEF")),
        ("b64", json!(false)),
        ("nonce", json!("x")),
        ("anything", json!(1)),
    ];
    for (name, value) in refused {
        assert!(
            !is_read(&with(&header, name, &value), &claims, now),
            "header {name}={value}"
        );
    }
    for name in ["alg", "typ", "kid"] {
        let mut without = header.clone();
        without.as_object_mut().unwrap().remove(name);
        assert!(!is_read(&without, &claims, now), "header without {name}");
    }
}

#[test]
fn sec_jwt_01_tokens_of_other_makes_are_refused() {
    let now = OffsetDateTime::now_utc();
    let (header, claims) = genuine(now);
    let (h, c) = (header.to_string(), claims.to_string());
    let body = format!("{}.{}", B64.encode(&h), B64.encode(&c));
    let genuine = forge_text(&h, &c, Algorithm::HS256);
    assert!(tokens_of(KEY).read(&genuine, now).is_some());
    let signature = genuine.rsplit('.').next().unwrap();

    let none = json!({"alg": "none", "typ": "at+jwt", "kid": "1"}).to_string();
    let hs512 = with(&header, "alg", &json!("HS512")).to_string();
    let other_user = with(&claims, "sub", &json!(UserId::new())).to_string();
    let refused = [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "a.b.c".to_owned(),
        format!("{body}."),
        body.clone(),
        format!("{}.{}.", B64.encode(&none), B64.encode(&c)),
        format!("{}.{}.{signature}", B64.encode(&none), B64.encode(&c)),
        forge_text(&hs512, &c, Algorithm::HS512),
        forge_text(&h, &c, Algorithm::HS512),
        format!("{}.{}.{signature}", B64.encode(&h), B64.encode(&other_user)),
        format!("{genuine}.{signature}"),
        format!("{genuine}="),
        format!(" {genuine}"),
        genuine.replace('.', " "),
        // The same name twice: which one counts must not be a question.
        forge_text(
            r#"{"alg":"HS256","alg":"none","typ":"at+jwt","kid":"1"}"#,
            &c,
            Algorithm::HS256,
        ),
        forge_text(&h, &c.replacen('{', r#"{"epoch":7,"#, 1), Algorithm::HS256),
    ];
    for token in refused {
        assert!(tokens_of(KEY).read(&token, now).is_none(), "{token}");
    }
    for (name, value) in [
        ("iss", json!("other")),
        ("iss", json!(["docuvault"])),
        ("iss", json!(null)),
        ("aud", json!("other")),
        ("aud", json!(["docuvault-api", "other"])),
        ("aud", json!(null)),
        ("sub", json!("x")),
        ("sub", json!(null)),
        ("sid", json!(null)),
        ("epoch", json!("0")),
        ("epoch", json!(null)),
    ] {
        assert!(
            !is_read(&header, &with(&claims, name, &value), now),
            "claim {name}={value}"
        );
    }
}

#[test]
fn sec_jwt_02_times_that_are_missing_odd_or_out_of_bounds_are_refused() {
    let now = OffsetDateTime::now_utc();
    let t = now.unix_timestamp();
    let (header, claims) = genuine(now);
    for name in ["exp", "nbf", "iat"] {
        let mut without = claims.clone();
        without.as_object_mut().unwrap().remove(name);
        assert!(!is_read(&header, &without, now), "without {name}");
        for value in [
            json!(null),
            json!("now"),
            json!(t.to_string()),
            json!((t + 600).to_string()),
            json!(true),
            json!([t]),
            json!({}),
            json!(-1),
            json!(-t),
            json!(i64::MIN),
            json!(i64::MAX),
            json!(u64::MAX),
            json!(1e300),
            json!(t as f64 + 0.5),
            json!(t + 86_400),
            json!(9_999_999_999_i64),
        ] {
            assert!(
                !is_read(&header, &with(&claims, name, &value), now),
                "{name}={value}"
            );
        }
    }
    let late = with(&claims, "iat", &json!(0));
    assert!(
        !is_read(&header, &late, now),
        "lives longer than any of ours"
    );
    let backwards = with(&with(&claims, "iat", &json!(t)), "exp", &json!(t - 1));
    assert!(!is_read(&header, &backwards, now));

    // Seconds of leeway, at most 30.
    for (seconds, taken) in [(5, true), (6, false), (30, false)] {
        let early = now - Duration::from_secs(seconds);
        assert_eq!(is_read(&header, &claims, early), taken, "{seconds} s early");
    }
    for (seconds, taken) in [(604, true), (605, false), (631, false)] {
        let late = now + Duration::from_secs(seconds);
        assert_eq!(is_read(&header, &claims, late), taken, "{seconds} s after");
    }
}

#[test]
fn sec_jwt_03_a_new_key_signs_at_once_and_the_old_one_is_read_until_it_goes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("access-token.key");
    // Two processes on one file.
    let [api, gateway] = std::array::from_fn(|_| {
        let ring = Arc::new(KeyRing::open(&path, NewKeys::AtOnce).unwrap());
        (Arc::clone(&ring), AccessTokens::new(ring, TEN_MINUTES))
    });
    let now = OffsetDateTime::now_utc();
    let make = |tokens: &AccessTokens| tokens.make(session(), now).unwrap();
    let key_named = |token: &SecretString| decode_header(token.expose_secret()).unwrap().kid;
    let old = make(&api.1);
    assert_eq!(key_named(&old).as_deref(), Some("1"));

    key_file::change(&path, |keys| Some(key_file::newest(keys) + 1), |_, _| true).unwrap();
    api.0.look_again();
    let new = make(&api.1);
    assert_eq!(key_named(&new).as_deref(), Some("2"));
    for token in [&old, &new] {
        let read = gateway.1.read(token.expose_secret(), now);
        assert!(
            read.is_some(),
            "the other process has not looked yet, and finds it"
        );
    }

    let newest = |id, all: &KeysById| id == key_file::newest(all);
    key_file::change(&path, |_| None, newest).unwrap();
    gateway.0.look_again();
    assert!(gateway.1.read(old.expose_secret(), now).is_none());
    assert!(gateway.1.read(new.expose_secret(), now).is_some());
}
