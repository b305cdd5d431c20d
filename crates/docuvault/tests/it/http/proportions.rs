//! Requests out of all proportion are refused for what they are, and cost next to nothing.

use reqwest::Method;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{SendIt, TestApp};

/// What is answered to these bytes, until the vault closes the connection.
async fn answer_to(app: &TestApp, bytes: &[u8]) -> String {
    let addr = app.base_url.trim_start_matches("http://");
    let (mut read, mut write) = TcpStream::connect(addr).await.unwrap().into_split();
    // The vault may close while we still write.
    let _ = write.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = read.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn status_of(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

#[tokio::test]
async fn rel_net_02_heads_have_bounds() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for path in [
        format!("/api/v1/documents?q={}", "x".repeat(17_000)),
        format!("/{}", "x".repeat(17_000)),
    ] {
        alice.get(&path).await.expect_problem(414, "uri_too_long");
    }
    alice
        .request(Method::GET, "/api/v1/me")
        .header("x-long", "x".repeat(40_000))
        .send_it()
        .await
        .expect_problem(431, "headers_too_large");
    let many = |count: usize| {
        let lines = (0..count)
            .map(|n| format!("x-{n}: y\r\n"))
            .collect::<Vec<_>>()
            .concat();
        format!("GET /health/live HTTP/1.1\r\nhost: vault\r\nconnection: close\r\n{lines}\r\n")
    };
    for (what, request, status) in [
        ("some headers", many(90), "200"),
        ("many headers", many(101), "431"),
        ("very many headers", many(20_000), "431"),
        (
            "an endless header",
            format!("GET / HTTP/1.1\r\nx: {}", "y".repeat(1 << 20)),
            "431",
        ),
        (
            "an endless address",
            format!("GET /{} HTTP/1.1\r\n\r\n", "y".repeat(1 << 20)),
            "414 431",
        ),
        ("no HTTP", "\u{16}\u{3}\u{1}\r\n\r\n".to_owned(), "400"),
    ] {
        let answer = answer_to(&app, request.as_bytes()).await;
        assert!(
            status.contains(status_of(&answer)),
            "{what}: {}",
            answer.chars().take(300).collect::<String>()
        );
    }
    app.anon().get("/health").await.expect(200);
}

#[tokio::test]
async fn rel_net_02_depth_and_length_of_bodies_have_bounds() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let document = alice.upload("a.txt", b"a").await;
    let patch = |body: String| {
        alice
            .request(Method::PATCH, &format!("/api/v1/documents/{document}"))
            .header("content-type", "application/json")
            .body(body)
            .send_it()
    };
    for deep in [
        "[".repeat(500_000),
        r#"{"title":"#.repeat(100_000),
        format!(r#"{{"unknown":{}1{}}}"#, "[".repeat(1000), "]".repeat(1000)),
        format!(r#"{{"topic_ids":{}1{}}}"#, "[".repeat(200), "]".repeat(200)),
    ] {
        let answer = patch(deep.clone()).await;
        assert!(
            answer.status.is_client_error(),
            "{}: {}",
            &deep[..40],
            answer.text()
        );
    }
    let topics = |count: usize| {
        json!({"topic_ids": vec![uuid::Uuid::now_v7(); count].iter().map(|_| uuid::Uuid::now_v7()).collect::<Vec<_>>()}).to_string()
    };
    patch(topics(25_000))
        .await
        .expect_problem(422, "validation_failed");
    patch(json!({"title": "x".repeat(1_000_000)}).to_string())
        .await
        .expect_problem(422, "validation_failed");
    let long = format!("/api/v1/search?q={}", "x".repeat(8000));
    assert!(alice.get(&long).await.status.is_client_error());
}

#[tokio::test]
async fn sec_web_06_trace_is_off_and_no_folder_is_listed() {
    let app = TestApp::start().await;
    for method in ["TRACE", "TRACK", "CONNECT"] {
        for path in ["/", "/api/v1/me", "/gateway/v1/x", "/health", "/assets/"] {
            let request = format!(
                "{method} {path} HTTP/1.1\r\nhost: vault\r\ncookie: canary\r\nconnection: close\r\n\r\n"
            );
            let answer = answer_to(&app, request.as_bytes()).await;
            let refused = ["400", "404", "405"].contains(&status_of(&answer));
            assert!(
                refused && !answer.contains("canary"),
                "{method} {path}: {answer}"
            );
        }
    }
    for path in [
        "/assets/",
        "/assets",
        "/pdfjs/",
        "/.git/config",
        "/metrics",
        "/debug/pprof",
        "/server-status",
        "/.env",
    ] {
        app.anon().get(path).await.expect(404);
    }
}
