//! The database and the keys a role works with, checked. A process that starts while PostgreSQL is away waits for it, as those do that
//! already run.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use secrecy::SecretString;

use crate::{
    config::Config,
    crypto::Keys,
    db::{Database, is_unavailable, migrate, self_check},
    keys::check_keys,
};

/// Long enough for a restart with recovery; then whoever started the process is told.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
const BETWEEN_TRIES: Duration = Duration::from_millis(500);

/// Fails when the schema is not this program's, when users would not be kept apart, and for keys that are not the vault's.
pub async fn trusted_database(
    config: &Config,
    url: &SecretString,
) -> anyhow::Result<(Database, Keys)> {
    let database = Database::connect(url, config.database.max_connections)
        .context("DATABASE_URL is not a PostgreSQL address")?;
    let deadline = Instant::now() + LONGEST_WAIT;
    let mut told = false;
    loop {
        match check(config, &database).await {
            Ok(keys) => return Ok((database, keys)),
            Err(error) if is_away(&error) && Instant::now() < deadline => {
                if !told {
                    tracing::warn!(error = format!("{error:#}"), "waiting for the database");
                    told = true;
                }
                tokio::time::sleep(BETWEEN_TRIES).await;
            }
            Err(error) => return Err(error),
        }
    }
}

fn is_away(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.downcast_ref().is_some_and(is_unavailable))
}

async fn check(config: &Config, database: &Database) -> anyhow::Result<Keys> {
    migrate::check_version(database).await?;
    let findings = self_check::isolation_findings(database).await?;
    if !findings.is_empty() {
        bail!(
            "refusing to serve, because users would not be kept apart: {}",
            findings.join("; ")
        );
    }
    let keys = Keys::open(
        &config.data.dir.join("secrets"),
        config.data.master_key_file.as_deref(),
    )?;
    check_keys(database, &keys).await?;
    Ok(keys)
}
