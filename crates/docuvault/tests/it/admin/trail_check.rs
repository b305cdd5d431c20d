//! The trail cannot be changed by the application, and shows what was changed by someone else.

use docuvault::audit::{KnownHead, all_heads, verify_trail};
use serde_json::json;
use sqlx::AssertSqlSafe;

use super::vault;
use crate::support::TestApp;

async fn heads(app: &TestApp) -> Vec<KnownHead> {
    let mut heads = Vec::new();
    all_heads(app.state.db(), |head| {
        heads.push(head);
        Ok(())
    })
    .await
    .unwrap();
    heads
}

#[tokio::test]
async fn sec_log_02_the_application_only_appends() {
    let (app, _, victim) = vault().await;
    let mut connection = app.database.app_role().await;
    for statement in [
        "UPDATE audit_log SET action = 'x'",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
        "UPDATE audit_heads SET rows = 0",
        "DELETE FROM audit_heads",
        "TRUNCATE audit_heads",
        "SELECT * FROM audit_heads",
        "ALTER TABLE audit_log DISABLE TRIGGER audit_log_chain",
    ] {
        let error = sqlx::query(statement)
            .execute(&mut connection)
            .await
            .expect_err(statement);
        let code = error
            .as_database_error()
            .unwrap()
            .code()
            .unwrap()
            .into_owned();
        assert_eq!(code, "42501", "{statement}: {error}");
    }
    let as_another =
        "INSERT INTO audit_log (user_id, action, previous_hash, hash) VALUES ($1, 'x', '', '')";
    sqlx::query(as_another)
        .bind(victim.id.0)
        .execute(&mut connection)
        .await
        .expect_err("nobody writes into another's trail");
    let rights: Vec<String> = sqlx::query_scalar(
        "SELECT p FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) p WHERE has_table_privilege('docuvault_system', 'audit_log', p)",
    )
    .fetch_all(&mut app.database.superuser().await)
    .await
    .unwrap();
    assert!(rights.is_empty(), "nor do its functions: {rights:?}");
}

#[tokio::test]
async fn sec_log_02_the_check_finds_what_was_changed_or_taken_away() {
    let (app, _, victim) = vault().await;
    for name in ["Sailing", "Rowing"] {
        victim
            .post("/api/v1/topics", json!({"name": name}))
            .await
            .expect(201);
    }
    let sound = verify_trail(app.state.db(), &heads(&app).await)
        .await
        .unwrap();
    assert_eq!(
        (sound.chains, sound.rows, sound.faults_in_all),
        (2, 6, 0),
        "{:?}",
        sound.faults
    );
    let newest = "(SELECT max(id) FROM audit_log)";
    let user = format!("'{}'", victim.id);
    for (tampering, found) in [
        (
            format!(
                "UPDATE audit_log SET action = 'auth.other' WHERE id = (SELECT max(id) FROM audit_log WHERE id < {newest})"
            ),
            "row ",
        ),
        (
            format!("UPDATE audit_log SET metadata = '{{}}' WHERE id = {newest}"),
            "row ",
        ),
        (
            format!("DELETE FROM audit_log WHERE id = {newest}"),
            "has 3 rows, its head tells of 4",
        ),
        (
            "DELETE FROM audit_log WHERE id = (SELECT min(id) FROM audit_log)".to_owned(),
            "row ",
        ),
        (
            format!("DELETE FROM audit_heads WHERE user_id = {user}"),
            "has no head",
        ),
        (
            format!("DELETE FROM audit_log WHERE user_id = {user}"),
            "has 0 rows, its head tells of 4",
        ),
        (
            format!("UPDATE audit_heads SET hash = 'x' WHERE user_id = {user}"),
            "does not end where its head says",
        ),
    ] {
        let mut admin = app.database.superuser().await;
        for prepare in [
            "CREATE TABLE kept_log AS TABLE audit_log",
            "CREATE TABLE kept_heads AS TABLE audit_heads",
        ] {
            sqlx::query(prepare).execute(&mut admin).await.unwrap();
        }
        sqlx::query(AssertSqlSafe(tampering.clone()))
            .execute(&mut admin)
            .await
            .unwrap();
        let verdict = verify_trail(app.state.db(), &[]).await.unwrap();
        assert!(
            verdict.faults.iter().any(|fault| fault.contains(found)),
            "{tampering}: {:?}",
            verdict.faults
        );
        for undo in [
            "ALTER TABLE audit_log DISABLE TRIGGER audit_log_chain",
            "TRUNCATE audit_log, audit_heads",
            "INSERT INTO audit_log OVERRIDING SYSTEM VALUE SELECT * FROM kept_log",
            "INSERT INTO audit_heads SELECT * FROM kept_heads",
            "ALTER TABLE audit_log ENABLE TRIGGER audit_log_chain",
            "DROP TABLE kept_log, kept_heads",
        ] {
            sqlx::query(undo).execute(&mut admin).await.unwrap();
        }
    }
    let sound = verify_trail(app.state.db(), &[]).await.unwrap();
    assert_eq!(sound.faults, Vec::<String>::new());
}

