//! `docuvault reconcile`, beside a running vault.

use std::process::{Command, Output};

use secrecy::ExposeSecret;

use super::{HOUR, file_of, key_of, put_orphan, vault};
use crate::support::TestApp;

fn run(app: &TestApp, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_docuvault"))
        .arg("reconcile")
        .args(arguments)
        .env_remove("DOCUVAULT_TEST_POSTGRES_URL")
        .env_remove("DOCUVAULT_TEST_POSTGRES_DIR")
        .env("DATABASE_URL", app.database.app_url().expose_secret())
        .env("DOCUVAULT_DATA_DIR", &app.state.config().data.dir)
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_in_words_what_it_found_and_fails_when_something_is_lost() {
    let app = vault().await;
    let alice = app.user("alice").await;
    let document = alice.upload("a secret name.txt", b"precious").await;
    let orphan = put_orphan(&app, b"old");
    let file = std::fs::File::options()
        .write(true)
        .open(file_of(&app, &orphan))
        .unwrap();
    file.set_modified(std::time::SystemTime::now() - 25 * HOUR)
        .unwrap();
    let sound = run(&app, &["--verify"]);
    assert!(sound.status.success(), "{}", text(&sound));
    for line in [
        "Objects in the store:     2 (11 bytes)",
        "Named by no document:     1 (3 bytes); removed now: 0",
        "1 documents as they should be",
    ] {
        assert!(text(&sound).contains(line), "{}", text(&sound));
    }

    let file = file_of(&app, &key_of(&app, document).await);
    std::fs::write(&file, b"preciOus").unwrap();
    assert!(run(&app, &[]).status.success(), "the length is right");
    let damaged = run(&app, &["--verify"]);
    assert_eq!(damaged.status.code(), Some(1));
    assert!(
        text(&damaged).contains("0 missing, 0 of another length, 1 damaged"),
        "{}",
        text(&damaged)
    );

    std::fs::remove_file(&file).unwrap();
    let missing = run(&app, &[]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(
        text(&missing).contains("Missing:                  1"),
        "{}",
        text(&missing)
    );
    assert!(!text(&missing).contains("secret name"));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_does_not_run_beside_a_worker_that_is_at_it_nor_without_the_vault_s_keys() {
    let app = vault().await;
    app.user("admin").await;
    let held = "INSERT INTO storage_runs (id, started_at, held_until, job_id) VALUES (gen_random_uuid(), now(), now() + interval '1 minute', 7)";
    sqlx::query(held)
        .execute(&mut app.database.superuser().await)
        .await
        .unwrap();
    let refused = run(&app, &[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused).contains("right now"), "{}", text(&refused));
    std::fs::remove_file(app.secrets_dir().join("master.key")).unwrap();
    assert!(text(&run(&app, &[])).contains("no key file"));
}
