//! The two routes that read a cookie answer our own page only.

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header, request::Parts};

use crate::{app::AppState, http::Problem};

/// A request whose `Origin` is the vault's own: the public URL, or the very address it was sent to when none is configured.
pub struct SameOrigin;

impl FromRequestParts<AppState> for SameOrigin {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        check(&parts.headers, state.config().http.public_url.as_deref())
            .map(|()| Self)
            .map_err(IntoResponse::into_response)
    }
}

fn check(headers: &HeaderMap, public_url: Option<&str>) -> Result<(), Problem> {
    let refused = || {
        Problem::new(
            StatusCode::FORBIDDEN,
            "wrong_origin",
            "This can only be asked by the vault's own page: send its address as Origin.",
        )
    };
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = text(header::ORIGIN).ok_or_else(refused)?;
    let own = match public_url {
        Some(url) => origin == origin_of(url),
        // Without a configured address the vault is a local one over plain http, reached under whatever name the Host header says.
        None => text(header::HOST).is_some_and(|host| origin.strip_prefix("http://") == Some(host)),
    };
    let cross_site = headers
        .get("sec-fetch-site")
        .is_some_and(|value| value != "same-origin" && value != "none");
    let form = text(header::CONTENT_TYPE).is_some_and(|kind| !kind.starts_with("application/json"));
    if own && !cross_site && !form {
        Ok(())
    } else {
        Err(refused())
    }
}

/// Scheme, host and port of a URL.
fn origin_of(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    url[start..].find('/').map_or(url, |at| &url[..start + at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[test]
    fn only_the_vaults_own_origin_passes() {
        let url = Some("https://vault.example/app");
        assert!(check(&headers(&[("origin", "https://vault.example")]), url).is_ok());
        for origin in [
            "http://vault.example",
            "https://vault.example.evil",
            "https://evil.example",
            "null",
            "https://vault.example:444",
        ] {
            assert_eq!(
                check(&headers(&[("origin", origin)]), url)
                    .unwrap_err()
                    .code,
                "wrong_origin"
            );
        }
        assert!(check(&headers(&[]), url).is_err());
        assert!(
            check(
                &headers(&[
                    ("origin", "https://vault.example"),
                    ("sec-fetch-site", "cross-site")
                ]),
                url
            )
            .is_err()
        );
        assert!(
            check(
                &headers(&[
                    ("origin", "https://vault.example"),
                    ("content-type", "text/plain")
                ]),
                url
            )
            .is_err()
        );
        assert!(
            check(
                &headers(&[
                    ("origin", "http://localhost:8080"),
                    ("host", "localhost:8080")
                ]),
                None
            )
            .is_ok()
        );
        assert!(
            check(
                &headers(&[("origin", "http://evil:8080"), ("host", "localhost:8080")]),
                None
            )
            .is_err()
        );
    }
}
