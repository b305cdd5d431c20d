//! Keys that are wrong or missing are refused before anything is served, and change nothing.

use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use docuvault::{
    crypto::Keys,
    keys::{KeysRefused, check_keys},
};

use secrecy::ExposeSecret;

use super::sealed::{letters, seed};
use crate::support::TestApp;

/// All that is sealed, and the checks.
async fn everything_sealed(app: &TestApp) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT to_jsonb(k)::text FROM key_checks k UNION ALL SELECT to_jsonb(s)::text FROM sessions s
          UNION ALL SELECT to_jsonb(m)::text FROM mails m ORDER BY 1",
    )
    .fetch_all(&mut app.database.superuser().await)
    .await
    .unwrap()
}

/// Keys of a folder whose master key file is `lines`.
fn keys_of(lines: &[(u16, u8)]) -> (tempfile::TempDir, Keys) {
    let dir = tempfile::tempdir().unwrap();
    let line = |(id, byte): &(u16, u8)| format!("{id} {}", hex::encode([*byte; 32]));
    let text = lines.iter().map(line).collect::<Vec<_>>().join("\n");
    let path = dir.path().join("master.key");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    let keys = Keys::open(dir.path(), None).unwrap();
    (dir, keys)
}

#[tokio::test]
async fn sec_cry_04_wrong_and_missing_keys_are_refused_and_change_nothing() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    app.anon().refresh(&alice.refresh_cookie).await.expect(200);
    letters(&app, &alice, 2).await;
    let before = everything_sealed(&app).await;
    for (lines, wrong) in [
        (&[(1, 9)][..], true),
        (&[(1, 9), (2, 1)], true),
        (&[(2, 1)], false),
        (&[(2, 9), (3, 8)], false),
    ] {
        let (_dir, keys) = keys_of(lines);
        match check_keys(app.state.db(), &keys).await.unwrap_err() {
            KeysRefused::Wrong { id: 1 } => assert!(wrong, "{lines:?}"),
            KeysRefused::Missing { id: 1, .. } => assert!(!wrong, "{lines:?}"),
            other => panic!("{lines:?}: {other}"),
        }
        assert_eq!(everything_sealed(&app).await, before, "{lines:?}");
    }
    let (_dir, right) = keys_of(&[(1, 1), (2, 5)]);
    check_keys(app.state.db(), &right).await.unwrap();
    let (_dir, other) = keys_of(&[(1, 1), (2, 6)]);
    let refused = check_keys(app.state.db(), &other).await;
    assert!(
        matches!(refused, Err(KeysRefused::Wrong { id: 2 })),
        "two processes with two keys of one id"
    );
}

#[tokio::test]
async fn sec_cry_04_the_program_does_not_start_with_a_wrong_key() {
    let app = TestApp::start().await;
    let before = everything_sealed(&app).await;
    let (dir, _) = keys_of(&[(1, 9)]);
    let data = tempfile::tempdir().unwrap();
    let master = dir.path().join("master.key");
    for role in ["serve", "api", "worker", "gateway"] {
        let output = Command::new(env!("CARGO_BIN_EXE_docuvault"))
            .arg(role)
            .env_clear()
            .env("DATABASE_URL", app.database.app_url().expose_secret())
            .env("DOCUVAULT_DATA_DIR", data.path())
            .env("DOCUVAULT_MASTER_KEY_FILE", &master)
            .env("DOCUVAULT_ADDR", "127.0.0.1:0")
            .current_dir(data.path())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{role}: {told}");
        assert!(
            told.contains("master key 1 is not the one"),
            "{role}: {told}"
        );
    }
    assert_eq!(everything_sealed(&app).await, before);
    assert_eq!(
        fs::read_to_string(&master).unwrap(),
        format!("1 {}", hex::encode([9; 32]))
    );
}

#[tokio::test]
async fn sec_cry_06_a_deleted_account_leaves_nothing_sealed() {
    let app = TestApp::start().await;
    app.user("alice").await;
    let bob = app.user("bob").await;
    app.anon().refresh(&bob.refresh_cookie).await.expect(200);
    letters(&app, &bob, 1).await;
    seed(&app, &bob).await;
    let mut superuser = app.database.superuser().await;
    sqlx::query("DELETE FROM users WHERE id = $1")
        .bind(bob.id)
        .execute(&mut superuser)
        .await
        .unwrap();
    let left: i64 = sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM sessions WHERE user_id = $1) + (SELECT count(*) FROM mails WHERE user_id = $1)
              + (SELECT count(*) FROM totp_secrets WHERE user_id = $1) + (SELECT count(*) FROM users WHERE id = $1)",
    )
    .bind(bob.id)
    .fetch_one(&mut superuser)
    .await
    .unwrap();
    assert_eq!(left, 0);
}
