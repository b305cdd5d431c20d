//! `docuvault doctor`: what it finds, how it says so, and what it never says.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Command, Output},
};

use docuvault_test_stores::{ACCESS_KEY, BUCKET, LaxStore, Manners, SECRET_KEY};
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::support::TestApp;

fn data_dir(app: &TestApp) -> PathBuf {
    app.secrets_dir().parent().unwrap().to_owned()
}

async fn doctor(app: &TestApp, arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_docuvault"));
    command
        .arg("doctor")
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("DATABASE_URL", app.database.app_url().expose_secret())
        .env("DOCUVAULT_DATA_DIR", data_dir(app))
        .env("DOCUVAULT_LOG", "error")
        .envs(settings.iter().copied())
        .current_dir(data_dir(app));
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The worst level of each part.
fn levels(output: &Output) -> BTreeMap<String, String> {
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut levels = BTreeMap::new();
    for line in report["lines"].as_array().unwrap() {
        let word = |name: &str| line[name].as_str().unwrap().to_owned();
        let (part, level) = (word("part"), word("level"));
        let is_worse = |known: &String| {
            let rank = |level: &str| {
                ["ok", "warning", "problem"]
                    .iter()
                    .position(|l| *l == level)
            };
            rank(&level) > rank(known)
        };
        if levels.get(&part).is_none_or(is_worse) {
            levels.insert(part, level);
        }
    }
    levels
}

#[tokio::test]
async fn a_vault_that_is_well_has_no_problem() {
    let app = TestApp::start().await;
    let output = doctor(&app, &[], &[]).await;
    assert!(output.status.success(), "{}", text(&output));
    let told = text(&output);
    for part in [
        "settings",
        "data folder",
        "store",
        "reading",
        "mail",
        "public address",
        "database",
        "keys",
    ] {
        assert!(
            told.lines().any(|line| line.contains(part)),
            "{part}: {told}"
        );
    }
    assert!(told.contains("users are kept apart"), "{told}");
    let levels = levels(&doctor(&app, &["--json"], &[]).await);
    assert_eq!(levels["keys"], "ok");
    assert_eq!(levels["database"], "ok");
    assert_eq!(levels["store"], "ok");
}

#[tokio::test]
async fn wrong_keys_and_open_secrets_are_problems() {
    let app = TestApp::start().await;
    let master = app.secrets_dir().join("master.key");
    fs::write(&master, "ff".repeat(32)).unwrap();
    let output = doctor(&app, &["--json"], &[]).await;
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(levels(&output)["keys"], "problem");

    fs::write(&master, "01".repeat(32)).unwrap();
    fs::set_permissions(&master, fs::Permissions::from_mode(0o644)).unwrap();
    let output = doctor(&app, &["--json"], &[]).await;
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(levels(&output)["data folder"], "problem");
}

#[tokio::test]
async fn a_missing_key_is_told_and_not_made() {
    let app = TestApp::start().await;
    let signing = app.secrets_dir().join("signing.key");
    fs::remove_file(&signing).unwrap();
    let output = doctor(&app, &["--json"], &[]).await;
    assert_eq!(levels(&output)["keys"], "problem");
    assert!(!signing.exists(), "it only looks");
}

#[tokio::test]
async fn a_database_that_is_away_and_a_login_that_sees_too_much_are_problems() {
    let app = TestApp::start().await;
    let away = [(
        "DATABASE_URL",
        "postgres://docuvault_app:geheim@127.0.0.1:9/none",
    )];
    let output = doctor(&app, &["--json"], &away).await;
    assert_eq!(levels(&output)["database"], "problem");
    assert!(!text(&output).contains("geheim"));
    let superuser = app.database.superuser_url();
    let output = doctor(
        &app,
        &["--json"],
        &[("DATABASE_URL", superuser.expose_secret())],
    )
    .await;
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("superuser"), "{}", text(&output));
}

#[tokio::test]
async fn an_unknown_setting_is_a_problem() {
    let app = TestApp::start().await;
    let output = doctor(&app, &["--json"], &[("DOCUVAULT_ADRR", "x")]).await;
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(levels(&output)["settings"], "problem");
}

#[tokio::test]
async fn a_mail_server_that_is_away_is_a_problem() {
    let app = TestApp::start().await;
    let settings = [("DOCUVAULT_SMTP_URL", "smtp://ann:geheim@127.0.0.1:9")];
    let output = doctor(&app, &["--json"], &settings).await;
    assert_eq!(levels(&output)["mail"], "problem");
    let all = format!(
        "{}{}",
        text(&output),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!all.contains("geheim"), "{all}");
}

#[tokio::test]
async fn sec_obj_01_an_unsafe_store_is_a_problem_each_way_and_shows_no_secret() {
    let app = TestApp::start().await;
    let store = LaxStore::start(Manners::default()).unwrap();
    let endpoint = store.endpoint();
    let settings = [
        ("DOCUVAULT_S3_ENDPOINT", endpoint.as_str()),
        ("DOCUVAULT_S3_BUCKET", BUCKET),
        ("DOCUVAULT_S3_ACCESS_KEY", ACCESS_KEY),
        ("DOCUVAULT_S3_SECRET_KEY", SECRET_KEY),
    ];
    let output = doctor(&app, &[], &settings).await;
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output);
    for id in ["unsigned-trailer: ", "unsigned-copy: ", "longer-body: "] {
        let is_problem = |line: &str| line.starts_with("PROBLEM") && line.contains(id);
        assert!(told.lines().any(is_problem), "{id}: {told}");
    }
    assert!(
        !told.contains(SECRET_KEY) && !told.contains("X-Amz"),
        "{told}"
    );

    let table = doctor(&app, &["--table", "lax"], &settings).await;
    assert!(table.status.success());
    assert!(text(&table).starts_with("| finding | when all is well | lax |"));
    assert!(text(&table).contains("| **unsafe** |"));
}
