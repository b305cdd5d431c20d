//! The PostgreSQL cluster all tests share, and the template that each test's database is copied from.

use std::{
    path::Path,
    process::Command,
    str::FromStr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use docuvault::db::{APP_ROLE, MIGRATE_ROLE, ROLES_SQL, migrate};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
use tokio::sync::OnceCell;

/// One test process at a time makes roles and template; the others wait.
const PREPARE_LOCK: i64 = 0x646f_6375_7465_7374;
/// Of databases that a killed test run left behind.
const LEFTOVER_AGE: Duration = Duration::from_hours(1);
/// For clusters that ask for one; the one of `scripts/test-postgres` does not.
pub const PASSWORD: &str = "docuvault-test";

/// The cluster, ready to copy databases from `template`.
pub struct Cluster {
    pub superuser: PgConnectOptions,
    pub template: String,
}

static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();

pub async fn cluster() -> &'static Cluster {
    CLUSTER.get_or_init(prepare).await
}

/// The name of a new test database; carries its time, so that leftovers can be told from databases in use.
pub fn new_database_name() -> String {
    format!(
        "docuvault_test_{}_{:08x}",
        unix_seconds(),
        rand::random::<u32>()
    )
}

/// Named by the environment, else started by the script.
fn superuser_options() -> PgConnectOptions {
    let url = std::env::var("DOCUVAULT_TEST_POSTGRES_URL").unwrap_or_else(|_| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/test-postgres");
        let output = Command::new(script)
            .arg("start")
            .output()
            .expect("scripts/test-postgres could not be run");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    });
    PgConnectOptions::from_str(&url)
        .expect("DOCUVAULT_TEST_POSTGRES_URL is not a PostgreSQL address")
}

async fn prepare() -> Cluster {
    let superuser = superuser_options();
    let template = format!("docuvault_template_{}", schema_hash());
    let mut connection = PgConnection::connect_with(&superuser)
        .await
        .expect("the test cluster cannot be reached");
    sqlx::query("SELECT pg_advisory_lock($1)")
        .bind(PREPARE_LOCK)
        .execute(&mut connection)
        .await
        .unwrap();
    let there: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 AND datistemplate)",
    )
    .bind(&template)
    .fetch_one(&mut connection)
    .await
    .unwrap();
    if !there {
        create_logins(&mut connection).await;
        create_template(&mut connection, &superuser, &template).await;
    }
    drop_leftovers(&mut connection).await;
    // Ends the lock with it.
    connection.close().await.unwrap();
    Cluster {
        superuser,
        template,
    }
}

/// Changes with everything that goes into the template.
fn schema_hash() -> String {
    let mut hash = Sha256::new();
    for migration in migrate::MIGRATOR.iter() {
        hash.update(&migration.checksum);
    }
    hash.update(ROLES_SQL);
    let mut first_bytes = [0; 8];
    first_bytes.copy_from_slice(&hash.finalize()[..8]);
    format!("{:016x}", u64::from_be_bytes(first_bytes))
}

async fn create_logins(connection: &mut PgConnection) {
    for (role, inherit) in [(MIGRATE_ROLE, "NOINHERIT"), (APP_ROLE, "INHERIT")] {
        let sql = format!(
            "DO $$ BEGIN CREATE ROLE {role} LOGIN {inherit}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
             ALTER ROLE {role} PASSWORD '{PASSWORD}'"
        );
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut *connection)
            .await
            .unwrap();
    }
}

/// Made under another name and renamed when it is whole, so that a run cut short leaves no half template.
async fn create_template(
    connection: &mut PgConnection,
    superuser: &PgConnectOptions,
    template: &str,
) {
    let building = format!("{template}_building");
    for sql in [
        format!("DROP DATABASE IF EXISTS {building} WITH (FORCE)"),
        format!("CREATE DATABASE {building}"),
    ] {
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut *connection)
            .await
            .unwrap();
    }
    run_roles_sql(&superuser.clone().database(&building)).await;
    let owner = superuser
        .clone()
        .username(MIGRATE_ROLE)
        .password(PASSWORD)
        .database(&building);
    migrate::migrate(&owner.to_url_lossy().to_string().into())
        .await
        .unwrap();
    for sql in [
        format!("ALTER DATABASE {building} RENAME TO {template}"),
        format!("ALTER DATABASE {template} IS_TEMPLATE true"),
    ] {
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut *connection)
            .await
            .unwrap();
    }
}

/// The grants of a database are not copied with it, so this runs in template and copy alike.
pub async fn run_roles_sql(database: &PgConnectOptions) {
    let mut connection = PgConnection::connect_with(database).await.unwrap();
    sqlx::raw_sql(ROLES_SQL)
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

/// Databases of runs that were killed.
async fn drop_leftovers(connection: &mut PgConnection) {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT datname FROM pg_database WHERE datname LIKE 'docuvault\\_test\\_%'",
    )
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    for name in names {
        let made_at = name
            .split('_')
            .nth(2)
            .and_then(|seconds| seconds.parse::<u64>().ok());
        if made_at.is_some_and(|at| at + LEFTOVER_AGE.as_secs() < unix_seconds()) {
            // Another process may be at it too.
            let sql = AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            let _ = sqlx::raw_sql(sql).execute(&mut *connection).await;
        }
    }
}

fn unix_seconds() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}
