//! A body or query that is not as it should be is refused with the exact reason, and changes nothing.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Response, SendIt, TestApp, TestUser};

async fn send(user: &TestUser, content_type: &str, body: impl Into<Vec<u8>>) -> Response {
    user.request(Method::POST, "/api/v1/topics")
        .header("content-type", content_type)
        .body(body.into())
        .send_it()
        .await
}

async fn send_json(user: &TestUser, body: impl Into<Vec<u8>>) -> Response {
    send(user, "application/json", body).await
}

#[tokio::test]
async fn a_body_that_is_not_json_is_malformed() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let bodies: [&[u8]; 8] = [
        b"",
        b"{",
        b"name=x",
        b"{\"name\": \"x\"",
        b"{\"name\": \"x\"} {}",
        b"{\"name\": \"\xff\"}",
        b"\0",
        b"{'name': 'x'}",
    ];
    for body in bodies {
        let shown = String::from_utf8_lossy(&body[..body.len().min(30)]).into_owned();
        let refused = send_json(&alice, body).await;
        assert_eq!(
            (refused.status.as_u16(), refused.problem_code().as_str()),
            (400, "malformed_json"),
            "{shown}"
        );
    }
    for deep in ["[".repeat(500_000), r#"{"name":"#.repeat(100_000)] {
        send_json(&alice, deep)
            .await
            .expect_problem(422, "validation_failed");
    }
}

#[tokio::test]
async fn only_json_is_taken() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "",
    ] {
        send(&alice, kind, r#"{"name": "x"}"#)
            .await
            .expect_problem(415, "unsupported_media_type");
    }
    let bare = alice
        .request(Method::POST, "/api/v1/topics")
        .body(r#"{"name": "x"}"#);
    bare.send_it()
        .await
        .expect_problem(415, "unsupported_media_type");
    for (number, kind) in [
        "application/json",
        "application/json; charset=utf-8",
        "APPLICATION/JSON",
    ]
    .into_iter()
    .enumerate()
    {
        send(
            &alice,
            kind,
            json!({"name": format!("Topic {number}")}).to_string(),
        )
        .await
        .expect(201);
    }
}

#[tokio::test]
async fn a_body_has_one_mebibyte_at_most() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let padded = |bytes: usize| {
        let body = json!({"name": "x"}).to_string();
        format!("{body}{}", " ".repeat(bytes - body.len()))
    };
    send_json(&alice, padded(1024 * 1024)).await.expect(201);
    send_json(&alice, padded(1024 * 1024 + 1))
        .await
        .expect_problem(413, "body_too_large");
    for path in ["/api/v1/documents", "/api/v1/auth/login", "/api/v1/setup"] {
        let request = alice
            .request(Method::POST, path)
            .header("content-type", "application/json")
            .body(padded(2 * 1024 * 1024));
        request
            .send_it()
            .await
            .expect_problem(413, "body_too_large");
    }
}

#[tokio::test]
async fn a_complete_with_a_huge_body_is_refused_too() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let started = alice.start_upload("a.txt", 1).await;
    let path = format!("/api/v1/documents/{}/complete", started.document);
    let request = |body: String| {
        alice
            .request(Method::POST, &path)
            .header("content-type", "application/json")
            .body(body)
            .send_it()
    };
    request(" ".repeat(3 * 1024 * 1024))
        .await
        .expect_problem(413, "body_too_large");
    request("{".to_owned())
        .await
        .expect_problem(400, "malformed_json");
    request(r#"{"pieces": []}"#.to_owned())
        .await
        .expect_problem(400, "unknown_field");
}

#[tokio::test]
async fn sec_az_04_unknown_fields_are_refused_by_name() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let document = alice.upload("a.txt", b"a").await;
    let topic = alice
        .post("/api/v1/topics", json!({"name": "x"}))
        .await
        .expect(201)
        .id();
    let bodies = [
        (
            Method::POST,
            "/api/v1/topics".to_owned(),
            json!({"name": "y", "colour": "red"}),
        ),
        (
            Method::PATCH,
            format!("/api/v1/topics/{topic}"),
            json!({"id": topic}),
        ),
        (
            Method::PATCH,
            format!("/api/v1/documents/{document}"),
            json!({"user_id": alice.id.0}),
        ),
        (
            Method::POST,
            "/api/v1/documents".to_owned(),
            json!({"filename": "b", "size_bytes": 1, "content_type": "", "state": "ready"}),
        ),
        (
            Method::POST,
            "/api/v1/auth/login".to_owned(),
            json!({"email": "a", "password": "b", "admin": true}),
        ),
    ];
    for (method, path, body) in bodies {
        alice
            .request(method, &path)
            .json(&body)
            .send_it()
            .await
            .expect_problem(400, "unknown_field");
    }
    for path in [
        "/api/v1/documents?colour=red",
        "/api/v1/search?q=a&colour=red",
        &format!("/api/v1/documents/{document}/download?colour=red"),
    ] {
        let detail = alice
            .get(path)
            .await
            .expect_problem(400, "unknown_field")
            .json()["detail"]
            .clone();
        assert!(
            detail.as_str().unwrap().contains("colour"),
            "{path}: {detail}"
        );
    }
    let started = alice
        .post(
            "/api/v1/documents?force=true",
            json!({"filename": "b", "size_bytes": 1, "content_type": ""}),
        )
        .await;
    started.expect_problem(400, "unknown_field");
}

#[tokio::test]
async fn values_of_the_wrong_kind_name_their_field() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let file = |field: &str, value: Value| {
        let mut body = json!({"filename": "a.txt", "size_bytes": 1, "content_type": "text/plain"});
        body[field] = value;
        body
    };
    let cases = [
        ("filename", file("filename", json!(1))),
        ("size_bytes", file("size_bytes", json!("1"))),
        ("size_bytes", file("size_bytes", json!(1.5))),
        ("size_bytes", file("size_bytes", json!(u64::MAX))),
        ("size_bytes", file("size_bytes", json!(-1))),
        ("size_bytes", file("size_bytes", json!(0))),
        ("folder_id", file("folder_id", json!("root"))),
        ("folder_id", file("folder_id", json!(uuid::Uuid::nil()))),
        ("sha256", file("sha256", json!("abc"))),
        ("filename", file("filename", json!("a/b"))),
        ("filename", file("filename", json!("a\u{0}b"))),
        ("filename", json!({"size_bytes": 1, "content_type": ""})),
    ];
    for (field, body) in cases {
        let problem = alice
            .post("/api/v1/documents", &body)
            .await
            .expect_problem(422, "validation_failed")
            .json();
        assert_eq!(problem["errors"][0]["field"], field, "{body}: {problem}");
    }
    assert_eq!(
        alice.get("/api/v1/me/quota").await.json()["reserved_bytes"],
        0
    );
    for query in [
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=x",
        "sort=age",
        "status=done",
        "trashed=1",
        "created_after=today",
        "topic_id=1",
    ] {
        alice
            .get(&format!("/api/v1/documents?{query}"))
            .await
            .expect_problem(422, "validation_failed");
    }
    alice
        .get("/api/v1/search")
        .await
        .expect_problem(422, "validation_failed");
    alice
        .get("/api/v1/documents?q=%ff")
        .await
        .expect_problem(400, "malformed_query");
}
