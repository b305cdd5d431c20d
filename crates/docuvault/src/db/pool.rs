//! The connection pool, logged in as `docuvault_app`.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};

/// The database as the application sees it. The pool itself stays private to `db`.
#[derive(Clone)]
pub struct Database {
    pool: PgPool,
}

/// Connections of the pool.
#[derive(Debug, Clone, Copy)]
pub struct Connections {
    pub busy: u32,
    pub idle: u32,
    pub most: u32,
}

impl Database {
    /// Connects lazily: an unreachable database shows as 503 and heals by itself.
    pub fn connect(url: &SecretString, max_connections: u32) -> Result<Self, sqlx::Error> {
        let options: PgConnectOptions = url
            .expose_secret()
            .parse::<PgConnectOptions>()?
            .application_name("docuvault");
        let pool = PgPoolOptions::new()
            .max_connections(max_connections)
            .acquire_timeout(Duration::from_secs(4))
            .max_lifetime(Duration::from_mins(30))
            .test_before_acquire(false);
        Ok(Self {
            pool: pool.connect_lazy_with(options),
        })
    }

    /// For what asks before a user is known (login, setup, health), for LISTEN and the queue: sees no user data.
    pub fn anonymous(&self) -> &PgPool {
        &self.pool
    }

    /// Opens a transaction. In a task of its own, because a caller may be dropped at any await (its client went away), and sqlx would
    /// then leave the connection in a transaction that nobody ends, if that happens between BEGIN and its answer.
    pub(super) async fn begin(&self) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        let pool = self.pool.clone();
        tokio::spawn(async move { pool.begin().await })
            .await
            .unwrap_or(Err(sqlx::Error::WorkerCrashed))
    }

    /// One statement there and back.
    pub async fn ping(&self) -> Result<(), sqlx::Error> {
        sqlx::query("SELECT 1").execute(&self.pool).await.map(drop)
    }

    /// How the pool is used.
    pub fn connections(&self) -> Connections {
        let idle = u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX);
        Connections {
            busy: self.pool.size().saturating_sub(idle),
            idle,
            most: self.pool.options().get_max_connections(),
        }
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }
}
