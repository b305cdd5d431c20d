//! The command line of whoever runs the server.

use std::process::{Command, Output};

use secrecy::ExposeSecret;
use serde_json::json;

use super::{actions, notified, vault};
use crate::support::TestApp;

fn run(app: &TestApp, arguments: &[&str]) -> Output {
    let data = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_docuvault"))
        .args(arguments)
        .env_remove("DOCUVAULT_TEST_POSTGRES_URL")
        .env_remove("DOCUVAULT_TEST_POSTGRES_DIR")
        .env("DATABASE_URL", app.database.app_url().expose_secret())
        .env("DOCUVAULT_DATA_DIR", data.path())
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
async fn the_trail_is_checked_from_the_command_line() {
    let (app, _, victim) = vault().await;
    let sound = run(&app, &["audit", "verify"]);
    assert!(sound.status.success(), "{}", text(&sound));
    assert!(
        text(&sound).contains("OK: 2 chains, 4 rows"),
        "{}",
        text(&sound)
    );
    let heads = run(&app, &["audit", "heads"]);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &heads.stdout).unwrap();
    let against = [
        "audit",
        "verify",
        "--against",
        file.path().to_str().unwrap(),
    ];
    assert!(run(&app, &against).status.success());

    sqlx::query("UPDATE audit_log SET ip = '203.0.113.9' WHERE user_id = $1")
        .bind(victim.id.0)
        .execute(&mut app.database.superuser().await)
        .await
        .unwrap();
    let broken = run(&app, &["audit", "verify"]);
    assert_eq!(broken.status.code(), Some(1));
    assert!(
        text(&broken).contains(&victim.id.to_string()),
        "{}",
        text(&broken)
    );
    let missing = run(&app, &["audit", "verify", "--against", "/nowhere"]);
    assert_eq!(missing.status.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_runs_the_server_can_let_people_in() {
    let (app, admin, victim) = vault().await;
    let invited = run(
        &app,
        &[
            "admin",
            "invite",
            "--email",
            "eve@example.org",
            "--role",
            "admin",
            "--quota",
            "9",
        ],
    );
    assert!(
        text(&invited).contains("/sign-up#invite=dvi1_"),
        "{}",
        text(&invited)
    );
    let listed = admin.get("/api/v1/admin/invites").await.expect(200).json();
    assert_eq!(listed["items"][0]["role"], "admin");
    assert_eq!(listed["items"][0]["created_by"], json!(null));

    let link = run(&app, &["admin", "reset-link", "Victim@example.org"]);
    assert!(
        text(&link).contains("/reset-password#token=dvl1_"),
        "{}",
        text(&link)
    );
    let quota = run(&app, &["admin", "quota", &victim.email, "123"]);
    assert!(quota.status.success(), "{}", text(&quota));
    let shown = victim.get("/api/v1/me/quota").await.expect(200).json();
    assert_eq!(shown["limit_bytes"], 123);

    let mut kinds: Vec<String> = notified(&app, &victim)
        .await
        .into_iter()
        .inspect(|(_, data)| assert_eq!(data["by_operator"], true))
        .map(|(kind, _)| kind)
        .collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["account.quota_changed", "security.reset_link_made"]);
    let mut told = actions(
        &admin,
        &format!("/api/v1/admin/audit?user_id={}", uuid::Uuid::nil()),
    )
    .await;
    // The worker's own doing.
    told.retain(|action| action != "storage.reconciled");
    assert_eq!(
        told,
        [
            "admin.quota_changed",
            "admin.reset_link_made",
            "invite.created"
        ]
    );

    for refused in [
        &["admin", "reset-link", "nobody@example.org"][..],
        &["admin", "quota", "nobody@example.org", "1"],
        &["admin", "invite", "--email", "no address"],
        &["admin", "invite", "--role", "owner"],
    ] {
        assert!(!run(&app, refused).status.success(), "{refused:?}");
    }
}
