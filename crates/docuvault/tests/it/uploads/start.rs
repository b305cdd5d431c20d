//! Starting an upload: what it promises, and what it refuses.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{EMPTY, Room, new_file, room};
use crate::support::TestApp;

#[tokio::test]
async fn a_started_upload_is_a_document_that_waits_for_its_bytes() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let answer = alice
        .post("/api/v1/documents", new_file("Rechnung März.pdf", 1234))
        .await
        .expect(201);
    assert_eq!(answer.header("etag"), Some("\"v1\""));
    let started = answer.json();

    let (document, upload) = (&started["document"], &started["upload"]);
    assert_eq!(
        (
            &document["status"],
            &document["title"],
            &document["filename"]
        ),
        (
            &json!("uploading"),
            &json!("Rechnung März"),
            &json!("Rechnung März.pdf")
        )
    );
    assert_eq!(
        (
            &document["size_bytes"],
            &document["sha256"],
            &document["thumbnail_url"]
        ),
        (&json!(1234), &Value::Null, &Value::Null)
    );
    assert_eq!(
        (&document["permission"], &document["owner"]["display_name"]),
        (&json!("owner"), &json!("alice"))
    );
    assert_eq!(
        (&upload["strategy"], &upload["single"]["method"]),
        (&json!("single"), &json!("PUT"))
    );
    assert!(
        upload["single"]["url"]
            .as_str()
            .unwrap()
            .starts_with(&format!("{}/gateway/v1/", app.base_url))
    );
    let id: Uuid = document["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(*document, alice.document(id).await, "told without reading");
    let listed = alice
        .get("/api/v1/documents?status=uploading")
        .await
        .expect(200)
        .json();
    assert_eq!(listed["items"][0]["id"], document["id"]);
    assert_eq!(
        room(&alice).await,
        Room {
            reserved_bytes: 1234,
            ..EMPTY
        }
    );
}

#[tokio::test]
async fn what_is_no_file_is_refused_field_by_field() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let (long_name, long_title) = ("x".repeat(256), "t".repeat(301));
    for (field, value, code) in [
        ("filename", json!(""), "invalid_length"),
        ("filename", json!("   "), "invalid_length"),
        ("filename", json!(long_name), "invalid_length"),
        ("filename", json!("../../etc/passwd"), "invalid_filename"),
        ("filename", json!("a/b.pdf"), "invalid_filename"),
        ("filename", json!(".."), "invalid_filename"),
        ("filename", json!("nul\u{0}byte.pdf"), "invalid_filename"),
        ("filename", json!("line\nbreak.pdf"), "invalid_filename"),
        ("filename", json!("c1\u{85}.pdf"), "invalid_filename"),
        ("filename", json!(7), "invalid"),
        ("filename", Value::Null, "invalid"),
        ("size_bytes", json!(0), "empty_file"),
        ("size_bytes", json!(-1), "out_of_range"),
        ("size_bytes", json!(1.5), "invalid"),
        ("size_bytes", json!("12"), "invalid"),
        (
            "size_bytes",
            json!(18_446_744_073_709_551_615_u64),
            "invalid",
        ),
        ("sha256", json!(""), "invalid"),
        ("sha256", json!("0f".repeat(31)), "invalid"),
        ("sha256", json!("0g".repeat(32)), "invalid"),
        ("sha256", json!("+f".repeat(32)), "invalid"),
        ("content_type", json!("text/plain\r\nX-Evil: 1"), "invalid"),
        ("content_type", json!("x".repeat(201)), "invalid"),
        ("title", json!(" "), "invalid_length"),
        ("title", json!(long_title), "invalid_length"),
        ("title", json!("a\u{0}b"), "invalid_length"),
        ("backend_id", json!(Uuid::new_v4()), "not_found"),
        ("folder_id", json!(Uuid::new_v4()), "not_found"),
        ("folder_id", json!("root"), "invalid"),
    ] {
        let mut body = new_file("a.txt", 1);
        body[field] = value.clone();
        let problem = alice
            .post("/api/v1/documents", body)
            .await
            .expect_problem(422, "validation_failed")
            .json();
        let told = (
            problem["errors"][0]["field"].as_str().unwrap(),
            problem["errors"][0]["code"].as_str().unwrap(),
        );
        assert_eq!(told, (field, code), "{value}");
    }
    let faults = alice
        .post(
            "/api/v1/documents",
            json!({"filename": "/", "size_bytes": 0, "content_type": "", "sha256": "x"}),
        )
        .await
        .expect(422)
        .json();
    let fields: Vec<&str> = faults["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["field"].as_str().unwrap())
        .collect();
    assert_eq!(
        fields,
        ["filename", "size_bytes", "sha256"],
        "all faults are told at once"
    );
    assert_eq!(room(&alice).await, EMPTY);
}

