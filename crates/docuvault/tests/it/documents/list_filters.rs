//! Filters narrow a list down, and all that are given must hold.

use serde_json::json;
use uuid::Uuid;

use crate::support::{TestApp, TestUser};

/// Titles of what a filter leaves, in the order of titles.
async fn titles(user: &TestUser, query: &str) -> Vec<String> {
    let list = user
        .get(&format!("/api/v1/documents?sort=title&{query}"))
        .await
        .expect(200)
        .json();
    list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["title"].as_str().unwrap().to_owned())
        .collect()
}

struct Library {
    folder: Uuid,
    taxes: Uuid,
    travel: Uuid,
}

/// a: PDF of January in a folder, taxes and travel. b: picture of February, taxes. c: failed text without a date. d: still
/// uploading. e: in the trash.
async fn library(app: &TestApp, user: &TestUser) -> Library {
    let topic = async |name: &str| {
        user.post("/api/v1/topics", json!({"name": name}))
            .await
            .expect(201)
            .id()
    };
    let library = Library {
        folder: Uuid::now_v7(),
        taxes: topic("Taxes 2").await,
        travel: topic("Travel 2").await,
    };
    let mut ids = Vec::new();
    for name in ["a", "b", "c", "e"] {
        ids.push(user.upload(&format!("{name}.x"), name).await);
    }
    user.start_upload("d.x", 9).await;
    let mut connection = app.database.superuser().await;
    sqlx::query("INSERT INTO folders (id, user_id, name) VALUES ($1, $2, 'Folder')")
        .bind(library.folder)
        .bind(user.id.0)
        .execute(&mut connection)
        .await
        .unwrap();
    for (title, sql) in [
        (
            "a",
            "state = 'ready', content_type = 'application/pdf', document_date = '2026-01-15', created_at = '2026-03-01T10:00:00Z'",
        ),
        (
            "b",
            "state = 'ready', content_type = 'image/png', document_date = '2026-02-15', created_at = '2026-03-02T10:00:00Z'",
        ),
        (
            "c",
            "state = 'failed', content_type = 'text/plain', created_at = '2026-03-03T10:00:00Z'",
        ),
    ] {
        let sql = sqlx::AssertSqlSafe(format!("UPDATE documents SET {sql} WHERE title = $1"));
        sqlx::query(sql)
            .bind(title)
            .execute(&mut connection)
            .await
            .unwrap();
    }
    let change = async |id: Uuid, body: serde_json::Value| {
        user.patch(&format!("/api/v1/documents/{id}"), body)
            .await
            .expect(200)
    };
    change(
        ids[0],
        json!({"folder_id": library.folder, "topic_ids": [library.taxes, library.travel]}),
    )
    .await;
    change(ids[1], json!({"topic_ids": [library.taxes]})).await;
    user.delete(&format!("/api/v1/documents/{}", ids[3]))
        .await
        .expect(204);
    library
}

#[tokio::test]
async fn each_filter_and_several_together() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let Library {
        folder,
        taxes,
        travel,
    } = library(&app, &alice).await;
    for (query, expected) in [
        (String::new(), &["a", "b", "c", "d"][..]),
        ("trashed=false".to_owned(), &["a", "b", "c", "d"]),
        ("trashed=true".to_owned(), &["e"]),
        ("content_type=application/pdf".to_owned(), &["a"]),
        ("content_type=image/*".to_owned(), &["b"]),
        ("status=ready".to_owned(), &["a", "b"]),
        ("status=failed".to_owned(), &["c"]),
        ("status=uploading".to_owned(), &["d"]),
        ("status=processing".to_owned(), &[]),
        (format!("topic_id={taxes}"), &["a", "b"]),
        (format!("topic_id={taxes}&topic_id={travel}"), &["a"]),
        (
            format!("topic_id={travel}&topic_id={}", Uuid::new_v4()),
            &[],
        ),
        (format!("folder_id={folder}"), &["a"]),
        ("folder_id=root".to_owned(), &["b", "c", "d"]),
        (format!("folder_id={}", Uuid::new_v4()), &[]),
        ("document_date_after=2026-02-01".to_owned(), &["b"]),
        ("document_date_after=2026-02-15".to_owned(), &["b"]),
        ("document_date_before=2026-02-15".to_owned(), &["a"]),
        ("created_before=2026-03-02T10:00:00Z".to_owned(), &["a"]),
        (
            "created_after=2026-03-02T10:00:00Z&created_before=2026-03-03T12:00:00%2B01:00"
                .to_owned(),
            &["b", "c"],
        ),
        (
            format!(
                "topic_id={taxes}&status=ready&content_type=image/*&document_date_after=2026-01-01"
            ),
            &["b"],
        ),
    ] {
        assert_eq!(titles(&alice, &query).await, expected, "{query}");
    }
    let bob = app.user("bob").await;
    assert!(titles(&bob, &format!("topic_id={taxes}")).await.is_empty());
    assert!(
        titles(&bob, &format!("folder_id={folder}"))
            .await
            .is_empty()
    );
}
