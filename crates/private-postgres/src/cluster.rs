//! The cluster as its user sees it: start, connect, stop.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use rustix::process::Pid;
use secrecy::SecretString;
use sqlx::postgres::PgConnectOptions;
use tokio::process::Child;

use crate::account::Account;
use crate::adopt::adopt;
use crate::binaries::Binaries;
use crate::create_cluster::create_cluster;
use crate::endpoint::{Endpoint, Login};
use crate::launch::launch;
use crate::passwords::Passwords;
use crate::place::Place;
use crate::prepare_database::prepare_database;
use crate::processes::{Processes, Workplace};
use crate::server::Server;
use crate::single_copy::take_lock;
use crate::{SUPERUSER, Settings, StartError, StopError};

/// All that is settled before a server runs.
#[derive(Debug)]
pub(crate) struct Plan {
    pub settings: Settings,
    pub place: Place,
    pub account: Account,
    pub binaries: Binaries,
    pub passwords: Passwords,
    pub processes: Processes,
    /// What the server calls itself; known once there is a data directory, empty until then.
    pub cluster_name: String,
}

impl Plan {
    async fn make(
        settings: Settings,
        place: Place,
        account: Account,
        data_major: Option<u32>,
    ) -> Result<Self, StartError> {
        let binaries =
            Binaries::find(settings.bin_dir.as_deref(), data_major, &account, &place).await?;
        let passwords = Passwords::load(&settings, data_major.is_some())?;
        let processes = Processes {
            proc_dir: settings.proc_dir.clone(),
            uid: account.uid,
        };
        Ok(Self {
            settings,
            place,
            account,
            binaries,
            passwords,
            processes,
            cluster_name: String::new(),
        })
    }

    /// Where the server's processes are found.
    pub fn workplace(&self) -> Workplace {
        Workplace {
            dir: self.place.data_dir.clone(),
            programs: &["postgres"],
            title: Some(self.cluster_name.clone()),
        }
    }

    pub fn server(&self, pid: Pid, child: Option<Child>, endpoint: Endpoint) -> Server {
        Server {
            pid,
            child,
            endpoint,
            workplace: self.workplace(),
            processes: self.processes.clone(),
        }
    }
}

/// A running private PostgreSQL. Dropping it without [`stop`](Self::stop) leaves the server running, for the next start to adopt.
#[derive(Debug)]
pub struct Cluster {
    plan: Plan,
    server: Server,
    version: String,
    /// Held for as long as the server is ours.
    _lock: File,
}

impl Cluster {
    /// Starts the server, or adopts one that outlived us, and makes whatever is missing: cluster, passwords, roles, database.
    /// Takes seconds the first time, a fraction of one later on.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        settings.check_names()?;
        let place = Place::new(&settings.data_dir)?;
        let lock = take_lock(&place).await?;
        let account = Account::choose(&place)?;
        let data_major = place.data_major()?;
        let mut plan = Plan::make(settings, place, account, data_major).await?;
        if data_major.is_some() {
            plan.account.take_over(&plan.place)?;
        } else {
            create_cluster(&plan).await?;
        }
        plan.cluster_name = plan.place.cluster_name()?;
        let running = adopt(&plan).await?;
        let server = match running {
            Some(server) => server,
            None => launch(&plan).await?,
        };
        let version = match prepare_database(&plan, &server.endpoint).await {
            Ok(version) => version,
            Err(error) => {
                // The first error is the one to tell.
                let _ = server.stop(plan.settings.stop_timeout).await;
                return Err(error);
            }
        };
        let (pid, adopted) = (server.raw_pid(), server.child.is_none());
        tracing::info!(version, pid, adopted, "the database server is ready");
        Ok(Self {
            plan,
            server,
            version,
            _lock: lock,
        })
    }

    /// How to connect to the database as one of the login roles; `None` for any other role.
    pub fn connect_options(&self, login: &str) -> Option<PgConnectOptions> {
        Some(self.server.endpoint.connect_options(self.login(login)?))
    }

    /// The same as a URL, which holds the password.
    pub fn url(&self, login: &str) -> Option<SecretString> {
        Some(self.server.endpoint.url(self.login(login)?))
    }

    /// How to connect to the database as the superuser.
    pub fn superuser_connect_options(&self) -> PgConnectOptions {
        self.server.endpoint.connect_options(self.superuser())
    }

    /// The same as a URL, which holds the password.
    pub fn superuser_url(&self) -> SecretString {
        self.server.endpoint.url(self.superuser())
    }

    /// Whether the server was already running, left over from a run of ours that was killed.
    pub fn adopted(&self) -> bool {
        self.server.child.is_none()
    }

    /// The version of the running server, such as `15.18`.
    pub fn server_version(&self) -> &str {
        &self.version
    }

    /// Where `pg_dump` and the other tools of the same major version may be found.
    pub fn bin_dir(&self) -> &Path {
        &self.plan.binaries.dir
    }

    /// What the server itself writes; it holds no contents of the database.
    pub fn log_file(&self) -> &Path {
        &self.plan.place.log_file
    }

    /// The process id of the server.
    pub fn pid(&self) -> u32 {
        self.server.raw_pid()
    }

    /// Waits until the server has ended without being told to. May be dropped and called again.
    pub async fn exited(&mut self) {
        self.server.exited(Duration::from_millis(250)).await;
    }

    /// Stops the server: open sessions are cut off, so close the pools first.
    pub async fn stop(self) -> Result<(), StopError> {
        self.server.stop(self.plan.settings.stop_timeout).await
    }

    fn login<'a>(&'a self, role: &'a str) -> Option<Login<'a>> {
        let password = self.plan.passwords.of(role)?;
        Some(Login {
            role,
            password,
            database: &self.plan.settings.database,
        })
    }

    fn superuser(&self) -> Login<'_> {
        Login {
            role: SUPERUSER,
            password: self.plan.passwords.superuser(),
            database: &self.plan.settings.database,
        }
    }
}
