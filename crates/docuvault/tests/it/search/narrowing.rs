//! Narrowing a search down: the filters of the list, and counts of what each would leave.

use serde_json::json;
use uuid::Uuid;

use super::{search, search_with, titles, vault_with};
use crate::support::{TestApp, TestUser};

async fn vault() -> (TestApp, TestUser, Uuid) {
    let (app, alice) = vault_with(&[
        ("a", "lantern one"),
        ("b", "lantern two"),
        ("c", "lantern three"),
        ("d", "torch"),
    ])
    .await;
    let topic = alice
        .post("/api/v1/topics", json!({"name": "Lights"}))
        .await
        .expect(201)
        .id();
    let list = alice
        .get("/api/v1/documents?sort=title")
        .await
        .expect(200)
        .json();
    let id = |at: usize| list["items"][at]["id"].as_str().unwrap().to_owned();
    alice
        .patch(
            &format!("/api/v1/documents/{}", id(0)),
            json!({"topic_ids": [topic], "document_date": "2024-05-01"}),
        )
        .await
        .expect(200);
    alice
        .patch(
            &format!("/api/v1/documents/{}", id(1)),
            json!({"topic_ids": [topic], "document_date": "2025-05-01"}),
        )
        .await
        .expect(200);
    alice
        .patch(
            &format!("/api/v1/documents/{}", id(2)),
            json!({"topic_ids": [], "document_date": "2025-06-01"}),
        )
        .await
        .expect(200);
    let mut connection = app.database.superuser().await;
    sqlx::query("UPDATE documents SET content_type = 'image/png' WHERE title = 'c'")
        .execute(&mut connection)
        .await
        .unwrap();
    app.run_jobs().await;
    (app, alice, topic)
}

#[tokio::test]
async fn filters_hold_for_a_search_as_for_a_list() {
    let (_app, alice, topic) = vault().await;
    let topic = topic.to_string();
    for (filters, expected) in [
        (&[][..], &["a", "b", "c"][..]),
        (&[("topic_id", topic.as_str())], &["a", "b"]),
        (
            &[
                ("topic_id", topic.as_str()),
                ("document_date_after", "2025-01-01"),
            ],
            &["b"],
        ),
        (&[("content_type", "image/*")], &["c"]),
        (&[("content_type", "text/plain")], &["a", "b"]),
        (&[("document_date_before", "2025-05-01")], &["a"]),
        (&[("status", "ready")], &["a", "b", "c"]),
        (&[("status", "failed")], &[]),
        (&[("folder_id", "root")], &["a", "b", "c"]),
        (&[("trashed", "true")], &[]),
        (&[("created_after", "2100-01-01T00:00:00Z")], &[]),
    ] {
        let mut found = titles(
            &search_with(&alice, "lantern ", filters)
                .await
                .expect(200)
                .json(),
        );
        found.sort();
        assert_eq!(found, expected, "{filters:?}");
    }
    search_with(&alice, "lantern", &[("colour", "red")])
        .await
        .expect_problem(400, "unknown_field");
}

#[tokio::test]
async fn facets_count_all_hits_and_not_just_the_page() {
    let (_app, alice, topic) = vault().await;
    let facets = search_with(&alice, "lantern ", &[("limit", "1")])
        .await
        .expect(200)
        .json()["facets"]
        .clone();
    let lights = facets["topics"]
        .as_array()
        .unwrap()
        .iter()
        .find(|facet| facet["id"] == json!(topic))
        .unwrap()
        .clone();
    assert_eq!(
        (&lights["name"], &lights["count"]),
        (&json!("Lights"), &json!(2))
    );
    assert_eq!(
        facets["content_types"],
        json!([{"value": "text/plain", "count": 2}, {"value": "image/png", "count": 1}])
    );
    assert_eq!(
        facets["years"],
        json!([{"value": "2025", "count": 2}, {"value": "2024", "count": 1}])
    );
    let nothing = search(&alice, "zeppelin").await.expect(200).json();
    assert_eq!(
        nothing,
        json!({
            "items": [],
            "facets": {"topics": [], "content_types": [], "correspondents": [], "years": []},
            "total": {"count": 0, "is_exact": true},
            "interpretation": {"words": ["zeppelin"], "filters": [], "corrections": []},
            "next_cursor": null
        })
    );
}
