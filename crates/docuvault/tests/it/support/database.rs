//! One test's own database, copied from the template and dropped with it.

use docuvault::db::{APP_ROLE, Database, MIGRATE_ROLE};
use secrecy::SecretString;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};

use super::cluster::{PASSWORD, cluster, new_database_name, run_roles_sql};

pub struct TestDatabase {
    superuser: PgConnectOptions,
    pub name: String,
}

impl TestDatabase {
    /// With the whole schema.
    pub async fn create() -> Self {
        Self::copy_of(&cluster().await.template).await
    }

    /// Without any table, as `docuvault migrate` finds it the first time.
    pub async fn create_empty() -> Self {
        Self::copy_of("template0").await
    }

    async fn copy_of(template: &str) -> Self {
        let cluster = cluster().await;
        let name = new_database_name();
        let mut connection = PgConnection::connect_with(&cluster.superuser)
            .await
            .unwrap();
        let sql = format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy");
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        let database = Self {
            superuser: cluster.superuser.clone().database(&name),
            name,
        };
        run_roles_sql(&database.superuser).await;
        database
    }

    /// `DATABASE_URL` of this database.
    pub fn app_url(&self) -> SecretString {
        url(&self.login(APP_ROLE))
    }

    /// `DATABASE_MIGRATE_URL` of this database.
    pub fn migrate_url(&self) -> SecretString {
        url(&self.login(MIGRATE_ROLE))
    }

    pub fn superuser_url(&self) -> SecretString {
        url(&self.superuser)
    }

    /// The database as the program uses it, with a pool of this size.
    pub fn pool(&self, max_connections: u32) -> Database {
        Database::connect(&self.app_url(), max_connections).unwrap()
    }

    /// A connection that sees and may do everything.
    pub async fn superuser(&self) -> PgConnection {
        PgConnection::connect_with(&self.superuser).await.unwrap()
    }

    /// A connection as `docuvault_app`, for no user.
    pub async fn app_role(&self) -> PgConnection {
        PgConnection::connect_with(&self.login(APP_ROLE))
            .await
            .unwrap()
    }

    /// A connection as the owner of the schema.
    pub async fn migrate_role(&self) -> PgConnection {
        PgConnection::connect_with(&self.login(MIGRATE_ROLE))
            .await
            .unwrap()
    }

    /// Sets a setting of PostgreSQL for every later connection of the application.
    pub async fn set_for_app(&self, name: &str, value: &str) {
        let sql = format!(
            "ALTER ROLE {APP_ROLE} IN DATABASE {} SET {name} = '{value}'",
            self.name
        );
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut self.superuser().await)
            .await
            .unwrap();
    }

    fn login(&self, role: &str) -> PgConnectOptions {
        self.superuser.clone().username(role).password(PASSWORD)
    }
}

fn url(options: &PgConnectOptions) -> SecretString {
    options.to_url_lossy().to_string().into()
}

impl Drop for TestDatabase {
    /// On a thread of its own, because the test's runtime cannot be waited on from here.
    fn drop(&mut self) {
        let admin = self.superuser.clone().database("postgres");
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let mut connection = PgConnection::connect_with(&admin).await.unwrap();
                sqlx::raw_sql(AssertSqlSafe(sql))
                    .execute(&mut connection)
                    .await
                    .unwrap();
            });
        });
        // What could not be dropped is dropped by a later run.
        let _ = dropping.join();
    }
}
