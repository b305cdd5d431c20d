//! What a command beside a running vault works on. With DATABASE_URL that database; else the private
//! PostgreSQL, the running one where there is one, or one started for as long as the command takes.

use anyhow::{Context, bail};
use docuvault_private_postgres::{Cluster, RunningCluster, StartError};
use secrecy::SecretString;

use super::{
    bootstrap::{block_on, start_logging},
    private_postgres,
};
use crate::{
    config::Config,
    db::{APP_ROLE, Database, migrate},
};

/// A command does little at once.
const CONNECTIONS: u32 = 4;

/// Does `work` with the database, whose schema is the one this program knows.
pub async fn with_database<T>(
    config: &Config,
    work: impl AsyncFnOnce(&Database) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    with_database_url(config, async |url| {
        let database = Database::connect(url, CONNECTIONS)
            .context("DATABASE_URL is not a PostgreSQL address")?;
        migrate::check_version(&database).await?;
        let done = work(&database).await;
        database.close().await;
        done
    })
    .await
}

/// The same for a command that does nothing else: settings, log and runtime included.
pub fn ask_database<T>(
    work: impl AsyncFnOnce(&Config, &Database) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let config = Config::load()?;
    start_logging(&config.log)?;
    block_on(with_database(&config, async |database| {
        work(&config, database).await
    }))
}

/// The same with the address alone, for what opens its own connections.
pub async fn with_database_url<T>(
    config: &Config,
    work: impl AsyncFnOnce(&SecretString) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    if let Some(url) = &config.database.url {
        return work(url).await;
    }
    match private_database(config).await? {
        Private::Running(cluster) => work(&cluster.url(APP_ROLE)?).await,
        Private::Started(cluster) => {
            let url = cluster
                .url(APP_ROLE)
                .with_context(|| format!("the private PostgreSQL has no login {APP_ROLE}"))?;
            let done = work(&url).await;
            cluster.stop().await?;
            done
        }
    }
}

enum Private {
    Running(Box<RunningCluster>),
    Started(Box<Cluster>),
}

async fn private_database(config: &Config) -> anyhow::Result<Private> {
    let settings = private_postgres::settings(config);
    if !settings.data_dir.exists() {
        bail!(
            "there is no vault in {}: set DOCUVAULT_DATA_DIR to its folder, or DATABASE_URL to its database",
            config.data.dir.display()
        );
    }
    loop {
        if let Some(running) = RunningCluster::find(&settings).await? {
            return Ok(Private::Running(Box::new(running)));
        }
        match Cluster::start(settings.clone()).await {
            Ok(cluster) => return Ok(Private::Started(Box::new(cluster))),
            // Someone else was quicker.
            Err(StartError::InUse { .. }) => {}
            Err(error) => {
                return Err(error).context("the private PostgreSQL could not be started");
            }
        }
    }
}
