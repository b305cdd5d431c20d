//! Addresses that lead nowhere, and methods that an address does not take.

use reqwest::Method;

use crate::support::{SendIt, TestApp};

#[tokio::test]
async fn an_unknown_address_of_the_api_is_a_problem_and_no_page() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for path in [
        "/api/",
        "/api/v1",
        "/api/v2/me",
        "/api/v1/me/",
        "/api/v1/documents/",
        "/gateway/",
        "/gateway/v1/",
        "/gateway/v1/a/b",
        "/api/v1/%2e%2e/health",
    ] {
        for client in [&app.anon(), &*alice] {
            client.get(path).await.expect_problem(404, "not_found");
        }
    }
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        alice
            .request(method, "/some/page")
            .send_it()
            .await
            .expect_problem(404, "not_found");
    }
}

#[tokio::test]
async fn a_method_that_is_not_there_is_told_apart() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for (method, path) in [
        (Method::PUT, "/api/v1/documents"),
        (Method::POST, "/api/v1/me"),
        (Method::GET, "/api/v1/auth/login"),
        (Method::DELETE, "/api/v1/setup"),
        (Method::POST, "/health"),
        (Method::POST, "/gateway/v1/x"),
        (Method::from_bytes(b"FROBNICATE").unwrap(), "/api/v1/topics"),
    ] {
        let refused = alice
            .request(method.clone(), path)
            .send_it()
            .await
            .expect_problem(405, "method_not_allowed");
        assert!(
            refused.header("allow").is_some(),
            "{method} {path} does not say what is allowed"
        );
    }
}

#[tokio::test]
async fn what_is_no_id_names_nothing() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for ticket in ["%ff", "%00", "a%2fb"] {
        alice
            .get(&format!("/gateway/v1/{ticket}"))
            .await
            .expect_problem(403, "invalid_ticket");
    }
    for id in [
        "%ff",
        "x",
        "1",
        "00000000",
        "%00",
        "..%2f..",
        "urn:uuid:x",
        &"a".repeat(5000),
    ] {
        alice
            .get(&format!("/api/v1/documents/{id}"))
            .await
            .expect_problem(404, "not_found");
        alice
            .delete(&format!("/api/v1/topics/{id}"))
            .await
            .expect_problem(404, "not_found");
        alice
            .post_nothing(&format!("/api/v1/documents/{id}/complete"))
            .await
            .expect_problem(404, "not_found");
    }
}

#[tokio::test]
async fn health_says_how_the_parts_are_and_nothing_more() {
    let app = TestApp::start().await;
    let health = app.anon().get("/health").await.expect(200).json();
    assert_eq!(health["status"], "ok");
    assert_eq!(
        health["components"],
        serde_json::json!({"database": "ok", "storage": "ok", "queue": "ok"})
    );
    assert_eq!(health.as_object().unwrap().len(), 3, "{health}");

    app.state.db().close().await;
    let health = app.anon().get("/health").await.expect(503).json();
    assert_eq!(
        (
            health["status"].as_str(),
            health["components"]["database"].as_str()
        ),
        (Some("degraded"), Some("unavailable"))
    );
    assert_eq!(health["components"]["storage"], "ok");
    app.anon().get("/health/live").await.expect(200);
    let refused = app
        .anon()
        .login("a@example.org", "password")
        .await
        .expect_problem(503, "database_unavailable");
    assert!(refused.header("retry-after").is_some());
}
