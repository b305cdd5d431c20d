//! `docuvault migrate`: the only command that gets the login with DDL rights.

use anyhow::Context;

use super::bootstrap::{block_on, start_logging};
use crate::{config::Config, db};

pub fn migrate() -> anyhow::Result<()> {
    let config = Config::load()?;
    start_logging(&config.log)?;
    block_on(async {
        let url = config
            .database
            .migrate_url
            .as_ref()
            .context("set DATABASE_MIGRATE_URL to a login as docuvault_migrate")?;
        db::migrate::migrate(url).await?;
        tracing::info!(
            version = db::migrate::wanted_version(),
            "the schema is up to date"
        );
        Ok(())
    })
}
