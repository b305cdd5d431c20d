//! The web UI, embedded and precompressed: which file, in which encoding, with which caching, answers a path. No web framework
//! and no compression at run time; the UI's build has written `.br` and `.gz` files next to what is worth compressing.

mod accept;
mod media_type;

use std::borrow::Cow;

use http::{HeaderValue, Response, StatusCode, header};
use rust_embed::{EmbeddedFile, RustEmbed};

use accept::{Encoding, accepts, wants_page};

/// `web/dist` as it was when this was compiled; empty when it had not been built.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../web/dist"]
#[allow_missing = true]
struct Dist;

const INDEX: &str = "index.html";
const PLACEHOLDER: &str = include_str!("placeholder.html");
/// Names under `assets/` carry a hash of their content, so what they hold never changes.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// Kept, but asked about each time; the ETag makes that cheap.
const ALWAYS_ASK: &str = "no-cache";

/// What a request says about the answer it wants: header values as they came.
#[derive(Clone, Copy, Default)]
struct Wish<'a> {
    accept: Option<&'a str>,
    accept_encoding: Option<&'a str>,
    if_none_match: Option<&'a str>,
}

/// The answer to a GET or HEAD of `path` (the URL's path, with its leading slash), given the request's header values as they came.
///
/// A path that names no file gets the app's page when it is `/` or the browser is navigating (`Accept: text/html`), because the app
/// has addresses of its own; otherwise 404, so that a missing script is never mistaken for a page.
pub fn respond(
    path: &str,
    accept: Option<&str>,
    accept_encoding: Option<&str>,
    if_none_match: Option<&str>,
) -> Response<Cow<'static, [u8]>> {
    answer(
        path,
        Wish {
            accept,
            accept_encoding,
            if_none_match,
        },
    )
}

fn answer(path: &str, wish: Wish<'_>) -> Response<Cow<'static, [u8]>> {
    let name = path.trim_start_matches('/');
    match find(name, wish) {
        Some(found) => found.answer(wish),
        None if is_app_address(name, wish) => {
            find(INDEX, wish).map_or_else(placeholder, |found| found.answer(wish))
        }
        None => not_found(),
    }
}

/// True when the UI was there at compile time.
pub fn is_built() -> bool {
    Dist::get(INDEX).is_some()
}

fn is_app_address(name: &str, wish: Wish<'_>) -> bool {
    // The front door opens for everyone; deeper addresses are the app's only when a browser goes there.
    name.is_empty()
        || !name.starts_with("assets/") && !name.starts_with("pdfjs/") && wants_page(wish.accept)
}

/// A file in the encoding chosen for this request.
struct Found {
    name: String,
    file: EmbeddedFile,
    encoding: Encoding,
    /// Whether other encodings of it exist, so that caches must tell them apart.
    varies: bool,
}

fn find(name: &str, wish: Wish<'_>) -> Option<Found> {
    // The encoded copies are not files of their own, though they are stored as such.
    if [Encoding::Brotli, Encoding::Gzip]
        .iter()
        .any(|encoding| name.ends_with(encoding.suffix()))
    {
        return None;
    }
    let plain = Dist::get(name)?;
    let mut found = Found {
        name: name.to_owned(),
        file: plain,
        encoding: Encoding::Plain,
        varies: false,
    };
    for encoding in [Encoding::Gzip, Encoding::Brotli] {
        let Some(encoded) = Dist::get(&format!("{name}{}", encoding.suffix())) else {
            continue;
        };
        found.varies = true;
        if accepts(wish.accept_encoding, encoding) {
            found.file = encoded;
            found.encoding = encoding;
        }
    }
    Some(found)
}

impl Found {
    fn answer(self, wish: Wish<'_>) -> Response<Cow<'static, [u8]>> {
        // Each encoding has its own bytes and so its own strong tag.
        let etag = format!("\"{}\"", hex(&self.file.metadata.sha256_hash()[..16]));
        let is_known = wish
            .if_none_match
            .is_some_and(|known| matches_etag(known, &etag));
        let mut response = Response::new(if is_known {
            Cow::Borrowed(&[][..])
        } else {
            self.file.data
        });
        let headers = response.headers_mut();
        if let Ok(value) = HeaderValue::from_str(&etag) {
            headers.insert(header::ETAG, value);
        }
        let caching = if self.name.starts_with("assets/") {
            FOREVER
        } else {
            ALWAYS_ASK
        };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
        if self.varies {
            headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        if is_known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(media_type::of(&self.name)),
        );
        if let Some(encoding) = self.encoding.name() {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    }
}

fn placeholder() -> Response<Cow<'static, [u8]>> {
    let mut response = Response::new(Cow::Borrowed(PLACEHOLDER.as_bytes()));
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn not_found() -> Response<Cow<'static, [u8]>> {
    let mut response = Response::new(Cow::Borrowed(&b"not found\n"[..]));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// `If-None-Match` compares weakly: a proxy that recompressed may have put `W/` before the tag.
fn matches_etag(known: &str, etag: &str) -> bool {
    known
        .split(',')
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            for nibble in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
            }
            text
        })
}

#[cfg(test)]
mod tests;
