//! A cookie that says: someone signed in as this user on this device before. It authenticates nothing and is read by the sign-in
//! alone, where it gives the device a bucket of tries of its own, so that strangers who guess cannot keep the owner out. It is void
//! once the password has changed: whoever knew the old one may have had a device too.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderValue, header};
use sha2::Sha256;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{app::AppState, db::UserId, http::Problem};

const MAX_AGE_SECONDS: u32 = 400 * 24 * 60 * 60;
const TAG_BYTES: usize = 16;

fn name(https: bool) -> &'static str {
    if https {
        "__Secure-docuvault_device"
    } else {
        "docuvault_device"
    }
}

fn is_https(state: &AppState) -> bool {
    state.config().public_url().starts_with("https://")
}

/// Whom a device is known to: the user as they are since their password was last changed.
#[derive(Debug, Clone, Copy)]
pub struct Acquaintance {
    pub user: UserId,
    pub password_changed_at: Option<OffsetDateTime>,
}

/// The id of this device, if it brings a cookie that was made for this user.
pub fn read(state: &AppState, headers: &HeaderMap, of: Acquaintance) -> Option<String> {
    let wanted = name(is_https(state));
    let value = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == wanted)?
        .1;
    let (device, tag_text) = value.split_once('.')?;
    let given = URL_SAFE_NO_PAD.decode(tag_text).ok()?;
    let expected = tag(state, of, device).ok()?;
    let genuine: bool = subtle::ConstantTimeEq::ct_eq(&given[..], &expected[..]).into();
    genuine.then(|| device.to_owned())
}

/// `Set-Cookie` for a device that has just signed in; one it has already stays as it is.
pub fn remember(
    state: &AppState,
    headers: &HeaderMap,
    of: Acquaintance,
) -> Result<HeaderValue, Problem> {
    let device = read(state, headers, of).unwrap_or_else(|| Uuid::new_v4().simple().to_string());
    let tag = URL_SAFE_NO_PAD.encode(tag(state, of, &device)?);
    let https = is_https(state);
    let secure = if https { "; Secure" } else { "" };
    let mut value = HeaderValue::try_from(format!(
        "{}={device}.{tag}; Max-Age={MAX_AGE_SECONDS}; Path=/api/v1/auth/login{secure}; HttpOnly; SameSite=Strict",
        name(https)
    ))
    .map_err(Problem::internal)?;
    value.set_sensitive(true);
    Ok(value)
}

fn tag(state: &AppState, of: Acquaintance, device: &str) -> Result<[u8; TAG_BYTES], Problem> {
    let key = state.keys().system("device-cookies");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key[..]).map_err(Problem::internal)?;
    mac.update(of.user.0.as_bytes());
    let changed_at = of
        .password_changed_at
        .map_or(0, OffsetDateTime::unix_timestamp_nanos);
    mac.update(&changed_at.to_be_bytes());
    mac.update(device.as_bytes());
    let mut tag = [0; TAG_BYTES];
    tag.copy_from_slice(&mac.finalize().into_bytes()[..TAG_BYTES]);
    Ok(tag)
}
