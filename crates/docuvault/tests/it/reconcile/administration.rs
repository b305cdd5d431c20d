//! What administrators see of the store, and how they ask for a run.

use serde_json::Value;

use super::{HOUR, compare, file_of, key_of, put_orphan, vault};

#[tokio::test]
async fn the_page_says_what_lies_there_and_what_was_found() {
    let app = vault().await;
    let (admin, alice) = (app.user("admin").await, app.user("alice").await);
    let empty = admin.get("/api/v1/admin/storage").await.expect(200).json();
    assert_eq!(
        (&empty["kind"], &empty["documents"], &empty["bytes"]),
        (&"local_disk".into(), &0.into(), &0.into())
    );
    assert_eq!(
        (&empty["last_run"], &empty["is_running"]),
        (&Value::Null, &false.into())
    );
    assert_eq!(empty["checked"]["oldest_verified_at"], Value::Null);

    alice.upload("alpha paper.txt", b"alpha").await;
    let lost = alice.upload("beta paper.txt", b"beta").await;
    alice.start_upload("waiting.txt", 7).await;
    std::fs::remove_file(file_of(&app, &key_of(&app, lost).await)).unwrap();
    put_orphan(&app, b"orphan");
    app.clock.advance(25 * HOUR);
    compare(&app).await;
    let shown = admin.get("/api/v1/admin/storage").await.expect(200).json();
    assert_eq!(
        (&shown["documents"], &shown["bytes"]),
        (&2.into(), &9.into())
    );
    let run = &shown["last_run"];
    for (name, value) in [
        ("objects", 2),
        ("bytes", 11),
        ("orphans", 1),
        ("orphan_bytes", 6),
        ("missing", 1),
        ("wrong_size", 0),
        ("damaged", 0),
        ("removed", 0),
    ] {
        assert_eq!(run[name], value, "{name}");
    }
    assert!(
        run["started_at"].is_string() && run["finished_at"].is_string() && run["error"].is_null()
    );
    assert_eq!(shown["checked"]["documents_unverified"], 2);
    let told = shown.to_string()
        + &admin
            .get("/api/v1/admin/storage/findings")
            .await
            .expect(200)
            .text();
    assert!(!told.contains("paper"));
}

#[tokio::test]
async fn a_run_can_be_asked_for_and_waits_only_once() {
    let app = vault().await;
    let admin = app.user("admin").await;
    app.run_jobs().await;
    for _ in 0..3 {
        admin
            .post_nothing("/api/v1/admin/storage/reconcile")
            .await
            .expect(202);
    }
    let mut database = app.database.superuser().await;
    let waiting: i64 = sqlx::query_scalar("SELECT count(*) FROM jobs WHERE kind = 'reconcile'")
        .fetch_one(&mut database)
        .await
        .unwrap();
    assert_eq!(waiting, 1);
    let shown = admin.get("/api/v1/admin/storage").await.expect(200).json();
    assert_eq!(shown["is_running"], true);
    let before: i64 = sqlx::query_scalar("SELECT count(*) FROM storage_runs")
        .fetch_one(&mut database)
        .await
        .unwrap();
    app.run_jobs().await;
    let after: i64 =
        sqlx::query_scalar("SELECT count(*) FROM storage_runs WHERE finished_at IS NOT NULL")
            .fetch_one(&mut database)
            .await
            .unwrap();
    assert!(after > before);
    let shown = admin.get("/api/v1/admin/storage").await.expect(200).json();
    assert_eq!(shown["is_running"], false);
}

#[tokio::test]
async fn findings_come_in_pages_and_by_kind() {
    let app = vault().await;
    let admin = app.user("admin").await;
    for _ in 0..5 {
        put_orphan(&app, b"x");
    }
    let lost = admin.upload("a.txt", b"text").await;
    std::fs::remove_file(file_of(&app, &key_of(&app, lost).await)).unwrap();
    app.clock.advance(25 * HOUR);
    compare(&app).await;

    let mut path = "/api/v1/admin/storage/findings?kind=orphan&limit=2".to_owned();
    let mut keys = Vec::new();
    loop {
        let page = admin.get(&path).await.expect(200).json();
        for item in page["items"].as_array().unwrap() {
            assert_eq!(item["kind"], "orphan");
            assert!(item["removal_due_at"].is_string());
            keys.push(item["object_key"].as_str().unwrap().to_owned());
        }
        match page["next_cursor"].as_str() {
            Some(cursor) => {
                path =
                    format!("/api/v1/admin/storage/findings?kind=orphan&limit=2&cursor={cursor}");
            }
            None => break,
        }
    }
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 5);
    let missing = admin
        .get("/api/v1/admin/storage/findings?kind=missing")
        .await
        .expect(200)
        .json();
    assert_eq!(missing["items"].as_array().unwrap().len(), 1);
    assert_eq!(missing["items"][0]["removal_due_at"], Value::Null);
    let all = admin
        .get("/api/v1/admin/storage/findings")
        .await
        .expect(200)
        .json();
    assert_eq!(all["items"].as_array().unwrap().len(), 6);
    admin
        .get("/api/v1/admin/storage/findings?cursor=forged")
        .await
        .expect_problem(400, "invalid_cursor");
    let unknown = admin.get("/api/v1/admin/storage/findings?kind=lost").await;
    assert!(
        [400, 422].contains(&unknown.status.as_u16()),
        "{}",
        unknown.text()
    );
}

#[tokio::test]
async fn a_finding_goes_with_its_document() {
    let app = vault().await;
    let admin = app.user("admin").await;
    let lost = admin.upload("a.txt", b"text").await;
    std::fs::remove_file(file_of(&app, &key_of(&app, lost).await)).unwrap();
    compare(&app).await;
    admin
        .delete(&format!("/api/v1/documents/{lost}/permanently"))
        .await
        .expect(204);
    let all = admin
        .get("/api/v1/admin/storage/findings")
        .await
        .expect(200)
        .json();
    assert_eq!(all["items"].as_array().unwrap().len(), 0);
}
