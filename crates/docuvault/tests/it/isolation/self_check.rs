//! The look before serving: a login or a table that would not keep users apart is found.

use docuvault::db::{Database, self_check::isolation_findings};
use sqlx::{AssertSqlSafe, PgConnection};

use crate::support::TestDatabase;

async fn run(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(connection)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_sound_database_has_no_findings() {
    let database = TestDatabase::create().await;
    assert_eq!(
        isolation_findings(&database.pool(1)).await.unwrap(),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn sec_db_01_a_login_that_looks_past_the_policies_is_found() {
    let database = TestDatabase::create().await;
    let superuser = Database::connect(&database.superuser_url(), 1).unwrap();
    let found = isolation_findings(&superuser).await.unwrap().join("\n");
    assert!(
        found.contains("is a superuser") && found.contains("has BYPASSRLS"),
        "{found}"
    );
    let owner = Database::connect(&database.migrate_url(), 1).unwrap();
    let found = isolation_findings(&owner).await.unwrap().join("\n");
    assert!(
        found.contains("owns tables")
            && found.contains("may create objects")
            && found.contains("role that sees every row"),
        "{found}"
    );
}

#[tokio::test]
async fn sec_db_02_a_table_without_forced_policies_is_found() {
    let database = TestDatabase::create().await;
    let mut owner = database.migrate_role().await;
    let pool = database.pool(1);
    let steps = [
        ("CREATE TABLE leak (user_id uuid)", true),
        (
            "CREATE POLICY leak ON leak TO docuvault_app USING (user_id = current_user_id())",
            true,
        ),
        ("ALTER TABLE leak ENABLE ROW LEVEL SECURITY", true),
        ("ALTER TABLE leak FORCE ROW LEVEL SECURITY", false),
        ("DROP POLICY leak ON leak", true),
    ];
    for (sql, leaks) in steps {
        run(&mut owner, sql).await;
        let found = isolation_findings(&pool).await.unwrap();
        assert_eq!(
            found.iter().any(|finding| finding.contains("leak")),
            leaks,
            "after {sql}: {found:?}"
        );
    }
    run(
        &mut owner,
        "DROP TABLE leak; ALTER TABLE documents NO FORCE ROW LEVEL SECURITY",
    )
    .await;
    let found = isolation_findings(&pool).await.unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("documents"));
}
