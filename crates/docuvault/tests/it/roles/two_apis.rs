//! Two processes of the API: what one has begun, the other goes on with.

use serde_json::json;

use crate::support::{SendIt, TestApp, TestUser};

/// The same person at the other process.
fn at(user: &TestUser, base_url: &str) -> crate::support::Client {
    crate::support::Client::new(base_url).with_token(user.token())
}

#[tokio::test]
async fn rel_ops_04_no_process_keeps_what_another_needs() {
    let app = TestApp::with()
        .setting("DOCUVAULT_TRIES_PER_ACCOUNT", 4)
        .start()
        .await;
    let other = app.replica().await;
    let alice = app.user("alice").await;
    let there = at(&alice, &other.base_url);

    // An upload begun here, sent there, completed here, seen there.
    let started = alice.start_upload("a.txt", 3).await;
    let path = &started.url[started.url.find("/gateway/").unwrap()..];
    other.anon().put(path, b"abc".to_vec()).await.expect(201);
    alice.complete(started.document).await.expect(200);
    there
        .get(&format!("/api/v1/documents/{}", started.document))
        .await
        .expect(200);
    // A page of a list from here goes on there: cursors are signed alike.
    for name in ["b.txt", "c.txt"] {
        alice.upload(name, name.as_bytes()).await;
    }
    let page = alice
        .get("/api/v1/documents?limit=1")
        .await
        .expect(200)
        .json();
    let next = format!(
        "/api/v1/documents?limit=1&cursor={}",
        page["next_cursor"].as_str().unwrap()
    );
    there.get(&next).await.expect(200);
    // A repeat with the same key is a repeat there too.
    let once = |client: &crate::support::Client| {
        client
            .request(reqwest::Method::POST, "/api/v1/topics")
            .header("idempotency-key", "once")
            .json(&json!({"name": "Once"}))
    };
    let first = once(&alice).send_it().await.expect(201).json();
    assert_eq!(
        once(&there).send_it().await.expect(201).json()["id"],
        first["id"]
    );
    // Renewed there, ended here, over everywhere.
    let renewed = other
        .anon()
        .refresh(&alice.refresh_cookie)
        .await
        .expect(200)
        .json();
    let renewed = alice.with_token(renewed["access_token"].as_str().unwrap());
    renewed.get("/api/v1/me").await.expect(200);

    // Wrong passwords are counted together.
    for number in 0..4 {
        let anon = if number % 2 == 0 {
            app.anon()
        } else {
            other.anon()
        };
        anon.login(&alice.email, "wrong password")
            .await
            .expect_problem(401, "invalid_credentials");
    }
    for anon in [app.anon(), other.anon()] {
        anon.login(&alice.email, "wrong password")
            .await
            .expect_problem(429, "too_many_attempts");
    }
    other.stop().await;
}
