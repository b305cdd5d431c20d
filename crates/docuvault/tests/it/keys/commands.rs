//! `docuvault keys …` beside a running vault.

use std::{
    path::Path,
    process::{Command, Output},
};

use secrecy::{ExposeSecret, SecretString};

use super::sealed::{keys_in_use, letters};
use crate::{chaos::program::Program, support::TestApp};

fn docuvault(data: &Path, database: Option<&SecretString>, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_docuvault"));
    command
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("DOCUVAULT_DATA_DIR", data)
        .env("DOCUVAULT_LOG", "warn")
        .current_dir(data);
    if let Some(url) = database {
        command.env("DATABASE_URL", url.expose_secret());
    }
    command.output().unwrap()
}

#[track_caller]
fn told(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A command beside the vault of a test.
async fn run(app: &TestApp, arguments: &'static [&'static str]) -> Output {
    let data = app.secrets_dir().parent().unwrap().to_owned();
    let url = app.database.app_url();
    tokio::task::spawn_blocking(move || docuvault(&data, Some(&url), arguments))
        .await
        .unwrap()
}

#[tokio::test]
async fn the_master_key_is_changed_by_three_commands() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    letters(&app, &alice, 5).await;
    let status = told(&run(&app, &["keys", "status"]).await);
    assert!(
        status.contains("key 1: in use, ") && status.contains("mails.letter_sealed: "),
        "{status}"
    );
    let rotated = told(&run(&app, &["keys", "rotate"]).await);
    assert!(
        rotated.contains("Added key 2") && rotated.contains("everything is sealed with key 2"),
        "{rotated}"
    );
    assert_eq!(keys_in_use(&app).await, [2]);
    let dropped = told(&run(&app, &["keys", "drop-old"]).await);
    assert!(
        dropped.contains("Backups") && dropped.contains("[1]"),
        "{dropped}"
    );
    let status = told(&run(&app, &["keys", "status"]).await);
    assert!(!status.contains("old"), "{status}");
}

#[tokio::test]
async fn sec_jwt_03_a_new_token_key_signs_nobody_out() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    told(&run(&app, &["keys", "rotate", "--access-tokens"]).await);
    app.state.keys().look_again();
    alice.get("/api/v1/me").await.expect(200);
    let renewed = app.anon().refresh(&alice.refresh_cookie).await.expect(200);
    let renewed = app
        .anon()
        .with_token(renewed.json()["access_token"].as_str().unwrap());
    renewed.get("/api/v1/me").await.expect(200);

    // Exactly one older key is kept: the first token's is gone now, the second's is not, and the session goes on.
    told(&run(&app, &["keys", "rotate", "--access-tokens"]).await);
    app.state.keys().look_again();
    assert_eq!(app.state.keys().access_tokens().ids(), [2, 3]);
    alice
        .get("/api/v1/me")
        .await
        .expect_problem(401, "unauthenticated");
    renewed.get("/api/v1/me").await.expect(200);
    let again = app.user("alice").await;
    again.get("/api/v1/me").await.expect(200);
}

#[tokio::test]
async fn a_command_makes_no_keys_of_its_own() {
    let app = TestApp::start().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let (dir, url) = (elsewhere.path().to_owned(), app.database.app_url());
    for database in [Some(&url), None] {
        let output = docuvault(&dir, database, &["keys", "status"]);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && errors.contains("no key file"),
            "{errors}"
        );
    }
    assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 0);
}

#[tokio::test]
async fn the_private_postgres_is_found_running_or_started_for_the_command() {
    let mut program = Program::start().await;
    let data = program.data_dir();
    let beside = told(&docuvault(&data, None, &["keys", "status"]));
    assert!(beside.contains("key 1: in use"), "{beside}");
    let rotated = told(&docuvault(&data, None, &["keys", "rotate"]));
    assert!(rotated.contains("with key 2"), "{rotated}");

    assert!(program.stop(), "{}", program.log());
    let alone = told(&docuvault(&data, None, &["keys", "drop-old"]));
    assert!(alone.contains("[1]"), "{alone}");
    assert!(
        !data.join("pg/postmaster.pid").exists(),
        "it runs no longer than the command"
    );
    program.start_again().await;
}
