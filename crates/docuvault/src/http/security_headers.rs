//! Headers that every answer carries, whatever it is.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderName, HeaderValue, header, header::InvalidHeaderValue};

use crate::app::AppState;

/// The web UI's policy: nothing but our own files; no inline script or style, no frames; and no text is taken where a script is wanted,
/// but from Vue's templates and from the one place that starts workers (`web/src/shared/startWorker.ts`). A store that browsers talk to
/// themselves may be sent to, fetched from and shown as pictures, and nothing else.
pub fn page_policy(store_origin: Option<&str>) -> Result<HeaderValue, InvalidHeaderValue> {
    let store = store_origin.map_or_else(String::new, |origin| format!(" {origin}"));
    HeaderValue::from_str(&format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:{store}; connect-src 'self'{store}; \
         font-src 'self'; worker-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types vue docuvault-workers"
    ))
}

/// A stored file's policy: should a browser ever show it as a page, it is one without scripts, forms or an origin.
pub const FILE_POLICY: &str = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

/// Two years, as long as the vault is reached by https at all. Subdomains are not ours to speak for.
const HTTPS_ONLY: &str = "max-age=63072000";

const UNUSED_POWERS: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), geolocation=(), gyroscope=(), \
     hid=(), magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(), serial=(), usb=(), xr-spatial-tracking=()";

/// Adds the headers; an answer that already set one keeps its own. No `Access-Control-*`: the vault is for its own pages only.
pub async fn add_security_headers(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let is_https = state.config().public_url().starts_with("https://");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert_with(|| state.page_policy().clone());
    let mut set = |name: HeaderName, value: &'static str| {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    set(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    set(HeaderName::from_static("permissions-policy"), UNUSED_POWERS);
    // The UI's files and stored documents say themselves how long they keep.
    set(header::CACHE_CONTROL, "no-store");
    if is_https {
        set(header::STRICT_TRANSPORT_SECURITY, HTTPS_ONLY);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directives(store_origin: Option<&str>) -> Vec<String> {
        let policy = page_policy(store_origin).unwrap();
        let text = policy.to_str().unwrap().to_owned();
        text.split("; ").map(str::to_owned).collect()
    }

    #[test]
    fn a_store_of_its_own_address_may_be_sent_to_and_shown_from_and_no_more() {
        let (own, with_store) = (directives(None), directives(Some("https://s3.example.org")));
        let added: Vec<_> = with_store
            .iter()
            .filter(|line| !own.contains(line))
            .collect();
        assert_eq!(
            added,
            [
                "img-src 'self' blob: https://s3.example.org",
                "connect-src 'self' https://s3.example.org",
            ]
        );
        assert_eq!(own.len(), with_store.len());
    }

    #[test]
    fn nothing_can_be_smuggled_into_the_policy() {
        assert!(page_policy(Some("https://s3.example.org\r\nx: y")).is_err());
    }
}
