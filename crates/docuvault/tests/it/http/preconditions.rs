//! `ETag` and `If-Match`: a change that was made looking at an older version is not made.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Response, SendIt, TestApp, TestUser};

async fn patch(user: &TestUser, path: &str, if_match: &str, body: Value) -> Response {
    user.request(Method::PATCH, path)
        .header("if-match", if_match)
        .json(&body)
        .send_it()
        .await
}

#[tokio::test]
async fn a_document_changes_only_from_the_version_that_was_seen() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let path = format!("/api/v1/documents/{}", alice.upload("a.txt", b"a").await);
    let seen = alice
        .get(&path)
        .await
        .expect(200)
        .header("etag")
        .unwrap()
        .to_owned();
    let changed = patch(&alice, &path, &seen, json!({"title": "First"}))
        .await
        .expect(200);
    let newer = changed.header("etag").unwrap().to_owned();
    assert_ne!(newer, seen);

    for stale in [&seen, "\"v0\"", "garbage", "", newer.trim_matches('"')] {
        patch(&alice, &path, stale, json!({"title": "Second"}))
            .await
            .expect_problem(412, "precondition_failed");
    }
    let trash = alice
        .request(Method::DELETE, &path)
        .header("if-match", &seen);
    trash
        .send_it()
        .await
        .expect_problem(412, "precondition_failed");
    let present = alice.get(&path).await.expect(200);
    assert_eq!(
        (present.json()["title"].as_str(), present.header("etag")),
        (Some("First"), Some(newer.as_str()))
    );

    patch(
        &alice,
        &path,
        &format!("\"v0\", {newer}"),
        json!({"title": "Third"}),
    )
    .await
    .expect(200);
    patch(&alice, &path, "*", json!({"title": "Fourth"}))
        .await
        .expect(200);
}

#[tokio::test]
async fn so_does_a_topic() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let made = alice
        .post("/api/v1/topics", json!({"name": "Sailing"}))
        .await
        .expect(201);
    let path = format!("/api/v1/topics/{}", made.id());
    let seen = made.header("etag").unwrap().to_owned();
    patch(&alice, &path, &seen, json!({"name": "Rowing"}))
        .await
        .expect(200);
    patch(&alice, &path, &seen, json!({"name": "Surfing"}))
        .await
        .expect_problem(412, "precondition_failed");
}

#[tokio::test]
async fn of_two_changes_from_one_version_one_is_made() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let path = format!("/api/v1/documents/{}", alice.upload("a.txt", b"a").await);
    let seen = alice
        .get(&path)
        .await
        .expect(200)
        .header("etag")
        .unwrap()
        .to_owned();
    let mut racing = tokio::task::JoinSet::new();
    for racer in 0..8 {
        let (alice, path, seen) = (alice.clone(), path.clone(), seen.clone());
        racing.spawn(async move {
            patch(
                &alice,
                &path,
                &seen,
                json!({"title": format!("Racer {racer}")}),
            )
            .await
            .status
            .as_u16()
        });
    }
    let mut statuses = racing.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [&[200][..], &[412; 7]].concat());
}
