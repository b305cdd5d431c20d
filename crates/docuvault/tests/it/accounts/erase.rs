//! Erasing an account: rows, objects, and the salt that its secrets were sealed with.

use serde_json::json;

use crate::support::TestApp;

fn files_under(dir: &std::path::Path) -> usize {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return 0;
    };
    entries
        .map(|entry| {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                files_under(&entry.path())
            } else {
                1
            }
        })
        .sum()
}

#[tokio::test]
async fn sec_cry_06_nothing_of_the_account_is_left_but_its_trail() {
    let app = TestApp::start().await;
    let (_, bob) = (app.user("admin").await, app.user("bob").await);
    let authenticator = bob.enrol_totp(&app).await;
    bob.upload("one.txt", b"first umbrella").await;
    let trashed = bob.upload("two.txt", b"second umbrella").await;
    bob.delete(&format!("/api/v1/documents/{trashed}"))
        .await
        .expect(204);
    bob.start_upload("three.txt", 5).await;
    app.run_jobs().await;
    assert!(files_under(&app.objects_dir()) >= 2);

    let path = "/api/v1/me";
    bob.delete_with(path, json!({"password": "wrong"}))
        .await
        .expect_problem(403, "wrong_password");
    bob.delete_with(path, json!({"password": bob.password}))
        .await
        .expect_problem(422, "invalid_totp");
    bob.delete_with(
        path,
        json!({"password": bob.password, "totp_code": authenticator.code(&app, 0)}),
    )
    .await
    .expect(202);
    bob.get("/api/v1/me")
        .await
        .expect_problem(401, "unauthenticated");
    app.anon().refresh(&bob.refresh_cookie).await.expect(401);
    app.anon()
        .login(&bob.email, &bob.password)
        .await
        .expect_problem(403, "account_disabled");

    let mails = app.mails().await;
    assert_eq!(files_under(&app.objects_dir()), 0);
    let farewell = mails
        .iter()
        .rev()
        .find(|mail| mail.to == bob.email)
        .unwrap();
    assert!(!farewell.text.contains("#token="), "{farewell:?}");
    let mut db = app.database.superuser().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT c.table_name::text FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
          WHERE c.table_schema = 'public' AND c.column_name = 'user_id' AND t.table_type = 'BASE TABLE' AND c.table_name NOT IN ('audit_log', 'audit_heads')",
    )
    .fetch_all(&mut db)
    .await
    .unwrap();
    assert!(tables.len() > 15, "{tables:?}");
    for table in tables.iter().map(String::as_str).chain(["users"]) {
        let column = if table == "users" { "id" } else { "user_id" };
        let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table} WHERE {column} = $1"));
        let left: i64 = sqlx::query_scalar(sql)
            .bind(bob.id.0)
            .fetch_one(&mut db)
            .await
            .unwrap();
        assert_eq!(left, 0, "{table}");
    }
    let trail: Vec<String> =
        sqlx::query_scalar("SELECT action FROM audit_log WHERE user_id = $1 ORDER BY id")
            .bind(bob.id.0)
            .fetch_all(&mut db)
            .await
            .unwrap();
    assert_eq!(trail.last().map(String::as_str), Some("account.erased"));
    // The address is free again.
    app.anon()
        .login(&bob.email, &bob.password)
        .await
        .expect_problem(401, "invalid_credentials");
}

#[tokio::test]
async fn the_only_administrator_stays() {
    let app = TestApp::start().await;
    let admin = app.user("admin").await;
    app.user("bob").await;
    admin
        .delete_with("/api/v1/me", json!({"password": admin.password}))
        .await
        .expect_problem(409, "last_admin");
    admin.get("/api/v1/me").await.expect(200);
}

#[tokio::test]
async fn an_erasing_whose_job_was_lost_is_taken_up() {
    let app = TestApp::start().await;
    let (_, bob) = (app.user("admin").await, app.user("bob").await);
    bob.upload("one.txt", b"umbrella").await;
    bob.delete_with("/api/v1/me", json!({"password": bob.password}))
        .await
        .expect(202);
    let mut db = app.database.superuser().await;
    sqlx::query("DELETE FROM jobs")
        .execute(&mut db)
        .await
        .unwrap();
    docuvault::accounts::resume_erasings(&app.state)
        .await
        .unwrap();
    app.run_jobs().await;
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM users WHERE id = $1")
        .bind(bob.id.0)
        .fetch_one(&mut db)
        .await
        .unwrap();
    assert_eq!((left, files_under(&app.objects_dir())), (0, 0));
}
