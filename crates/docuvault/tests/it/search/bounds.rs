//! Searches of many documents: the newest hits of a frequent word, all hits of a rare one, and none of it left out by a beginning.

use std::collections::HashSet;

use serde_json::Value;
use sqlx::PgConnection;

use super::{found, search, search_with, titles, vault_with};
use crate::support::{TestApp, TestUser};

/// More than all of which are read.
const MANY: i64 = 4200;

/// Number n has the title `Paper n`; all are `common`, every thousandth is `special`, and each has a word of its own that begins with `own`.
const FILL: &str = "
    WITH made AS (
        INSERT INTO documents (id, user_id, state, title, filename, content_type, size_bytes, object_key, created_at)
        SELECT (lpad(to_hex(n), 12, '0') || '70008' || lpad(to_hex(n), 15, '0'))::uuid, $1, 'ready', 'Paper ' || n, 'p.txt', 'text/plain', 1,
               gen_random_uuid(), timestamptz '2020-01-01' + n * interval '1 minute'
          FROM generate_series(1, $2) AS n RETURNING id, title, split_part(title, ' ', 2)::integer AS n),
    filled AS (
        INSERT INTO document_search (document_id, user_id, window_no, tsv)
        SELECT id, $1, 0, to_tsvector('docuvault', title || ' common own' || md5(n::text) || CASE n % 1000 WHEN 0 THEN ' special' ELSE '' END)
                          || array_to_tsvector(ARRAY[search_shelf($1, (n - 1) / 1024)]) FROM made RETURNING tsv)
    INSERT INTO search_words (user_id, word, documents)
    SELECT $1, word, count(*) FROM filled, unnest(tsvector_to_array(tsv)) AS word GROUP BY word";

async fn large_vault() -> (TestApp, TestUser) {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let mut admin = app.database.superuser().await;
    fill(&mut admin, &alice).await;
    (app, alice)
}

async fn fill(admin: &mut PgConnection, alice: &TestUser) {
    let filling = sqlx::query(FILL).bind(alice.id.0).bind(MANY);
    filling.execute(&mut *admin).await.unwrap();
    sqlx::raw_sql("ANALYZE documents, document_search, search_words")
        .execute(admin)
        .await
        .unwrap();
}

fn total(results: &Value) -> (i64, bool) {
    let total = &results["total"];
    (
        total["count"].as_i64().unwrap(),
        total["is_exact"].as_bool().unwrap(),
    )
}

#[tokio::test]
async fn the_newest_hits_of_a_frequent_word_are_found_and_called_not_all() {
    let (_app, alice) = large_vault().await;
    for q in [
        "common ",
        "comm",
        "common paper ",
        "-special ",
        "unheard or common ",
    ] {
        let results = search(&alice, q).await.expect(200).json();
        assert_eq!(total(&results), (300, false), "{q}");
    }
    // Of the words that begin so, each in one document, 200 are asked for.
    let results = search(&alice, "common ow").await.expect(200).json();
    assert_eq!(total(&results), (200, false));
    let newest = search_with(
        &alice,
        "common ",
        &[("sort", "-created_at"), ("limit", "3")],
    )
    .await
    .expect(200)
    .json();
    assert_eq!(total(&newest), (1000, false));
    assert_eq!(titles(&newest), ["Paper 4200", "Paper 4199", "Paper 4198"]);
}

#[tokio::test]
async fn all_hits_of_a_rare_word_are_found_wherever_they_are() {
    let (_app, alice) = large_vault().await;
    let specials =
        HashSet::from(["Paper 1000", "Paper 2000", "Paper 3000", "Paper 4000"].map(str::to_owned));
    for q in [
        "special ",
        "spec",
        "special common ",
        "common special ",
        "special ow",
        "\"common own",
        "special -nothing ",
    ] {
        let results = search(&alice, q).await.expect(200).json();
        if q.starts_with('"') {
            assert_eq!(total(&results), (0, true), "{q}");
            continue;
        }
        assert_eq!(total(&results), (4, true), "{q}");
        assert_eq!(
            titles(&results).into_iter().collect::<HashSet<_>>(),
            specials,
            "{q}"
        );
    }
    let narrowed = search_with(
        &alice,
        "common ",
        &[("created_before", "2020-01-01T00:04:30Z")],
    )
    .await
    .expect(200)
    .json();
    assert_eq!(
        total(&narrowed),
        (4, true),
        "from the last shelf to the first"
    );
}

#[tokio::test]
async fn pages_go_through_the_newest_hits_and_end() {
    let (_app, alice) = large_vault().await;
    let (mut seen, mut cursor) = (HashSet::new(), None::<String>);
    loop {
        let mut filters = vec![("limit", "100")];
        filters.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let page = search_with(&alice, "common ", &filters)
            .await
            .expect(200)
            .json();
        seen.extend(titles(&page));
        cursor = page["next_cursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 300);
    assert!(seen.contains("Paper 4200") && seen.contains("Paper 3901"));
}

#[tokio::test]
async fn a_document_stands_on_the_last_shelf_and_stays_there() {
    let (app, alice) = vault_with(&[("first", "umbrella")]).await;
    let mut admin = app.database.superuser().await;
    sqlx::query("UPDATE search_words SET documents = 1024 WHERE word = search_shelf(user_id, 0)")
        .execute(&mut admin)
        .await
        .unwrap();
    let first = search(&alice, "umbrella ").await.expect(200).json()["items"][0]["document"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    alice.upload("second.txt", b"umbrella again").await;
    app.run_jobs().await;
    alice
        .patch(
            &format!("/api/v1/documents/{first}"),
            serde_json::json!({"title": "once more"}),
        )
        .await
        .expect(200);
    let shelves: Vec<(String, i64)> = sqlx::query_as(
        "SELECT d.title, shelf::bigint FROM document_search s JOIN documents d ON d.id = s.document_id, generate_series(0, 2) AS shelf
          WHERE s.tsv @@ quote_literal(search_shelf(s.user_id, shelf))::tsquery ORDER BY shelf",
    )
    .fetch_all(&mut admin)
    .await
    .unwrap();
    assert_eq!(shelves.len(), 2, "{shelves:?}");
    assert_eq!(shelves[0], ("once more".to_owned(), 0));
    assert_eq!(shelves[1].1, 1);
}

#[tokio::test]
async fn a_word_that_is_not_counted_yet_is_found_by_its_beginning() {
    let (_app, alice) = vault_with(&[("note", "zebra crossing")]).await;
    let id = search(&alice, "zebra ").await.expect(200).json()["items"][0]["document"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    alice
        .patch(
            &format!("/api/v1/documents/{id}"),
            serde_json::json!({"title": "Zephyr"}),
        )
        .await
        .expect(200);
    assert_eq!(found(&alice, "zep").await, ["Zephyr"]);
    assert_eq!(found(&alice, "ze").await, ["Zephyr"]);
}
