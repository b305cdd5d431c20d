//! The schema: made from nothing by its owner's login, and refused when it is not the one this program was built for.

use docuvault::db::migrate::{SchemaError, check_version, migrate, wanted_version};
use sqlx::AssertSqlSafe;

use crate::support::TestDatabase;

async fn as_superuser(database: &TestDatabase, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(&mut database.superuser().await)
        .await
        .unwrap();
}

#[tokio::test]
async fn it_is_made_from_nothing_and_once() {
    let database = TestDatabase::create_empty().await;
    for _ in 0..2 {
        migrate(&database.migrate_url()).await.unwrap();
        check_version(&database.pool(1)).await.unwrap();
    }
    let findings = docuvault::db::self_check::isolation_findings(&database.pool(1))
        .await
        .unwrap();
    assert!(findings.is_empty(), "{findings:?}");
    let foreign: Vec<String> = sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
          WHERE c.relnamespace = 'public'::regnamespace AND r.rolname <> 'docuvault_migrate'",
    )
    .fetch_all(&mut database.superuser().await)
    .await
    .unwrap();
    assert!(
        foreign.is_empty(),
        "not owned by docuvault_migrate: {foreign:?}"
    );
}

#[tokio::test]
async fn the_application_cannot_migrate() {
    let database = TestDatabase::create_empty().await;
    assert!(matches!(
        migrate(&database.app_url()).await,
        Err(SchemaError::Migrate(_))
    ));
}

#[tokio::test]
async fn an_older_schema_is_refused() {
    let database = TestDatabase::create().await;
    as_superuser(
        &database,
        "DELETE FROM _sqlx_migrations WHERE version = (SELECT max(version) FROM _sqlx_migrations)",
    )
    .await;
    let refused = check_version(&database.pool(1)).await.unwrap_err();
    assert!(
        matches!(refused, SchemaError::Behind { found, wanted } if found < wanted && wanted == wanted_version()),
        "{refused:?}"
    );
    assert!(
        refused.to_string().contains("docuvault migrate"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_migration_that_did_not_finish_does_not_count() {
    let database = TestDatabase::create().await;
    as_superuser(&database, "UPDATE _sqlx_migrations SET success = false WHERE version = (SELECT max(version) FROM _sqlx_migrations)").await;
    assert!(matches!(
        check_version(&database.pool(1)).await,
        Err(SchemaError::Behind { .. })
    ));
}

#[tokio::test]
async fn the_schema_of_a_newer_program_is_refused_and_left_alone() {
    let database = TestDatabase::create().await;
    as_superuser(&database, "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', true, '', 0)").await;
    let refused = check_version(&database.pool(1)).await.unwrap_err();
    assert!(
        matches!(refused, SchemaError::Ahead { found: 9999, .. }),
        "{refused:?}"
    );
    assert!(matches!(
        migrate(&database.migrate_url()).await,
        Err(SchemaError::Migrate(_))
    ));
}

#[tokio::test]
async fn a_migration_that_was_edited_afterwards_is_refused() {
    let database = TestDatabase::create().await;
    as_superuser(
        &database,
        "UPDATE _sqlx_migrations SET checksum = '\\x00' WHERE version = 1",
    )
    .await;
    assert!(matches!(
        migrate(&database.migrate_url()).await,
        Err(SchemaError::Migrate(_))
    ));
}

#[tokio::test]
async fn an_empty_database_is_not_served() {
    let database = TestDatabase::create_empty().await;
    assert!(check_version(&database.pool(1)).await.is_err());
}
