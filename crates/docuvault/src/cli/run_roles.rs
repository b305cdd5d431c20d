//! Runs one or more roles until told to stop: checks first, then listens and works, then drains.

use std::sync::Arc;

use anyhow::Context;
use docuvault_extract::Reader;
use secrecy::{ExposeSecret, SecretString};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};
use tokio_util::sync::CancellationToken;

use super::{
    bootstrap::{block_on, keep_memory_private, start_logging},
    management::Management,
    setup_token::{setup_token, unknown_token},
    trusted_database::trusted_database,
};
use crate::{
    app::{
        AppState, SystemClock, job_registry,
        router::{Serves, router},
        state::Parts,
    },
    config::Config,
    http::{listener, open_files::allow_many_open_files},
    keys::follow_key_files,
    mail,
    storage_backends::{OpenStore, UntestedStore, open_store},
};

#[derive(Debug, Clone, Copy, Default)]
pub struct Roles {
    pub api: bool,
    pub gateway: bool,
    pub worker: bool,
}

/// A single role as a process of its own: needs DATABASE_URL, changes no schema.
pub fn run_alone(roles: Roles) -> anyhow::Result<()> {
    let config = Config::load()?;
    start_logging(&config.log)?;
    block_on(async {
        let url = config.database.url.clone().context("set DATABASE_URL to a login as docuvault_app (only `docuvault serve` brings its own PostgreSQL)")?;
        run(config, &url, roles, stop_signal()?).await
    })
}

/// Cancelled by the first SIGTERM or Ctrl-C. A second one ends the process at once.
pub fn stop_signal() -> anyhow::Result<CancellationToken> {
    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    let stop = CancellationToken::new();
    let told = stop.clone();
    tokio::spawn(async move {
        for round in 0.. {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if round > 0 {
                std::process::exit(1);
            }
            tracing::info!("stopping; once more to stop at once");
            told.cancel();
        }
    });
    Ok(stop)
}

/// Serves until `stop`. The database at `url` must have the right schema.
pub async fn run(
    config: Config,
    url: &SecretString,
    roles: Roles,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    keep_memory_private();
    let (state, untested) = tokio::select! {
        assembled = assemble(config, url, roles) => assembled?,
        () = stop.cancelled() => return Ok(()),
    };
    let listener = if roles.api || roles.gateway {
        Some(public_listener(&state).await?)
    } else {
        None
    };
    // After the other one: who is told here that all is ready must find it so there.
    let management = Management::open(&state).await?;
    let mut running = tokio::task::JoinSet::new();
    let (failed, mut failure) = oneshot::channel();
    if let Some(store) = untested {
        let stop = stop.clone();
        running.spawn(async move {
            if let Err(error) = store.test_until_trusted(stop.clone()).await {
                tracing::error!("stopping, because the store is not safe");
                let _ = failed.send(error);
                stop.cancel();
            }
        });
    }

    // From here on the state knows it too, and with it every answer.
    let (told, draining) = (stop, state.draining().clone());
    let stop = draining.clone();
    let _until_then = tokio::spawn(async move {
        told.cancelled().await;
        draining.cancel();
    });

    let (following, until) = (state.clone(), stop.clone());
    running.spawn(async move { follow_key_files(following.db(), following.keys(), until).await });
    if roles.worker {
        let worker = job_registry::worker(&state)?;
        let stop = stop.clone();
        running.spawn(async move { worker.run(stop).await });
    }
    if let Some(listener) = listener {
        if roles.api {
            let (listening, stop) = (state.clone(), stop.clone());
            running.spawn(async move { listening.events().listen(listening.db(), stop).await });
        }
        let routes = router(
            state.clone(),
            Serves {
                api: roles.api,
                gateway: roles.gateway,
            },
        );
        let (stop, http) = (stop.clone(), state.config().http.clone());
        running.spawn(async move { listener::serve(listener, routes, http, stop).await });
        announce(&state, roles).await?;
    }
    stop.cancelled().await;
    while running.join_next().await.is_some() {}
    management.close().await;
    state.db().close().await;
    failure.try_recv().map_or(Ok(()), Err)
}

async fn public_listener(state: &AppState) -> anyhow::Result<TcpListener> {
    let http = &state.config().http;
    allow_many_open_files(http.limits.connections);
    TcpListener::bind(http.addr)
        .await
        .with_context(|| format!("cannot listen on {}", http.addr))
}

/// Everything a role needs, checked.
pub(super) async fn assemble(
    config: Config,
    url: &SecretString,
    roles: Roles,
) -> anyhow::Result<(AppState, Option<UntestedStore>)> {
    let (database, keys) = trusted_database(&config, url).await?;
    let OpenStore { backend, untested } = open_store(&config).await?;
    let reader = match Reader::locate(config.reading.program.as_deref()) {
        Ok(reader) => Some(reader),
        Err(error) => {
            tracing::error!(%error, "documents will be stored but not read until docuvault-extract is there");
            None
        }
    };
    let setup_token = if roles.api {
        setup_token(&config)?
    } else {
        unknown_token()?
    };
    let state = AppState::new(Parts {
        mailer: mail::mailer(&config)?,
        config,
        database,
        storage: backend,
        reader,
        keys,
        setup_token,
        clock: Arc::new(SystemClock),
    })?;
    Ok((state, untested))
}

/// Tells whoever started it where to go.
#[expect(
    clippy::print_stdout,
    reason = "the address and the setup token are for the terminal, not for the log"
)]
async fn announce(state: &AppState, roles: Roles) -> anyhow::Result<()> {
    let url = state.config().public_url();
    if !roles.api {
        tracing::info!(addr = %state.config().http.addr, "the gateway is ready");
        return Ok(());
    }
    println!("\n  DocuVault is ready at {url}");
    // It serves already: a database that goes away in this very moment is no reason to end.
    let has_users = sqlx::query_scalar!(r#"SELECT vault_has_users() AS "has_users!""#)
        .fetch_one(state.db().anonymous())
        .await
        .inspect_err(|error| tracing::warn!(%error, "not known whether there is an account yet"))
        .unwrap_or(true);
    if !has_users && state.config().setup_token.is_none() {
        let token = setup_token(state.config())?;
        println!(
            "  Create the first account there with this setup token: {}",
            token.expose_secret()
        );
    }
    println!();
    Ok(())
}