/// Whoever may change everything can make a chain that holds by itself; what was kept elsewhere tells.
#[tokio::test]
async fn sec_log_02_heads_kept_elsewhere_show_a_chain_that_was_written_anew() {
    let (app, _, victim) = vault().await;
    victim
        .post("/api/v1/topics", json!({"name": "Sailing"}))
        .await
        .expect(201);
    let kept = heads(&app).await;
    let cut = format!(
        "WITH gone AS (DELETE FROM audit_log WHERE id = (SELECT max(id) FROM audit_log WHERE user_id = '{0}') RETURNING previous_hash)
         UPDATE audit_heads SET rows = rows - 1, hash = (SELECT previous_hash FROM gone) WHERE user_id = '{0}'",
        victim.id
    );
    let anew = format!(
        "INSERT INTO audit_log (user_id, action, previous_hash, hash) VALUES ('{}', 'topic.deleted', '', '')",
        victim.id
    );
    for (tampering, found) in [(cut, "was cut short"), (anew, "was rewritten")] {
        sqlx::query(AssertSqlSafe(tampering))
            .execute(&mut app.database.superuser().await)
            .await
            .unwrap();
        let by_itself = verify_trail(app.state.db(), &[]).await.unwrap();
        assert_eq!(by_itself.faults, Vec::<String>::new());
        let verdict = verify_trail(app.state.db(), &kept).await.unwrap();
        assert_eq!(verdict.faults_in_all, 1);
        assert!(verdict.faults[0].contains(found), "{:?}", verdict.faults);
    }
    // What only grew is sound.
    let kept = heads(&app).await;
    victim
        .post("/api/v1/topics", json!({"name": "Rowing"}))
        .await
        .expect(201);
    let verdict = verify_trail(app.state.db(), &kept).await.unwrap();
    assert_eq!(verdict.faults, Vec::<String>::new());
}

#[tokio::test]
async fn long_chains_are_checked_in_slices() {
    let (app, _, victim) = vault().await;
    let mut admin = app.database.superuser().await;
    // In small transactions, because each row changes the same head.
    for _ in 0..101 {
        sqlx::query("INSERT INTO audit_log (user_id, action, previous_hash, hash) SELECT $1, 'topic.changed', '', '' FROM generate_series(1, 100)")
            .bind(victim.id.0)
            .execute(&mut admin)
            .await
            .unwrap();
    }
    let verdict = verify_trail(app.state.db(), &heads(&app).await)
        .await
        .unwrap();
    assert_eq!((verdict.rows, verdict.faults_in_all), (10_104, 0));
    sqlx::query("DELETE FROM audit_log WHERE id IN (SELECT id FROM audit_log WHERE user_id = $1 ORDER BY id OFFSET 4999 LIMIT 1)")
        .bind(victim.id.0)
        .execute(&mut admin)
        .await
        .unwrap();
    let verdict = verify_trail(app.state.db(), &[]).await.unwrap();
    assert_eq!(
        verdict.faults_in_all, 2,
        "a row and the head: {:?}",
        verdict.faults
    );
}
