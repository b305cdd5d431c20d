//! The rules hold with and without a built UI: tests that need its files find one, or check the placeholder instead.

use super::*;

const PAGE: Wish<'static> = Wish {
    accept: Some("text/html,application/xhtml+xml,*/*;q=0.8"),
    accept_encoding: None,
    if_none_match: None,
};

fn header_of<'a>(response: &'a Response<Cow<'static, [u8]>>, name: &header::HeaderName) -> &'a str {
    response
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

/// A hashed script of the built UI that has a brotli copy.
fn some_script() -> Option<String> {
    Dist::iter()
        .find(|name| {
            name.starts_with("assets/")
                && name.ends_with(".js")
                && Dist::get(&format!("{name}.br")).is_some()
        })
        .map(|name| format!("/{name}"))
}

#[test]
fn navigation_gets_the_app_or_the_placeholder() {
    for path in ["/", "/documents/0192", "/search"] {
        let response = answer(path, PAGE);
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(
            header_of(&response, &header::CONTENT_TYPE),
            "text/html; charset=utf-8"
        );
        let expected = if is_built() { ALWAYS_ASK } else { "no-store" };
        assert_eq!(header_of(&response, &header::CACHE_CONTROL), expected);
        let body = std::str::from_utf8(response.body()).unwrap();
        assert!(body.contains(if is_built() {
            "id=\"app\""
        } else {
            "npm run build"
        }));
    }
}

#[test]
fn the_front_door_opens_whatever_is_accepted() {
    let anything = |accept| Wish { accept, ..PAGE };
    for accept in [None, Some("*/*"), Some("application/json")] {
        assert_eq!(answer("/", anything(accept)).status(), StatusCode::OK);
        assert_eq!(
            answer("/search", anything(accept)).status(),
            StatusCode::NOT_FOUND
        );
    }
}

#[test]
fn a_missing_file_is_not_answered_with_a_page() {
    assert_eq!(
        answer("/assets/gone-1234.js", PAGE).status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        answer("/pdfjs/cmaps/none.bcmap", PAGE).status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        answer(
            "/favicon.ico",
            Wish {
                accept: Some("image/avif,*/*"),
                ..Wish::default()
            }
        )
        .status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        answer("/anything", Wish::default()).status(),
        StatusCode::NOT_FOUND
    );
}

#[test]
fn paths_do_not_leave_the_folder() {
    for path in [
        "/../Cargo.toml",
        "/assets/../../package.json",
        "//etc/passwd",
        "/..%2f..%2fCargo.toml",
    ] {
        assert_eq!(
            answer(path, Wish::default()).status(),
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[test]
fn encoded_copies_are_no_files_of_their_own() {
    assert_eq!(
        answer("/index.html.br", Wish::default()).status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        answer("/index.html.gz", Wish::default()).status(),
        StatusCode::NOT_FOUND
    );
}

#[test]
fn the_best_accepted_encoding_is_sent() {
    let Some(script) = some_script() else {
        return assert!(!is_built(), "a built UI has compressed scripts");
    };
    let encoding_for = |accept_encoding| {
        let response = answer(
            &script,
            Wish {
                accept_encoding,
                ..Wish::default()
            },
        );
        assert_eq!(header_of(&response, &header::VARY), "accept-encoding");
        assert_eq!(
            header_of(&response, &header::CONTENT_TYPE),
            "text/javascript; charset=utf-8"
        );
        assert_eq!(header_of(&response, &header::CACHE_CONTROL), FOREVER);
        header_of(&response, &header::CONTENT_ENCODING).to_owned()
    };
    assert_eq!(encoding_for(Some("gzip, deflate, br, zstd")), "br");
    assert_eq!(encoding_for(Some("gzip")), "gzip");
    assert_eq!(encoding_for(Some("gzip;q=0, *;q=0.5")), "br");
    assert_eq!(encoding_for(Some("identity")), "");
    assert_eq!(encoding_for(None), "");
}

#[test]
fn a_known_tag_is_answered_without_a_body() {
    let Some(script) = some_script() else {
        return assert!(!is_built(), "a built UI has compressed scripts");
    };
    let accept_encoding = Some("br");
    let first = answer(
        &script,
        Wish {
            accept_encoding,
            ..Wish::default()
        },
    );
    let etag = header_of(&first, &header::ETAG);
    assert!(
        etag.starts_with('"') && etag.len() == 34,
        "a strong tag: {etag}"
    );
    for known in [
        etag.to_owned(),
        format!("\"other\", W/{etag}"),
        "*".to_owned(),
    ] {
        let again = answer(
            &script,
            Wish {
                accept_encoding,
                if_none_match: Some(&known),
                ..Wish::default()
            },
        );
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert!(again.body().is_empty());
        assert_eq!(header_of(&again, &header::ETAG), etag);
    }
    let plain = answer(
        &script,
        Wish {
            if_none_match: Some(etag),
            ..Wish::default()
        },
    );
    assert_eq!(
        plain.status(),
        StatusCode::OK,
        "another encoding has another tag"
    );
}

#[test]
fn weights_decide_what_is_accepted() {
    assert!(accepts(Some("br;q=0.1"), Encoding::Brotli));
    assert!(accepts(Some("*"), Encoding::Gzip));
    assert!(!accepts(Some("br;q=0, gzip"), Encoding::Brotli));
    assert!(!accepts(Some("gzip"), Encoding::Brotli));
    assert!(!accepts(None, Encoding::Gzip));
    assert!(accepts(None, Encoding::Plain));
    assert!(wants_page(Some("text/html;q=0.9")));
    assert!(!wants_page(Some("text/html;q=0")));
    assert!(!wants_page(Some("*/*")));
}

#[test]
fn modules_are_sent_as_scripts() {
    assert_eq!(
        media_type::of("assets/pdf.worker.min-1.mjs"),
        "text/javascript; charset=utf-8"
    );
    assert_eq!(
        media_type::of("pdfjs/cmaps/UniJIS-H.bcmap"),
        "application/octet-stream"
    );
    assert_eq!(media_type::of("LICENSE"), "application/octet-stream");
}
