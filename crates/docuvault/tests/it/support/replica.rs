//! A process of a vault, as far as it can be had within the test's: what it is made of, what runs in it, and one more of them.

use std::sync::Arc;

use docuvault::{
    app::{
        AppState,
        router::{Serves, router},
        state::Parts,
    },
    config::Config,
    crypto::Keys,
    http::listener,
    keys::{check_keys, follow_key_files},
};
use docuvault_extract::Reader;
use docuvault_storage::{LocalDisk, LocalDiskConfig};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::{Client, SETUP_TOKEN, TestClock, TestDatabase};

/// The state of a process that finds its keys and objects where `config` says.
pub(super) async fn assemble(
    config: Config,
    database: &TestDatabase,
    clock: Arc<TestClock>,
    reader: Option<Reader>,
) -> AppState {
    let storage = LocalDisk::open(LocalDiskConfig {
        root: config.data.dir.join("objects"),
        free_space_floor_bytes: 0,
    })
    .await
    .unwrap();
    let state = AppState::new(Parts {
        database: database.pool(config.database.max_connections),
        storage: Arc::new(storage),
        reader,
        keys: Keys::open(&config.data.dir.join("secrets"), None).unwrap(),
        setup_token: SETUP_TOKEN.to_owned().into(),
        mailer: docuvault::mail::mailer(&config).unwrap(),
        clock,
        config,
    })
    .unwrap();
    check_keys(state.db(), state.keys()).await.unwrap();
    state
}

/// All that runs in a process but the worker, until `stop`.
pub(super) fn run(
    state: &AppState,
    listener: TcpListener,
    stop: &CancellationToken,
) -> JoinSet<()> {
    let mut running = JoinSet::new();
    let (told, draining) = (stop.clone(), state.draining().clone());
    tokio::spawn(async move {
        told.cancelled().await;
        draining.cancel();
    });
    let (following, until) = (state.clone(), stop.clone());
    running.spawn(async move {
        follow_key_files(following.db(), following.keys(), until).await;
    });
    let (listening, until) = (state.clone(), stop.clone());
    running.spawn(async move { listening.events().listen(listening.db(), until).await });
    let serves = Serves {
        api: true,
        gateway: true,
    };
    let routes = router(state.clone(), serves);
    let (http, until) = (state.config().http.clone(), stop.clone());
    running.spawn(listener::serve(listener, routes, http, until));
    running
}

/// One more process of a vault that runs already. It runs no jobs.
pub struct Replica {
    pub base_url: String,
    state: AppState,
    running: JoinSet<()>,
    stop: CancellationToken,
}

impl Replica {
    pub(super) async fn start(
        config: &Config,
        database: &TestDatabase,
        clock: &Arc<TestClock>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut config = config.clone();
        config.http.addr = listener.local_addr().unwrap();
        let base_url = format!("http://{}", config.http.addr);
        let state = assemble(config, database, Arc::clone(clock), None).await;
        let stop = CancellationToken::new();
        Self {
            base_url,
            running: run(&state, listener, &stop),
            state,
            stop,
        }
    }

    /// Nobody in particular, who asks this process.
    pub fn anon(&self) -> Client {
        Client::new(&self.base_url)
    }

    /// Ends the process; what it knew and has not written down is gone.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while let Some(ended) = self.running.join_next().await {
            ended.unwrap();
        }
        self.state.db().close().await;
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
