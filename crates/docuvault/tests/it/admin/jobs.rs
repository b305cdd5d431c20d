//! The queue as an administrator sees it: kinds, counts and codes, never what a job is about.

use serde_json::{Value, json};

use super::vault;

#[tokio::test]
async fn the_queue_is_shown_without_what_its_jobs_are_about() {
    let (app, admin, victim) = vault().await;
    let document = victim.upload("secret.txt", b"umbrella").await.to_string();
    let mut superuser = app.database.superuser().await;
    let dead: i64 = sqlx::query_scalar(
        "INSERT INTO jobs (kind, payload, user_id, max_attempts, attempts, state, last_error, died_at)
         VALUES ('learn_filing', '{\"word\": \"umbrella\"}', $1, 1, 1, 'dead', 'gave_up', now()) RETURNING id",
    )
    .bind(victim.id.0)
    .fetch_one(&mut superuser)
    .await
    .unwrap();
    let shown = admin.get("/api/v1/admin/jobs").await.expect(200);
    let jobs: Value = shown.json();
    assert!(
        !shown.text().contains("umbrella") && !shown.text().contains(&document),
        "{}",
        shown.text()
    );
    let kinds = jobs["kinds"].as_array().unwrap();
    assert_eq!(kinds.len(), 2);
    assert_eq!(kinds[0]["kind"], "learn_filing");
    assert_eq!(kinds[0]["dead"], 1);
    assert_eq!(kinds[1]["kind"], "read_document");
    assert!(kinds[1]["oldest_ready_at"].is_string());
    let known = &jobs["dead"][0];
    assert_eq!(
        (&known["id"], &known["user_id"], &known["last_error"]),
        (
            &json!(dead),
            &json!(victim.id.to_string()),
            &json!("gave_up")
        )
    );

    let path = format!("/api/v1/admin/jobs/{dead}/retry");
    admin.post_nothing(&path).await.expect(204);
    admin
        .post_nothing(&path)
        .await
        .expect_problem(404, "not_found");
    for id in ["x", "0", "99999999999999999999999"] {
        admin
            .post_nothing(&format!("/api/v1/admin/jobs/{id}/retry"))
            .await
            .expect_problem(404, "not_found");
    }
    app.run_jobs().await;
    let jobs = admin.get("/api/v1/admin/jobs").await.expect(200).json();
    assert_eq!(jobs, json!({"kinds": [], "dead": []}), "both were done");
}
