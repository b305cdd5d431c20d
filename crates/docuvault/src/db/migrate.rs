//! Schema changes: forward only, run by `docuvault_migrate`, and the check that the schema is the one this program was built for.

use secrecy::{ExposeSecret, SecretString};
use sqlx::{Connection, PgConnection, migrate::Migrator};

use super::Database;

pub static MIGRATOR: Migrator = sqlx::migrate!("../../migrations");

#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    #[error(
        "the database's schema is at version {found}, this program needs {wanted}: run `docuvault migrate` first"
    )]
    Behind { found: i64, wanted: i64 },
    #[error(
        "the database's schema is at version {found}, newer than this program's {wanted}: start the newer program"
    )]
    Ahead { found: i64, wanted: i64 },
    #[error("the schema could not be changed: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    #[error("the database could not be asked")]
    Database(#[from] sqlx::Error),
}

/// Brings the schema up to date.
pub async fn migrate(url: &SecretString) -> Result<(), SchemaError> {
    let mut connection = PgConnection::connect(url.expose_secret()).await?;
    MIGRATOR.run(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// The newest migration this program knows.
pub fn wanted_version() -> i64 {
    MIGRATOR
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or_default()
}

/// Refuses a schema that is older or newer than the program.
pub async fn check_version(database: &Database) -> Result<(), SchemaError> {
    let wanted = wanted_version();
    let found: Option<i64> =
        sqlx::query_scalar!("SELECT max(version) FROM _sqlx_migrations WHERE success")
            .fetch_one(database.anonymous())
            .await?;
    let found = found.unwrap_or_default();
    match found.cmp(&wanted) {
        std::cmp::Ordering::Less => Err(SchemaError::Behind { found, wanted }),
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Greater => Err(SchemaError::Ahead { found, wanted }),
    }
}
