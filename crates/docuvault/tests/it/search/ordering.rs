//! The orders of results, each page by page, and the total.

use serde_json::json;

use super::{search_with, titles, vault_with};

#[tokio::test]
async fn results_are_sorted_as_asked_page_by_page() {
    let (app, alice) = vault_with(&[
        ("a", "common 1"),
        ("b", "common common common"),
        ("c", "common and more"),
        ("d", "common 4"),
    ])
    .await;
    let mut connection = app.database.superuser().await;
    for (title, date, created) in [
        ("a", Some("2023-01-01"), "2026-01-03"),
        ("b", Some("2025-01-01"), "2026-01-01"),
        ("c", None, "2026-01-04"),
        ("d", Some("2024-01-01"), "2026-01-02"),
    ] {
        sqlx::query("UPDATE documents SET document_date = $2::text::date, created_at = $3::text::timestamptz WHERE title = $1")
            .bind(title)
            .bind(date)
            .bind(created)
            .execute(&mut connection)
            .await
            .unwrap();
    }
    for (sort, expected) in [
        ("-document_date", ["b", "d", "a", "c"]),
        ("document_date", ["a", "d", "b", "c"]),
        ("-created_at", ["c", "a", "d", "b"]),
    ] {
        let (mut paged, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let mut filters = vec![("sort", sort), ("limit", "1")];
            filters.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let page = search_with(&alice, "common ", &filters)
                .await
                .expect(200)
                .json();
            assert_eq!(page["total"], json!({"count": 4, "is_exact": true}));
            paged.extend(titles(&page));
            cursor = page["next_cursor"].as_str().map(str::to_owned);
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(paged, expected, "{sort}");
    }
    let by_rank = search_with(&alice, "common ", &[("sort", "relevance")])
        .await
        .expect(200)
        .json();
    assert_eq!(titles(&by_rank)[0], "b");
    search_with(&alice, "common", &[("sort", "title")])
        .await
        .expect_problem(422, "validation_failed");
}

#[tokio::test]
async fn correspondents_are_counted() {
    let (app, alice) = vault_with(&[
        ("a", "common 1"),
        ("b", "common b"),
        ("c", "common c"),
        ("d", "common 4"),
    ])
    .await;
    let mut connection = app.database.superuser().await;
    for (title, name) in [("a", "Works"), ("b", "Works"), ("c", "Garage")] {
        sqlx::query("UPDATE documents SET correspondent = $2 WHERE title = $1")
            .bind(title)
            .bind(name)
            .execute(&mut connection)
            .await
            .unwrap();
    }
    let results = search_with(&alice, "common ", &[]).await.expect(200).json();
    assert_eq!(
        results["facets"]["correspondents"],
        json!([{"value": "Works", "count": 2}, {"value": "Garage", "count": 1}])
    );
}
