//! The address that gateway URLs start with: the configured one, or the one this request was sent to.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::{header, request::Parts};

use crate::app::AppState;

/// Scheme and host, without a trailing slash.
#[derive(Debug, Clone)]
pub struct BaseUrl(pub String);

impl FromRequestParts<AppState> for BaseUrl {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        if let Some(url) = &state.config().http.public_url {
            return Ok(Self(url.clone()));
        }
        // A vault without a configured address is a local one; its page may be open under any of the machine's names, and may
        // only send to the very one it was loaded from.
        let host = parts
            .headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok())
            .filter(|host| is_host(host));
        Ok(Self(host.map_or_else(
            || state.config().public_url(),
            |host| format!("http://{host}"),
        )))
    }
}

fn is_host(host: &str) -> bool {
    !host.is_empty()
        && host.len() <= 255
        && host.bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']')
        })
}
