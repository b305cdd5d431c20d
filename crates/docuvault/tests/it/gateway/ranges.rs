//! Parts of a file, as viewers and players ask for them.

use reqwest::Method;

use super::download_url;
use crate::support::{Response, SendIt, TestApp};

const FILE: &str = "0123456789";

async fn fetch(app: &TestApp, url: &str, headers: &[(&str, &str)]) -> Response {
    let request = headers.iter().fold(
        app.anon().request(Method::GET, url),
        |request, (name, value)| request.header(*name, *value),
    );
    request.send_it().await
}

#[tokio::test]
async fn a_range_gets_its_part() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let url = download_url(&alice, alice.upload("a.txt", FILE).await).await;
    for (range, part, content_range) in [
        ("bytes=0-3", "0123", "bytes 0-3/10"),
        ("bytes=4-", "456789", "bytes 4-9/10"),
        ("bytes=-2", "89", "bytes 8-9/10"),
        ("bytes=-99", FILE, "bytes 0-9/10"),
        ("bytes=9-99", "9", "bytes 9-9/10"),
    ] {
        let answer = fetch(&app, &url, &[("range", range)]).await.expect(206);
        assert_eq!(
            (answer.text().as_str(), answer.header("content-range")),
            (part, Some(content_range)),
            "{range}"
        );
        assert_eq!(
            answer.header("content-length"),
            Some(part.len().to_string().as_str())
        );
    }
    for range in ["bytes=10-", "bytes=-0", "bytes=99-100"] {
        let answer = fetch(&app, &url, &[("range", range)])
            .await
            .expect_problem(416, "range_not_satisfiable");
        assert_eq!(
            answer.header("content-range"),
            Some("bytes */10"),
            "{range}"
        );
    }
    for range in ["bytes=5-2", "bytes=0-1,3-4", "lines=1-2", "bytes=x"] {
        let answer = fetch(&app, &url, &[("range", range)]).await.expect(200);
        assert_eq!(
            (answer.text().as_str(), answer.header("accept-ranges")),
            (FILE, Some("bytes")),
            "{range}"
        );
    }
}

#[tokio::test]
async fn a_range_holds_only_for_what_was_seen_before() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let url = download_url(&alice, alice.upload("a.txt", FILE).await).await;
    let etag = fetch(&app, &url, &[])
        .await
        .expect(200)
        .header("etag")
        .unwrap()
        .to_owned();
    let range = ("range", "bytes=2-3");
    assert_eq!(
        fetch(&app, &url, &[range, ("if-range", &etag)])
            .await
            .expect(206)
            .text(),
        "23"
    );
    for other in ["\"other\"", "Mon, 23 Nov 2026 18:00:00 GMT"] {
        assert_eq!(
            fetch(&app, &url, &[range, ("if-range", other)])
                .await
                .expect(200)
                .text(),
            FILE
        );
    }
}

#[tokio::test]
async fn what_is_known_already_is_not_sent_again() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.upload("a.txt", FILE).await;
    let url = download_url(&alice, id).await;
    let etag = fetch(&app, &url, &[])
        .await
        .expect(200)
        .header("etag")
        .unwrap()
        .to_owned();
    for known in [etag.clone(), format!("\"x\", {etag}")] {
        let answer = fetch(&app, &url, &[("if-none-match", &known)])
            .await
            .expect(304);
        assert!(answer.bytes.is_empty() && answer.header("etag") == Some(etag.as_str()));
    }
    fetch(&app, &url, &[("if-none-match", "\"x\"")])
        .await
        .expect(200);
    let again = download_url(&alice, id).await;
    assert_eq!(
        fetch(&app, &again, &[]).await.header("etag"),
        Some(etag.as_str()),
        "the same bytes have the same tag at every address"
    );
}

#[tokio::test]
async fn head_tells_all_but_the_bytes() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let url = download_url(&alice, alice.upload("a.txt", FILE).await).await;
    let (head, get) = (
        app.anon()
            .request(Method::HEAD, &url)
            .send_it()
            .await
            .expect(200),
        fetch(&app, &url, &[]).await.expect(200),
    );
    assert!(head.bytes.is_empty());
    for name in [
        "content-length",
        "content-type",
        "content-disposition",
        "etag",
        "accept-ranges",
        "content-security-policy",
    ] {
        assert_eq!(head.header(name), get.header(name), "{name}");
        assert!(head.header(name).is_some(), "{name}");
    }
}
