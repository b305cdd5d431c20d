//! The listener for whoever runs the vault: health and metrics, on an address of its own, in every process.

use anyhow::Context;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::{
    app::{AppState, router::management_router},
    config::HttpConfig,
    http::listener,
};

/// Serves until it is closed: to the end of draining, which it tells of.
pub struct Management {
    serving: Option<JoinHandle<()>>,
    stop: CancellationToken,
}

impl Management {
    pub async fn open(state: &AppState) -> anyhow::Result<Self> {
        let stop = CancellationToken::new();
        let serving = listener(state).await?.map(|listener| {
            // Each time the limits that the public has, but no time to look elsewhere.
            let http = HttpConfig {
                drain: std::time::Duration::ZERO,
                ..state.config().http.clone()
            };
            let routes = management_router(state.clone());
            tokio::spawn(listener::serve(listener, routes, http, stop.clone()))
        });
        Ok(Self { serving, stop })
    }

    pub async fn close(self) {
        self.stop.cancel();
        if let Some(serving) = self.serving {
            let _ = serving.await;
        }
    }
}

async fn listener(state: &AppState) -> anyhow::Result<Option<TcpListener>> {
    let management = &state.config().management;
    let Some(addr) = management.addr else {
        return Ok(None);
    };
    match TcpListener::bind(addr).await {
        Ok(listener) => Ok(Some(listener)),
        Err(error) if management.is_chosen => Err(error)
            .with_context(|| format!("cannot listen on {addr} (DOCUVAULT_MANAGEMENT_ADDR)")),
        Err(error) => {
            tracing::info!(%addr, %error, "no health and metrics of this process here: set DOCUVAULT_MANAGEMENT_ADDR");
            Ok(None)
        }
    }
}
