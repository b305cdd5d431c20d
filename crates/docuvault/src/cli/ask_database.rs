//! A database for commands that ask or change something beside a running vault.

use anyhow::Context;

use super::bootstrap::{block_on, start_logging};
use crate::{
    config::Config,
    db::{Database, migrate},
};

const CONNECTIONS: u32 = 2;

/// Runs `work` on the database of DATABASE_URL, if its schema is the right one.
pub fn with_database<T>(
    work: impl AsyncFnOnce(&Config, &Database) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let config = Config::load()?;
    start_logging(&config.log)?;
    block_on(async {
        let url = config
            .database
            .url
            .as_ref()
            .context("set DATABASE_URL to a login as docuvault_app")?;
        let database = Database::connect(url, CONNECTIONS)
            .context("DATABASE_URL is not a PostgreSQL address")?;
        migrate::check_version(&database).await?;
        let done = work(&config, &database).await;
        database.close().await;
        done
    })
}