#[tokio::test]
async fn bodies_are_read_strictly() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let mut body = new_file("a.txt", 1);
    body["owner"] = json!("bob");
    alice
        .post("/api/v1/documents", body)
        .await
        .expect_problem(400, "unknown_field");
    alice
        .post(
            "/api/v1/documents?allow_everything=true",
            new_file("a.txt", 1),
        )
        .await
        .expect_problem(400, "unknown_field");
    alice
        .post(
            "/api/v1/documents?allow_duplicate=perhaps",
            new_file("a.txt", 1),
        )
        .await
        .expect_problem(422, "validation_failed");
    alice
        .post(
            "/api/v1/documents",
            json!({"filename": "a.txt", "content_type": ""}),
        )
        .await
        .expect_problem(422, "validation_failed");
    alice
        .post("/api/v1/documents", new_file(&"x".repeat(1 << 20), 1))
        .await
        .expect_problem(413, "body_too_large");
}

#[tokio::test]
async fn names_that_only_look_odd_are_taken_as_they_are() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let longest = "ü".repeat(255);
    for (name, title) in [
        ("..pdf", "."),
        (".env", ".env"),
        ("a\\b.pdf", "a\\b"),
        ("😀 \"quoted\" <b>.pdf", "😀 \"quoted\" <b>"),
        ("archive.tar.gz", "archive.tar"),
        (longest.as_str(), longest.as_str()),
    ] {
        let document = alice
            .post("/api/v1/documents", new_file(name, 1))
            .await
            .expect(201)
            .json()["document"]
            .clone();
        assert_eq!(
            (document["filename"].as_str(), document["title"].as_str()),
            (Some(name), Some(title))
        );
    }
}

#[tokio::test]
async fn a_file_goes_into_ones_own_folder_only() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let folder = Uuid::now_v7();
    let mut connection = app.database.superuser().await;
    sqlx::query("INSERT INTO folders (id, user_id, name) VALUES ($1, $2, 'Taxes')")
        .bind(folder)
        .bind(alice.id.0)
        .execute(&mut connection)
        .await
        .unwrap();
    let mut body = new_file("a.txt", 1);
    body["folder_id"] = json!(folder);
    assert_eq!(
        alice
            .post("/api/v1/documents", &body)
            .await
            .expect(201)
            .json()["document"]["folder_id"],
        json!(folder)
    );
    bob.post("/api/v1/documents", &body)
        .await
        .expect_problem(422, "validation_failed");
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused_whatever_the_quota() {
    let app = TestApp::with().max_file_bytes(1000).start().await;
    let alice = app.user("alice").await;
    let problem = alice
        .post("/api/v1/documents", new_file("a.txt", 1001))
        .await
        .expect_problem(413, "file_too_large")
        .json();
    assert_eq!(problem["max_bytes"], 1000);
    alice
        .post("/api/v1/documents", new_file("a.txt", i64::MAX as usize))
        .await
        .expect_problem(413, "file_too_large");
    alice
        .post("/api/v1/documents", new_file("a.txt", 1000))
        .await
        .expect(201);
}
