//! What the database's own catalogue says of roles, tables, views and functions: nothing there may look past the policies.

use sqlx::PgConnection;

use super::vault::{TwoVaults, code};
use crate::support::TestDatabase;

async fn listed(admin: &mut PgConnection, sql: &'static str) -> Vec<String> {
    sqlx::query_scalar(sql).fetch_all(admin).await.unwrap()
}

#[tokio::test]
async fn sec_db_01_the_application_s_role_has_no_powers_and_owns_nothing() {
    let database = TestDatabase::create().await;
    let mut admin = database.superuser().await;
    let powerful = "SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'docuvault%'
                     AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR (rolbypassrls AND rolcanlogin AND rolname <> 'docuvault_backup'))";
    assert_eq!(listed(&mut admin, powerful).await, Vec::<String>::new());
    let owned = "SELECT relname::text FROM pg_class WHERE pg_get_userbyid(relowner) = 'docuvault_app'
                 UNION ALL SELECT proname::text FROM pg_proc WHERE pg_get_userbyid(proowner) = 'docuvault_app'
                 UNION ALL SELECT nspname::text FROM pg_namespace WHERE pg_get_userbyid(nspowner) = 'docuvault_app'";
    assert_eq!(listed(&mut admin, owned).await, Vec::<String>::new());
    let creates = "SELECT nspname::text FROM pg_namespace WHERE has_schema_privilege('docuvault_app', oid, 'CREATE')
                   UNION ALL SELECT datname::text FROM pg_database
                    WHERE datname = current_database() AND has_database_privilege('docuvault_app', oid, 'CREATE, TEMPORARY')";
    assert_eq!(listed(&mut admin, creates).await, Vec::<String>::new());
}

#[tokio::test]
async fn sec_db_01_the_owner_of_the_schema_changes_no_user_s_rows() {
    let vaults = TwoVaults::fill().await;
    let before = vaults.rows_of(&vaults.alice).await;
    let mut connection = vaults.app.database.migrate_role().await;
    for table in &vaults.tables {
        let Some(column) = &table.owner_column else {
            continue;
        };
        let name = &table.name;
        for sql in [
            format!("UPDATE {name} SET {column} = {column}"),
            format!("DELETE FROM {name}"),
        ] {
            let mut tx = vaults.begin(&mut connection, Some(vaults.alice.id)).await;
            match sqlx::query(sqlx::AssertSqlSafe(sql.clone()))
                .execute(&mut *tx)
                .await
            {
                Ok(done) => assert_eq!(done.rows_affected(), 0, "{sql}"),
                Err(error) => assert_eq!(code(&error), "42501", "{sql}: {error}"),
            }
        }
    }
    assert_eq!(vaults.rows_of(&vaults.alice).await, before);
}

#[tokio::test]
async fn sec_db_02_every_table_forces_its_policies() {
    let database = TestDatabase::create().await;
    let mut admin = database.superuser().await;
    let unforced = "SELECT c.relname::text FROM pg_class c
                     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'f') AND c.relname <> '_sqlx_migrations'
                       AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))";
    assert_eq!(listed(&mut admin, unforced).await, Vec::<String>::new());
    let others = "SELECT nspname::text FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('public', 'information_schema')";
    assert_eq!(
        listed(&mut admin, others).await,
        Vec::<String>::new(),
        "a schema that these tests do not look into"
    );
}

#[tokio::test]
async fn sec_db_05_definer_functions_are_pinned_and_belong_to_narrow_roles() {
    let database = TestDatabase::create().await;
    let mut admin = database.superuser().await;
    let definers = "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef";
    assert!(listed(&mut admin, definers).await.len() > 5);
    let loose = "SELECT p.oid::regprocedure::text FROM pg_proc p
                  WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
                    AND (NOT EXISTS (SELECT FROM unnest(p.proconfig) setting WHERE setting LIKE 'search_path=pg_catalog%')
                         OR (SELECT r.rolsuper OR r.rolcanlogin FROM pg_roles r WHERE r.oid = p.proowner))";
    assert_eq!(listed(&mut admin, loose).await, Vec::<String>::new());
    let strangers = "SELECT p.oid::regprocedure::text FROM pg_proc p
                      WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
                        AND has_function_privilege('docuvault_backup', p.oid, 'EXECUTE') AND p.prorettype <> 'trigger'::regtype";
    assert_eq!(
        listed(&mut admin, strangers).await,
        Vec::<String>::new(),
        "whoever is not named may call it"
    );
}

#[tokio::test]
async fn sec_db_05_no_view_or_copy_looks_past_the_policies() {
    let database = TestDatabase::create().await;
    let mut admin = database.superuser().await;
    let views = "SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
                  AND (c.relkind = 'm' OR c.relkind = 'v' AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false))";
    assert_eq!(listed(&mut admin, views).await, Vec::<String>::new());
    let rules = "SELECT rulename::text FROM pg_rules WHERE schemaname = 'public'";
    assert_eq!(listed(&mut admin, rules).await, Vec::<String>::new());
}
