//! Readers that crash and workers that die: a document is tried so often and not oftener, and none is lost.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use docuvault::{app::job_registry::give_up_dead_readings, processing::ReadDocument};
use docuvault_jobs::Job;
use serde_json::json;
use uuid::Uuid;

use crate::{
    gateway::download_url,
    support::{TestApp, TestUser},
};

/// A reading program that notes each start and then does as `script` says.
fn program(dir: &Path, script: &str) -> PathBuf {
    let path = dir.join("reader");
    std::fs::write(
        &path,
        format!(
            "#!/bin/sh\necho started >> '{}'\n{script}\n",
            dir.join("starts").display()
        ),
    )
    .unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn starts(dir: &Path) -> usize {
    std::fs::read_to_string(dir.join("starts"))
        .unwrap_or_default()
        .lines()
        .count()
}

#[tokio::test]
async fn a_document_that_kills_its_reader_is_given_up_after_three_tries() {
    for (script, reason) in [
        ("kill -SEGV $$", "crashed"),
        ("echo nonsense", "crashed"),
        ("exit 1", "crashed"),
        ("kill -XCPU $$", "timed_out"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let app = TestApp::with()
            .setting(
                "DOCUVAULT_EXTRACT_PROGRAM",
                program(dir.path(), script).display(),
            )
            .start()
            .await;
        let alice = app.user("alice").await;
        let id = alice.upload("killer.txt", "hello").await;
        app.run_jobs().await;
        assert_eq!(starts(dir.path()), 3, "{script}");
        let document = alice.document(id).await;
        assert_eq!(
            (&document["status"], &document["processing_error"]),
            (&json!("failed"), &json!(reason)),
            "{script}"
        );
        assert_eq!(
            alice
                .get(&download_url(&alice, id).await)
                .await
                .expect(200)
                .bytes,
            "hello"
        );
    }
}

/// As a worker leaves it that was killed in the middle of its `attempt`.
async fn abandon_reading(app: &TestApp, user: &TestUser, id: Uuid, attempt: i32) {
    let mut connection = app.database.superuser().await;
    sqlx::query("UPDATE documents SET state = 'processing' WHERE id = $1")
        .bind(id)
        .execute(&mut connection)
        .await
        .unwrap();
    let jobs = sqlx::query("UPDATE jobs SET state = 'running', worker = gen_random_uuid(), lease_until = now() - interval '1 second', attempts = $1 WHERE user_id = $2 AND kind = 'read_document'")
        .bind(attempt)
        .bind(user.id.0)
        .execute(&mut connection)
        .await
        .unwrap();
    assert_eq!(jobs.rows_affected(), 1);
}

#[tokio::test]
async fn what_a_dead_worker_left_is_taken_up_by_another() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.upload_fixture("note.txt").await;
    abandon_reading(&app, &alice, id, 1).await;
    app.run_jobs().await;
    assert_eq!(alice.document(id).await["status"], "ready");
    assert_eq!(
        crate::uploads::times_recorded(&app, "document.read", id).await,
        1
    );
}

#[tokio::test]
async fn a_document_that_kills_its_worker_every_time_is_given_up() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.upload_fixture("note.txt").await;
    abandon_reading(&app, &alice, id, ReadDocument::MAX_ATTEMPTS).await;
    app.start_worker();
    for _ in 0..200 {
        if alice.document(id).await["status"] != "processing" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let document = alice.document(id).await;
    assert_eq!(
        (&document["status"], &document["processing_error"]),
        (&json!("failed"), &json!("gave_up"))
    );
}

#[tokio::test]
async fn a_document_whose_job_died_unnoticed_is_given_up_by_the_sweep() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.upload_fixture("note.txt").await;
    abandon_reading(&app, &alice, id, 1).await;
    sqlx::query("UPDATE jobs SET state = 'dead', worker = NULL, lease_until = NULL, died_at = now(), last_error = 'lease_expired'")
        .execute(&mut app.database.superuser().await)
        .await
        .unwrap();
    assert_eq!(alice.document(id).await["status"], "processing");
    for _ in 0..2 {
        give_up_dead_readings(&app.state).await.unwrap();
        assert_eq!(alice.document(id).await["status"], "failed");
    }
}
