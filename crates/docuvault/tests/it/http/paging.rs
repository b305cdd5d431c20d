//! Cursors: every row once, whatever is added meanwhile, and none that the vault did not make.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{TestApp, TestUser};

async fn page(user: &TestUser, query: &str) -> (Vec<String>, Option<String>) {
    let body = user
        .get(&format!("/api/v1/documents?{query}"))
        .await
        .expect(200)
        .json();
    let ids = body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|document| document["id"].as_str().unwrap().to_owned())
        .collect();
    (ids, body["next_cursor"].as_str().map(str::to_owned))
}

/// Pages through it all, adding a document after each page.
async fn walk(user: &TestUser, query: &str) -> Vec<String> {
    let (mut all, mut cursor) = page(user, query).await;
    while let Some(next) = cursor {
        user.start_upload("meanwhile.txt", 1).await;
        let (ids, following) = page(user, &format!("{query}&cursor={next}")).await;
        assert!(
            !ids.is_empty(),
            "a cursor leads to a page with something on it"
        );
        all.extend(ids);
        cursor = following;
    }
    all
}

#[tokio::test]
async fn each_row_comes_once_in_every_order() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let mut ids = BTreeSet::new();
    for number in 0..7 {
        // Some alike in title and size, some without a date.
        let id = alice
            .upload(
                &format!("{}.txt", number % 3),
                vec![b'x'; 1 + number % 2 * 7 + number],
            )
            .await;
        if number % 2 == 0 {
            let dated =
                serde_json::json!({"document_date": format!("2026-01-0{}", 1 + number / 2)});
            alice
                .patch(&format!("/api/v1/documents/{id}"), dated)
                .await
                .expect(200);
        }
        ids.insert(id.to_string());
    }
    for sort in [
        "-created_at",
        "created_at",
        "title",
        "-title",
        "-document_date",
        "document_date",
        "-size_bytes",
        "size_bytes",
    ] {
        let walked = walk(&alice, &format!("limit=3&sort={sort}")).await;
        let seen: BTreeSet<String> = walked.iter().cloned().collect();
        assert_eq!(seen.len(), walked.len(), "{sort} shows a document twice");
        assert!(ids.is_subset(&seen), "{sort} leaves some out");
        if sort == "-created_at" {
            assert!(
                walked.is_sorted_by(|a, b| a > b),
                "ids are made in order of time"
            );
        }
    }
}

#[tokio::test]
async fn a_forged_cursor_is_refused() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    for user in [&alice, &bob] {
        user.upload("a.txt", b"a").await;
        user.upload("b.txt", b"b").await;
    }
    let (_, cursor) = page(&alice, "limit=1&sort=title").await;
    let cursor = cursor.unwrap();
    let unsigned = "eyJ2YWx1ZSI6ImEiLCJpZCI6IjAxOTNiZWVmLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMCJ9";
    for forged in [
        "x",
        unsigned,
        &cursor[1..],
        &format!("{cursor}A"),
        &cursor.to_lowercase(),
    ] {
        alice
            .get(&format!("/api/v1/documents?sort=title&cursor={forged}"))
            .await
            .expect_problem(400, "invalid_cursor");
    }
    for elsewhere in [
        format!("/api/v1/documents?cursor={cursor}"),
        format!("/api/v1/documents?sort=-title&cursor={cursor}"),
        format!("/api/v1/search?q=a&cursor={cursor}"),
    ] {
        alice
            .get(&elsewhere)
            .await
            .expect_problem(400, "invalid_cursor");
    }
    // A cursor is a place in an order, not a key: with another's, one pages through one's own.
    let (ids, _) = page(&bob, &format!("limit=1&sort=title&cursor={cursor}")).await;
    let own: Value = bob
        .get(&format!("/api/v1/documents/{}", ids[0]))
        .await
        .expect(200)
        .json();
    assert_eq!(own["owner"]["id"], bob.id.to_string());
}

#[tokio::test]
async fn the_last_page_has_no_cursor_even_when_it_is_full() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for name in ["a.txt", "b.txt"] {
        alice.upload(name, name).await;
    }
    assert!(page(&alice, "limit=1").await.1.is_some());
    let (ids, cursor) = page(&alice, "limit=2").await;
    assert_eq!((ids.len(), cursor), (2, None));
}
