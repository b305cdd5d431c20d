//! What is sealed in the database, and that it is nowhere else.

use std::collections::BTreeSet;

use docuvault::crypto::SealedColumn;
use sqlx::AssertSqlSafe;

use super::sealed::{letters, seed};
use crate::support::TestApp;

#[tokio::test]
async fn sec_cry_05_a_sealed_secret_is_in_no_table_and_no_answer() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    letters(&app, &alice, 1).await;
    seed(&app, &alice).await;
    let answer = app.anon().refresh(&alice.refresh_cookie).await.expect(200);
    let successor = answer.refresh_cookie().unwrap();
    assert!(!answer.text().contains(&successor), "in its cookie only");
    for path in [
        "/api/v1/me",
        "/api/v1/auth/sessions",
        "/api/v1/auth/totp",
        "/api/v1/me/audit",
        "/api/v1/notifications",
    ] {
        let text = alice.get(path).await.text();
        for word in [&successor, "sealed", "kdf_salt"] {
            assert!(!text.contains(word), "{path} says {word}");
        }
    }

    let mut superuser = app.database.superuser().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')",
    )
    .fetch_all(&mut superuser)
    .await
    .unwrap();
    let (_, token) = successor.split_once("dvr1_").unwrap_or(("", &successor));
    let secrets = [token.to_owned(), hex::encode(token), hex::encode("seed")];
    let mut rows_seen = 0;
    for table in tables {
        let sql = format!("SELECT to_jsonb(t)::text FROM {table} t");
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_all(&mut superuser)
            .await
            .unwrap();
        rows_seen += rows.len();
        for secret in &secrets {
            let found = rows.iter().find(|row| row.contains(secret));
            assert!(found.is_none(), "{table} holds a secret");
        }
    }
    assert!(rows_seen > 10);
}

#[tokio::test]
async fn every_sealed_column_is_known_and_names_its_key() {
    let app = TestApp::start().await;
    let mut superuser = app.database.superuser().await;
    let known: BTreeSet<String> = SealedColumn::ALL
        .map(|column| column.name().to_owned())
        .into();
    let there: Vec<String> = sqlx::query_scalar(
        r"SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name LIKE '%\_sealed'",
    )
    .fetch_all(&mut superuser)
    .await
    .unwrap();
    assert_eq!(there.into_iter().collect::<BTreeSet<_>>(), known);

    // Each has a generated column that is bound to the known keys.
    let bound: Vec<String> = sqlx::query_scalar(
        "SELECT c.conrelid::regclass::text FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
          WHERE c.confrelid = 'key_checks'::regclass AND a.attgenerated = 's'",
    )
    .fetch_all(&mut superuser)
    .await
    .unwrap();
    let tables = known
        .iter()
        .map(|name| name.split('.').next().unwrap().to_owned())
        .collect::<BTreeSet<_>>();
    assert_eq!(bound.into_iter().collect::<BTreeSet<_>>(), tables);

    // And the re-sealing finds it.
    let alice = app.user("alice").await;
    letters(&app, &alice, 1).await;
    seed(&app, &alice).await;
    let choice = serde_json::json!({"provider": "openai", "model": "m", "api_key": "k"});
    alice.put_json("/api/v1/me/ai", choice).await.expect(200);
    let document = alice.upload_fixture("encrypted.pdf").await;
    app.run_jobs().await;
    let reprocess = format!("/api/v1/documents/{document}/reprocess");
    let body = serde_json::json!({"password": "secret"});
    alice.post(&reprocess, body).await.expect(202);
    app.anon().refresh(&alice.refresh_cookie).await.expect(200);
    for column in SealedColumn::ALL {
        let found: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM sealed_before_key($1, 2::smallint, '00000000-0000-0000-0000-000000000000', 10)",
        )
        .bind(column.name())
        .fetch_one(&mut superuser)
        .await
        .unwrap();
        assert!(found > 0, "{}", column.name());
    }
}
