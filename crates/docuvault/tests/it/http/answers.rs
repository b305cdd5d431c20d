//! What every answer carries, whatever it is.

use std::collections::BTreeSet;

use reqwest::Method;

use crate::support::{Response, SendIt, TestApp};

/// One answer of every sort: page, API, file, and each kind of refusal.
async fn one_of_each(app: &TestApp) -> Vec<(&'static str, Response)> {
    let (alice, anon) = (app.user("alice").await, app.anon());
    let document = alice.upload("a.html", b"<script>alert(1)</script>").await;
    let download = alice
        .get(&format!(
            "/api/v1/documents/{document}/download?disposition=inline"
        ))
        .await
        .expect(200)
        .json();
    let url = download["url"].as_str().unwrap();
    let huge = alice
        .request(Method::POST, "/api/v1/topics")
        .header("content-type", "application/json")
        .body(vec![b' '; 2 << 20]);
    vec![
        (
            "a page",
            anon.request(Method::GET, "/")
                .header("accept", "text/html")
                .send_it()
                .await
                .expect(200),
        ),
        ("health", anon.get("/health").await.expect(200)),
        ("the API", alice.get("/api/v1/me").await.expect(200)),
        (
            "a creation",
            alice
                .post("/api/v1/topics", serde_json::json!({"name": "x"}))
                .await
                .expect(201),
        ),
        (
            "no content",
            alice
                .delete(&format!("/api/v1/documents/{document}"))
                .await
                .expect(204),
        ),
        ("the description", anon.get("/api/docs").await.expect(200)),
        ("a file", anon.get(url).await.expect(200)),
        (
            "a part of a file",
            anon.request(Method::GET, url)
                .header("range", "bytes=1-2")
                .send_it()
                .await
                .expect(206),
        ),
        (
            "an impossible part",
            anon.request(Method::GET, url)
                .header("range", "bytes=900-")
                .send_it()
                .await
                .expect(416),
        ),
        ("a bad ticket", anon.get("/gateway/v1/x").await.expect(403)),
        (
            "bad JSON",
            alice
                .request(Method::POST, "/api/v1/topics")
                .header("content-type", "application/json")
                .body("{")
                .send_it()
                .await
                .expect(400),
        ),
        ("nobody", anon.get("/api/v1/me").await.expect(401)),
        ("nothing", alice.get("/api/v1/nothing").await.expect(404)),
        (
            "a wrong method",
            alice.post_nothing("/api/v1/me").await.expect(405),
        ),
        ("too much", huge.send_it().await.expect(413)),
        (
            "not JSON",
            alice
                .request(Method::POST, "/api/v1/topics")
                .body("x")
                .send_it()
                .await
                .expect(415),
        ),
        (
            "a wrong value",
            alice
                .post("/api/v1/topics", serde_json::json!({"name": ""}))
                .await
                .expect(422),
        ),
    ]
}

#[tokio::test]
async fn sec_web_02_every_answer_has_the_security_headers() {
    let app = TestApp::start().await;
    for (what, answer) in one_of_each(&app).await {
        let header = |name: &str| {
            answer
                .header(name)
                .unwrap_or_else(|| panic!("{what} lacks {name}"))
        };
        assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{what}");
        assert_eq!(header("x-frame-options"), "DENY", "{what}");
        assert_eq!(
            header("cross-origin-opener-policy"),
            "same-origin",
            "{what}"
        );
        assert_eq!(
            header("cross-origin-resource-policy"),
            "same-origin",
            "{what}"
        );
        assert!(header("permissions-policy").contains("camera=()"), "{what}");
        assert_eq!(
            answer.header("strict-transport-security"),
            None,
            "{what}: without https there is nothing to insist on"
        );
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{what}: {policy}");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{what}: {policy}"
        );
        let scripts = policy
            .split(';')
            .find(|part| part.trim().starts_with("script-src"));
        assert!(
            scripts.is_none_or(|part| part.trim() == "script-src 'self'"),
            "{what}: {policy}"
        );
        assert!(
            answer.header("access-control-allow-origin").is_none(),
            "{what} opens itself to other sites"
        );
        assert!(
            answer.header("server").is_none() && answer.header("x-powered-by").is_none(),
            "{what} says what it runs on"
        );
    }
}

#[tokio::test]
async fn every_answer_has_a_request_id_and_every_refusal_repeats_it() {
    let app = TestApp::start().await;
    let mut ids = BTreeSet::new();
    for (what, answer) in one_of_each(&app).await {
        let id = answer
            .header("x-request-id")
            .unwrap_or_else(|| panic!("{what} lacks X-Request-Id"))
            .to_owned();
        if answer.status.is_client_error() {
            let body = answer.json();
            assert_eq!(answer.problem_code(), body["code"], "{what}");
            assert_eq!(
                (body["request_id"].as_str(), body["status"].as_u64()),
                (Some(id.as_str()), Some(answer.status.as_u16().into())),
                "{what}"
            );
            assert_eq!(
                body["title"].as_str(),
                answer.status.canonical_reason(),
                "{what}"
            );
            assert_eq!(body["type"], "about:blank", "{what}");
            assert!(!body["detail"].as_str().unwrap().is_empty(), "{what}");
        }
        assert!(ids.insert(id), "{what} repeats another's id");
    }
    let own = app
        .anon()
        .request(Method::GET, "/health")
        .header("x-request-id", "chosen by the client")
        .send_it()
        .await;
    assert_ne!(own.header("x-request-id"), Some("chosen by the client"));
}

#[tokio::test]
async fn sec_web_02_only_files_are_ever_cached_and_a_stored_one_only_by_its_reader() {
    let app = TestApp::start().await;
    for (what, answer) in one_of_each(&app).await {
        let cache = answer.header("cache-control").unwrap_or_default();
        match what {
            "a page" => assert_eq!(cache, "no-cache", "{what}"),
            "a file" | "a part of a file" => {
                assert!(cache.starts_with("private"), "{what}: {cache}");
            }
            _ => assert_eq!(cache, "no-store", "{what}"),
        }
    }
}

#[tokio::test]
async fn sec_web_02_a_vault_of_https_insists_on_it() {
    let app = TestApp::with()
        .setting("DOCUVAULT_PUBLIC_URL", "https://vault.example.org")
        .start()
        .await;
    for path in [
        "/",
        "/api/v1/me",
        "/api/v1/nothing",
        "/gateway/v1/x",
        "/health",
    ] {
        let answer = app.anon().get(path).await;
        let insists = answer.header("strict-transport-security");
        assert!(
            insists.is_some_and(|value| value.starts_with("max-age=")),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_stored_page_is_never_shown_as_one() {
    let app = TestApp::start().await;
    for (what, answer) in one_of_each(&app).await {
        if what == "a file" {
            assert!(
                !answer.header("content-type").unwrap().contains("html"),
                "{:?}",
                answer.headers
            );
            assert!(
                answer
                    .header("content-disposition")
                    .unwrap()
                    .starts_with("attachment"),
                "{:?}",
                answer.headers
            );
            assert!(
                answer
                    .header("content-security-policy")
                    .unwrap()
                    .contains("sandbox"),
                "{:?}",
                answer.headers
            );
        }
    }
}
