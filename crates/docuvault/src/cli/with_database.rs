//! What a command beside a running vault works on: its database, or all of it. With DATABASE_URL that database; else the private
//! PostgreSQL, the running one where there is one, or one started for as long as the command takes.

use anyhow::{Context, bail};
use docuvault_private_postgres::{Cluster, RunningCluster, StartError};
use secrecy::SecretString;

use super::{private_postgres, run_roles::assemble};
use crate::{
    app::AppState,
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

/// Does `work` with the whole vault, checked as before serving.
#[expect(dead_code, reason = "for the commands that administer accounts")]
pub async fn with_vault<T>(
    config: &Config,
    work: impl AsyncFnOnce(&AppState) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    with_database_url(config, async |url| {
        let mut config = config.clone();
        config.database.max_connections = CONNECTIONS;
        let state = assemble(config, url).await?;
        let done = work(&state).await;
        state.db().close().await;
        done
    })
    .await
}

async fn with_database_url<T>(
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
