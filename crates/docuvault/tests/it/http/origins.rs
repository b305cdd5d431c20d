//! Other sites: none of them may read what the vault answers.

use reqwest::Method;

use crate::support::{SendIt, TestApp};

#[tokio::test]
async fn sec_web_03_no_other_site_is_let_in() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let document = alice.upload("a.txt", b"a").await;
    let download = alice
        .get(&format!("/api/v1/documents/{document}/download"))
        .await
        .expect(200)
        .json();
    let file = download["url"].as_str().unwrap();
    let (own, port) = app.base_url.rsplit_once(':').unwrap();
    let near_misses = [
        app.base_url.clone(),
        format!("{}.evil.example", app.base_url),
        format!("{own}:1{port}"),
        own.to_owned(),
        app.base_url.replace("http:", "https:"),
        format!("http://evil.127.0.0.1:{port}"),
        format!("http://localhost:{port}"),
    ];
    let foreign = ["https://evil.example", "null", "", "file://", "*"].map(str::to_owned);
    for origin in near_misses.into_iter().chain(foreign) {
        for path in [
            "/",
            "/api/v1/me",
            "/api/v1/nothing",
            "/api/v1/auth/login",
            "/api/openapi.json",
            "/health",
            file,
        ] {
            let preflight = alice
                .request(Method::OPTIONS, path)
                .header("origin", &origin)
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "authorization");
            let plain = alice.request(Method::GET, path).header("origin", &origin);
            for request in [preflight, plain] {
                let answer = request.send_it().await;
                let opened = answer
                    .headers
                    .keys()
                    .find(|name| name.as_str().starts_with("access-control-"));
                assert_eq!(opened, None, "{path} for {origin:?}");
                assert_eq!(
                    answer.header("cross-origin-resource-policy"),
                    Some("same-origin"),
                    "{path} for {origin:?}"
                );
            }
        }
    }
}
