//! `docuvault serve`: all roles in one process, on a private PostgreSQL unless DATABASE_URL is set.

use anyhow::{Context, bail};
use docuvault_private_postgres::Cluster;
use tokio_util::sync::CancellationToken;

use super::{
    bootstrap::{block_on, start_logging},
    private_postgres,
    run_roles::{Roles, run, stop_signal},
};
use crate::{
    config::Config,
    db::{self, APP_ROLE, MIGRATE_ROLE},
};

const ALL_ROLES: Roles = Roles {
    api: true,
    gateway: true,
    worker: true,
};

pub fn serve() -> anyhow::Result<()> {
    let config = Config::load()?;
    start_logging(&config.log)?;
    block_on(async {
        let stop = stop_signal()?;
        if let Some(url) = config.database.url.clone() {
            return run(config, &url, ALL_ROLES, stop).await;
        }
        let mut cluster = Cluster::start(private_postgres::settings(&config))
            .await
            .context("the private PostgreSQL could not be started")?;
        let served = serve_on(&mut cluster, config, stop).await;
        cluster.stop().await?;
        served
    })
}

async fn serve_on(
    cluster: &mut Cluster,
    config: Config,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let url = |login: &str| {
        cluster
            .url(login)
            .with_context(|| format!("the private PostgreSQL has no login {login}"))
    };
    let (migrate_url, app_url) = (url(MIGRATE_ROLE)?, url(APP_ROLE)?);
    db::migrate::migrate(&migrate_url).await?;
    tokio::select! {
        served = run(config, &app_url, ALL_ROLES, stop) => served,
        () = cluster.exited() => bail!("the private PostgreSQL ended unasked; its log is {}", cluster.log_file().display()),
    }
}
