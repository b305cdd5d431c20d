//! The list: newest first, page by page, read and unread.

use docuvault::notifications::Kind;
use serde_json::{Value, json};

use super::{kinds, tell, two_users};
use crate::support::{TestApp, TestUser};

async fn unread(user: &TestUser) -> Value {
    user.get("/api/v1/notifications").await.expect(200).json()["unread"].clone()
}

#[tokio::test]
async fn notifications_are_listed_newest_first_page_by_page() {
    let app = TestApp::start().await;
    let (alice, bob) = two_users(&app).await;
    let told = [
        Kind::NewSignIn,
        Kind::PasswordChanged,
        Kind::TotpEnabled,
        Kind::RoleChanged,
        Kind::ApiTokenMade,
    ];
    for kind in told {
        tell(&app, &alice, kind).await;
    }
    tell(&app, &bob, Kind::QuotaChanged).await;

    let (mut seen, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = alice
            .get(&format!("/api/v1/notifications?limit=2{cursor}"))
            .await
            .expect(200)
            .json();
        assert_eq!(page["unread"], 5, "on all pages");
        for item in page["items"].as_array().unwrap() {
            assert_eq!(
                item["data"],
                json!({"ip": "203.0.113.7", "user_agent": "Firefox"})
            );
            assert_eq!(item["read_at"], Value::Null);
            assert!(item["created_at"].is_string() && item["id"].is_string());
            seen.push(item["kind"].as_str().unwrap().to_owned());
        }
        pages += 1;
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    let expected: Vec<_> = told.iter().rev().map(|kind| kind.name()).collect();
    assert_eq!(
        (seen, pages),
        (expected.iter().map(|&name| name.to_owned()).collect(), 3)
    );
    assert_eq!(kinds(&bob).await, ["account.quota_changed"]);
}

#[tokio::test]
async fn a_list_refuses_what_it_does_not_know() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for (query, status, code) in [
        ("limit=0", 422, "validation_failed"),
        ("limit=201", 422, "validation_failed"),
        ("cursor=forged", 400, "invalid_cursor"),
        ("unread=true", 400, "unknown_field"),
    ] {
        alice
            .get(&format!("/api/v1/notifications?{query}"))
            .await
            .expect_problem(status, code);
    }
}

#[tokio::test]
async fn one_is_read_once_and_only_by_its_owner() {
    let app = TestApp::start().await;
    let (alice, bob) = two_users(&app).await;
    tell(&app, &alice, Kind::NewSignIn).await;
    tell(&app, &alice, Kind::RoleChanged).await;
    let first = |list: Value| list["items"][0].clone();
    let item = first(alice.get("/api/v1/notifications").await.expect(200).json());
    let path = format!(
        "/api/v1/notifications/{}/read",
        item["id"].as_str().unwrap()
    );
    bob.post_nothing(&path)
        .await
        .expect_problem(404, "not_found");
    bob.post_nothing("/api/v1/notifications/read-all")
        .await
        .expect(204);
    assert_eq!(unread(&alice).await, 2);

    alice.post_nothing(&path).await.expect(204);
    assert_eq!(unread(&alice).await, 1);
    let read_at =
        first(alice.get("/api/v1/notifications").await.expect(200).json())["read_at"].clone();
    assert!(read_at.is_string());
    app.clock.advance(std::time::Duration::from_secs(5));
    alice.post_nothing(&path).await.expect(204);
    let again =
        first(alice.get("/api/v1/notifications").await.expect(200).json())["read_at"].clone();
    assert_eq!(again, read_at, "when it was first read");
}

#[tokio::test]
async fn all_are_read_at_once() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for kind in [Kind::NewSignIn, Kind::RoleChanged, Kind::TotpDisabled] {
        tell(&app, &alice, kind).await;
    }
    alice
        .post_nothing("/api/v1/notifications/read-all")
        .await
        .expect(204);
    alice
        .post_nothing("/api/v1/notifications/read-all")
        .await
        .expect(204);
    assert_eq!(unread(&alice).await, 0);
    assert_eq!(kinds(&alice).await.len(), 3);
    tell(&app, &alice, Kind::QuotaChanged).await;
    assert_eq!(unread(&alice).await, 1);
}
