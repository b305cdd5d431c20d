//! Lists run in the order asked for, and page by page every document comes by exactly once.

use std::collections::HashSet;

use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use crate::support::{Client, TestApp, TestUser};

/// Documents with equal and missing values in every column that can be sorted by.
async fn library(app: &TestApp, user: &TestUser) -> Vec<Uuid> {
    let mut connection = app.database.superuser().await;
    let mut ids = Vec::new();
    for number in 0..23_i32 {
        let id = Uuid::now_v7();
        sqlx::query(
            "INSERT INTO documents (id, user_id, state, title, filename, content_type, size_bytes, object_key, document_date, created_at)
             VALUES ($1, $2, 'ready', $3, 'a.txt', 'text/plain', $4, 'x', CASE WHEN $5 % 4 = 0 THEN NULL ELSE date '2026-01-01' + $5 % 5 END,
                     timestamptz '2026-01-01' + $5 / 3 * interval '1 microsecond')",
        )
        .bind(id)
        .bind(user.id.0)
        .bind(["Beta", "alpha", "Älter", "ALPHA", "100 %", "\u{10348}"][number as usize % 6])
        .bind(i64::from(number % 7 + 1))
        .bind(number)
        .execute(&mut connection)
        .await
        .unwrap();
        ids.push(id);
    }
    ids
}

async fn page(user: &Client, query: &str, cursor: Option<&str>) -> (Vec<Value>, Option<String>) {
    let cursor = cursor
        .map(|cursor| format!("&cursor={cursor}"))
        .unwrap_or_default();
    let page = user
        .get(&format!("/api/v1/documents?{query}{cursor}"))
        .await
        .expect(200)
        .json();
    (
        page["items"].as_array().unwrap().clone(),
        page["next_cursor"].as_str().map(str::to_owned),
    )
}

async fn walk(user: &Client, query: &str) -> Vec<Value> {
    let (mut all, mut cursor) = page(user, query, None).await;
    while let Some(next) = cursor {
        let (items, then) = page(user, query, Some(&next)).await;
        assert!(
            !items.is_empty(),
            "a page that was announced has something on it"
        );
        all.extend(items);
        cursor = then;
    }
    all
}

fn ids(items: &[Value]) -> Vec<Uuid> {
    items
        .iter()
        .map(|item| item["id"].as_str().unwrap().parse().unwrap())
        .collect()
}

const SORTS: [&str; 8] = [
    "-created_at",
    "created_at",
    "title",
    "-title",
    "-document_date",
    "document_date",
    "-size_bytes",
    "size_bytes",
];

#[tokio::test]
async fn every_order_walks_every_document_once() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let expected: HashSet<Uuid> = library(&app, &alice).await.into_iter().collect();
    for sort in SORTS {
        for limit in [1, 4, 23, 200] {
            let seen = ids(&walk(&alice, &format!("sort={sort}&limit={limit}")).await);
            assert_eq!(seen.len(), expected.len(), "{sort} {limit}");
            assert_eq!(
                seen.into_iter().collect::<HashSet<_>>(),
                expected,
                "{sort} {limit}"
            );
        }
    }
}

#[tokio::test]
async fn every_order_is_the_order_it_says() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    library(&app, &alice).await;
    for sort in SORTS {
        let (field, backwards) = sort
            .strip_prefix('-')
            .map_or((sort, false), |field| (field, true));
        let items = walk(&alice, &format!("sort={sort}&limit=5")).await;
        let dated = items
            .iter()
            .take_while(|item| !item[field].is_null())
            .count();
        assert!(
            items[dated..].iter().all(|item| item[field].is_null()),
            "{sort}: what has no date comes last"
        );
        for pair in items[..dated].windows(2) {
            let (one, other) = if backwards {
                (&pair[1], &pair[0])
            } else {
                (&pair[0], &pair[1])
            };
            assert!(
                (key(&one[field]), id(one)) < (key(&other[field]), id(other)),
                "{sort}: {pair:?}"
            );
        }
    }
    assert_eq!(
        ids(&walk(&alice, "limit=7").await),
        ids(&walk(&alice, "sort=-created_at").await),
        "the newest come first unless said otherwise"
    );
}

/// Numbers and times as numbers, the rest as text without case.
fn key(value: &Value) -> (i128, String) {
    let text = value.as_str().unwrap_or_default();
    match (value.as_i64(), OffsetDateTime::parse(text, &Rfc3339)) {
        (Some(number), _) => (number.into(), String::new()),
        (None, Ok(time)) => (time.unix_timestamp_nanos(), String::new()),
        (None, Err(_)) => (0, text.to_lowercase()),
    }
}

fn id(item: &Value) -> Uuid {
    item["id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn pages_stay_right_while_documents_come_and_go() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let there_all_along = library(&app, &alice).await;
    for sort in SORTS {
        let query = format!("sort={sort}&limit=4");
        let (mut seen, mut cursor) = page(&alice, &query, None).await;
        while let Some(next) = cursor {
            let newcomer = alice.start_upload("Beta.txt", 3).await;
            let (items, then) = page(&alice, &query, Some(&next)).await;
            seen.extend(items);
            cursor = then;
            alice
                .delete(&format!("/api/v1/documents/{}/upload", newcomer.document))
                .await
                .expect(204);
        }
        let seen: Vec<Uuid> = ids(&seen)
            .into_iter()
            .filter(|id| there_all_along.contains(id))
            .collect();
        assert_eq!(seen.len(), there_all_along.len(), "{sort}: nothing twice");
        assert_eq!(
            seen.iter().collect::<HashSet<_>>(),
            there_all_along.iter().collect(),
            "{sort}: nothing left out"
        );
    }
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_only() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    library(&app, &alice).await;
    let (_, cursor) = page(&alice, "sort=title&limit=3", None).await;
    let cursor = cursor.unwrap();
    alice
        .get(&format!("/api/v1/documents?sort=-title&cursor={cursor}"))
        .await
        .expect_problem(400, "invalid_cursor");
    for forged in [
        "x".to_owned(),
        format!("{cursor}A"),
        cursor.replacen(&cursor[4..6], "AA", 1),
    ] {
        alice
            .get(&format!("/api/v1/documents?sort=title&cursor={forged}"))
            .await
            .expect_problem(400, "invalid_cursor");
    }
    assert_eq!(
        page(&bob, "sort=title", Some(&cursor)).await.0,
        Vec::<Value>::new(),
        "another's cursor shows nothing of theirs"
    );
    for limit in ["0", "201", "-1", "x"] {
        alice
            .get(&format!("/api/v1/documents?limit={limit}"))
            .await
            .expect_problem(422, "validation_failed");
    }
    alice
        .get("/api/v1/documents?sort=colour")
        .await
        .expect_problem(422, "validation_failed");
    alice
        .get("/api/v1/documents?colour=red")
        .await
        .expect_problem(400, "unknown_field");
    assert_eq!(
        bob.get("/api/v1/documents").await.expect(200).json(),
        json!({"items": [], "next_cursor": null})
    );
}
