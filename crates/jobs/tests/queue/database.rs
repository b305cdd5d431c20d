//! A database per test on the throw-away cluster, with the queue's tables and the roles that use them.

use std::{path::Path, process::Command, str::FromStr, time::Duration};

use docuvault_jobs::{EnqueueOptions, Enqueued, Job, SCHEMA, enqueue};
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use uuid::Uuid;

/// Dropped with its database.
pub struct Database {
    /// The product's role: no DDL, bound by row-level security.
    pub app: PgPool,
    /// Sees and may do everything.
    pub superuser: PgPool,
    server: PgConnectOptions,
    name: String,
}

/// Where the cluster is: named by the environment, or started by the script.
fn server() -> PgConnectOptions {
    let url = std::env::var("DOCUVAULT_TEST_POSTGRES_URL").unwrap_or_else(|_| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/test-postgres");
        let output = Command::new(script).arg("start").output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    });
    PgConnectOptions::from_str(&url).unwrap()
}

impl Database {
    pub async fn create() -> Self {
        let server = server();
        let name = format!("docuvault_jobs_test_{}", Uuid::new_v4().simple());
        let mut admin = PgConnection::connect_with(&server).await.unwrap();
        // Roles belong to the whole cluster, and other tests may be creating this one right now.
        let role = "DO $$ BEGIN
                        PERFORM pg_advisory_xact_lock(hashtext('docuvault_app'));
                        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'docuvault_app') THEN
                            CREATE ROLE docuvault_app LOGIN;
                        END IF;
                    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
                    END $$";
        sqlx::raw_sql(role).execute(&mut admin).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .execute(&mut admin)
            .await
            .unwrap();
        let options = server.clone().database(&name);
        let superuser = PgPoolOptions::new()
            .max_connections(2)
            .connect_with(options.clone())
            .await
            .unwrap();
        sqlx::raw_sql(SCHEMA).execute(&superuser).await.unwrap();
        let as_app = options.options([("role", "docuvault_app")]);
        let app = PgPoolOptions::new()
            .max_connections(5)
            .connect_with(as_app)
            .await
            .unwrap();
        Self {
            app,
            superuser,
            server,
            name,
        }
    }

    /// A transaction of the product on behalf of a user.
    pub async fn begin_as(&self, user_id: Uuid) -> Transaction<'static, Postgres> {
        let mut tx = self.app.begin().await.unwrap();
        sqlx::query("SELECT set_config('docuvault.user_id', $1, true)")
            .bind(user_id.to_string())
            .execute(&mut *tx)
            .await
            .unwrap();
        tx
    }

    /// Queues past row-level security, committed.
    pub async fn queue<J: Job>(&self, job: J, options: EnqueueOptions) -> Enqueued {
        let mut conn = self.superuser.acquire().await.unwrap();
        enqueue(&mut conn, &job, options).await.unwrap()
    }

    /// One number out of the database.
    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql)
            .fetch_one(&self.superuser)
            .await
            .unwrap()
    }

    /// Waits until `sql` counts `wanted`.
    pub async fn wait_for(&self, sql: &'static str, wanted: i64) {
        for _ in 0..1000 {
            if self.count(sql).await == wanted {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let found = self.count(sql).await;
        assert_eq!(found, wanted, "{sql}");
    }

    /// Waits until nothing waits or runs.
    pub async fn wait_until_idle(&self) {
        self.wait_for("SELECT count(*) FROM jobs WHERE state <> 'dead'", 0)
            .await;
    }

    pub async fn execute(&self, sql: &'static str) {
        sqlx::raw_sql(sql).execute(&self.superuser).await.unwrap();
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let mut admin = PgConnection::connect_with(&server).await.unwrap();
                let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                sqlx::raw_sql(AssertSqlSafe(sql))
                    .execute(&mut admin)
                    .await
                    .unwrap();
            });
        });
        let _ = dropped.join();
    }
}
