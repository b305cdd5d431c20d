//! What the application's login may not do, whatever SQL it is made to run.

use sqlx::{AssertSqlSafe, Connection};

use super::vault::{TwoVaults, code};

#[tokio::test]
async fn sec_db_01_the_application_may_change_rows_and_nothing_else() {
    let vaults = TwoVaults::fill().await;
    let mut connection = vaults.app.database.app_role().await;
    let statements = [
        "CREATE TABLE mine (id int)",
        "CREATE TEMP TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql RETURN 1",
        "CREATE EXTENSION pgcrypto",
        "CREATE ROLE mine",
        "CREATE DATABASE mine",
        "ALTER TABLE documents DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE documents NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE documents ADD COLUMN mine int",
        "CREATE POLICY mine ON documents USING (true)",
        "DROP POLICY documents_select ON documents",
        "CREATE TRIGGER mine BEFORE INSERT ON documents FOR EACH ROW EXECUTE FUNCTION audit_chain()",
        "ALTER TABLE audit_log DISABLE TRIGGER audit_log_chain",
        "DROP TABLE documents",
        "CREATE INDEX ON documents (title)",
        "ALTER FUNCTION begin_session(uuid, uuid, integer) SECURITY INVOKER",
        "CREATE OR REPLACE FUNCTION vault_has_users() RETURNS boolean LANGUAGE sql RETURN false",
        "UPDATE audit_log SET action = 'x'",
        "DELETE FROM audit_log",
        "SELECT * FROM audit_heads",
        "UPDATE audit_heads SET hash = ''",
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9, '', true, '', 0)",
        "DELETE FROM _sqlx_migrations",
        "SET ROLE docuvault_migrate",
        "SET ROLE docuvault_search",
        "SET ROLE docuvault_system",
        "SET ROLE docuvault_backup",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION postgres",
        "COPY documents TO PROGRAM 'cat'",
        "COPY documents TO '/tmp/documents'",
        "SELECT pg_read_file('postgresql.conf')",
        "SET session_replication_role = replica",
    ];
    for statement in statements.map(str::to_owned).into_iter().chain(
        vaults
            .tables
            .iter()
            .map(|table| format!("TRUNCATE {} CASCADE", table.name)),
    ) {
        let error = sqlx::raw_sql(AssertSqlSafe(statement.clone()))
            .execute(&mut connection)
            .await
            .expect_err(&statement);
        assert_eq!(code(&error), "42501", "{statement}: {error}");
    }
}

#[tokio::test]
async fn sec_db_02_turning_row_level_security_off_shows_an_error_and_no_rows() {
    let vaults = TwoVaults::fill().await;
    let mut connection = vaults.app.database.app_role().await;
    let mut tx = connection.begin().await.unwrap();
    sqlx::query("SET LOCAL row_security = off")
        .execute(&mut *tx)
        .await
        .unwrap();
    let error = sqlx::query("SELECT * FROM documents")
        .fetch_all(&mut *tx)
        .await
        .unwrap_err();
    assert_eq!(code(&error), "42501");
}

#[tokio::test]
async fn the_worker_s_flag_opens_the_queue_and_what_is_amiss_in_the_store_and_nothing_else() {
    let vaults = TwoVaults::fill().await;
    let mut connection = vaults.app.database.app_role().await;
    sqlx::query("SET docuvault.worker = 'on'")
        .execute(&mut connection)
        .await
        .unwrap();
    let mut tx = vaults.begin(&mut connection, None).await;
    for table in &vaults.tables {
        let rows = super::vault::visible(&mut tx, &table.name)
            .await
            .unwrap_or_default();
        let of_the_worker = ["jobs", "job_schedule", "storage_runs", "storage_findings"];
        let of_the_worker = of_the_worker.contains(&table.name.as_str());
        assert_eq!(!rows.is_empty(), of_the_worker, "{}: {rows:?}", table.name);
    }
}
