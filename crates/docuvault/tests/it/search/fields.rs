//! Filters inside a search: what they find, what is understood of them, and what is just a word.

use serde_json::{Value, json};

use super::{found, search, vault_with};
use crate::support::{TestApp, TestUser};

async fn vault() -> (TestApp, TestUser) {
    let (app, alice) = vault_with(&[
        ("power", "bill for electricity"),
        ("water", "bill for water"),
        ("car", "bill for the garage"),
        ("bare", "bill for nothing"),
    ])
    .await;
    let topic = async |name: &str| {
        alice
            .post("/api/v1/topics", json!({"name": name}))
            .await
            .expect(201)
            .id()
    };
    let (house, cars) = (topic("My Höuse").await, topic("My Car").await);
    let list = alice
        .get("/api/v1/documents?sort=title")
        .await
        .expect(200)
        .json();
    for (title, change) in [
        (
            "power",
            json!({"topic_ids": [house], "correspondent": "Stadtwerke München GmbH", "document_date": "2024-03-05"}),
        ),
        (
            "water",
            json!({"topic_ids": [house, cars], "correspondent": "Stadtwerke Köln", "document_date": "2025-01-31"}),
        ),
        (
            "car",
            json!({"topic_ids": [cars], "correspondent": "O'Neil & Sons", "document_date": "2025-02-01"}),
        ),
        (
            "bare",
            json!({"topic_ids": [], "correspondent": null, "document_date": null}),
        ),
    ] {
        let documents = list["items"].as_array().unwrap();
        let id = documents
            .iter()
            .find(|document| document["title"] == title)
            .unwrap()["id"]
            .as_str()
            .unwrap();
        alice
            .patch(&format!("/api/v1/documents/{id}"), change)
            .await
            .expect(200);
    }
    let mut connection = app.database.superuser().await;
    for sql in [
        "UPDATE documents SET content_type = 'image/png', language = 'de' WHERE title = 'car'",
        "UPDATE documents SET content_type = 'application/pdf', language = 'en' WHERE title = 'power'",
        "UPDATE documents SET created_at = '2020-06-01' WHERE title = 'bare'",
    ] {
        sqlx::query(sql).execute(&mut connection).await.unwrap();
    }
    app.run_jobs().await;
    (app, alice)
}

#[tokio::test]
async fn every_field_narrows_in_english_and_german() {
    let (_app, alice) = vault().await;
    for (q, expected) in [
        ("bill topic:\"my house\"", &["power", "water"][..]),
        ("bill thema:\"MY HÖUSE\" ", &["power", "water"]),
        ("bill topic:my", &["car", "power", "water"]),
        ("topic:\"my house\" topic:\"my car\"", &["water"]),
        ("bill from:stadtwerke", &["power", "water"]),
        ("bill from:stadtw", &["power", "water"]),
        ("von:\"stadtwerke koln\"", &["water"]),
        ("absender:o'neil", &["car"]),
        ("bill type:pdf", &["power"]),
        ("typ:bild", &["car"]),
        ("type:image/png", &["car"]),
        ("type:pdf type:image", &["car", "power"]),
        ("bill lang:de", &["car"]),
        ("sprache:englisch", &["power"]),
        ("bill year:2025", &["car", "water"]),
        ("jahr:2020", &["bare"]),
        ("bill before:2025-02", &["bare", "power", "water"]),
        ("vor:31.01.2025", &["bare", "power"]),
        ("after:2025-02-01", &["car"]),
        ("seit:2024 vor:2025", &["power"]),
        ("has:no-topic", &["bare"]),
        ("hat:thema", &["car", "power", "water"]),
        ("has:no-date", &["bare"]),
        ("hat:kein-absender", &["bare"]),
        ("has:no-folder", &["bare", "car", "power", "water"]),
        ("has:folder", &[]),
        ("is:trashed", &[]),
        ("is:ready", &["bare", "car", "power", "water"]),
        ("water or garage has:topic", &["car", "water"]),
    ] {
        let mut titles = found(&alice, q).await;
        titles.sort();
        assert_eq!(titles, expected, "{q}");
    }
}

#[tokio::test]
async fn the_trash_is_asked_for_by_a_field_too() {
    let (_app, alice) = vault().await;
    let results = search(&alice, "garage ").await.expect(200).json();
    let id = results["items"][0]["document"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    alice
        .delete(&format!("/api/v1/documents/{id}"))
        .await
        .expect(204);
    assert_eq!(found(&alice, "garage is:trashed").await, ["car"]);
    assert_eq!(found(&alice, "ist:papierkorb").await, ["car"]);
    assert!(found(&alice, "garage ").await.is_empty());
}

async fn interpretation(user: &TestUser, q: &str) -> Value {
    search(user, q).await.expect(200).json()["interpretation"].clone()
}

#[tokio::test]
async fn an_answer_says_what_was_understood() {
    let (_app, alice) = vault().await;
    assert_eq!(
        interpretation(&alice, "bill -water topic:\"my house\" from:stadtwerke ").await,
        json!({"words": ["bill"], "filters": [
            {"field": "topic", "value": "my house", "known": true}, {"field": "from", "value": "stadtwerke", "known": true}], "corrections": []})
    );
    for (q, field, value) in [
        ("bill topic:boats", "topic", "boats"),
        ("bill from:nobody", "from", "nobody"),
        ("bill type:spaceship", "type", "spaceship"),
        ("bill lang:klingon", "lang", "klingon"),
        ("bill year:20255", "year", "20255"),
        ("bill before:tomorrow", "before", "tomorrow"),
        ("bill has:wings", "has", "wings"),
        ("bill is:lost", "is", "lost"),
    ] {
        let results = search(&alice, q).await.expect(200).json();
        assert_eq!(
            results["interpretation"]["filters"],
            json!([{"field": field, "value": value, "known": false}]),
            "{q}"
        );
        assert_eq!(results["items"], json!([]), "{q}");
    }
    let here_but_not_together = interpretation(&alice, "garage from:stadtwerke").await;
    assert_eq!(here_but_not_together["filters"][0]["known"], true);
    let only_signs = search(&alice, "!? & |").await.expect(200).json();
    assert_eq!(only_signs["interpretation"]["words"], json!([]));
    assert_eq!(only_signs["total"], json!({"count": 0, "is_exact": true}));
}

#[tokio::test]
async fn what_is_no_field_is_a_word() {
    let (_app, alice) = vault_with(&[
        ("one", "see http://example.org at 3:45 in 2025"),
        ("two", "color:red and topic"),
    ])
    .await;
    for (q, title) in [
        ("http://example.org", "one"),
        ("3:45 ", "one"),
        ("2025", "one"),
        ("color:red", "two"),
        ("topic: ", "two"),
    ] {
        assert_eq!(found(&alice, q).await, [title], "{q}");
    }
}

#[tokio::test]
async fn another_s_topics_and_correspondents_are_unknown() {
    let (app, _alice) = vault().await;
    let bob = app.user("bob").await;
    for q in [
        "topic:\"my house\"",
        "from:stadtwerke",
        "has:no-topic",
        "topic:my or bill",
    ] {
        assert!(found(&bob, q).await.is_empty(), "{q}");
    }
    for q in ["topic:\"my house\"", "from:stadtwerke"] {
        assert_eq!(
            interpretation(&bob, q).await["filters"][0]["known"],
            false,
            "{q}"
        );
    }
}
