//! The schema: made from nothing by its owner's login, and refused when it is not the one this program was built for.

use docuvault::db::migrate::{MIGRATOR, SchemaError, check_version, migrate, wanted_version};
use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

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

/// Row security holds the owner of the tables too: a migration that forgets it changes nothing and says nothing.
#[tokio::test]
async fn documents_from_before_are_found_by_what_came_later() {
    let database = TestDatabase::create_empty().await;
    let mut owner = PgConnection::connect(database.migrate_url().expose_secret())
        .await
        .unwrap();
    MIGRATOR.run_to(15, &mut owner).await.unwrap();
    as_superuser(
        &database,
        "INSERT INTO users (id, email, email_key, display_name, role, password_hash, kdf_salt)
         SELECT gen_random_uuid(), name, name, name, 'user', '', decode(repeat('00', 32), 'hex') FROM unnest(ARRAY['alice', 'bob']) AS name;
         INSERT INTO documents (id, user_id, state, title, filename, content_type, size_bytes, object_key, language)
         SELECT gen_random_uuid(), u.id, 'ready', 't', 't', 'text/plain', 1, gen_random_uuid(), 'en' FROM users u, generate_series(1, 1100) AS n
          WHERE n = 1 OR u.email = 'alice';
         INSERT INTO document_search (document_id, user_id, window_no, tsv)
         SELECT id, user_id, n, to_tsvector('simple', 'umbrella') FROM documents, generate_series(0, 1) AS n",
    )
    .await;
    MIGRATOR.run(&mut owner).await.unwrap();

    let mut admin = database.superuser().await;
    let mut texts = async |sql: &str| -> Vec<String> {
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
            .fetch_all(&mut admin)
            .await
            .unwrap()
    };
    assert_eq!(
        texts(
            "SELECT u.email || ' ' || left(translate(w.word, E'\\x01\\x03', '#!'), 9) || ' ' || w.documents
                 FROM search_words w JOIN users u ON u.id = w.user_id ORDER BY 1"
        )
        .await,
        [
            "alice !en 1100",
            "alice #00000000 1024",
            "alice #00000001 76",
            "alice umbrella 1100",
            "bob !en 1",
            "bob #00000000 1",
            "bob umbrella 1",
        ]
    );
    let unplaced =
        "SELECT document_id::text FROM document_search WHERE NOT tsv @@ E'\\x01:*'::tsquery";
    assert_eq!(texts(unplaced).await, [""; 0]);
    assert_eq!(
        texts("SELECT DISTINCT filed_by FROM documents").await,
        ["device"]
    );
    assert_eq!(
        texts(
            "SELECT relname::text FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity"
        )
        .await,
        [""; 0]
    );
}
