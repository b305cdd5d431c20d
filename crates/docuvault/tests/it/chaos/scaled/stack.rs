//! A vault as it runs at scale: PostgreSQL, an S3 store, two processes for the API and two workers, each to be killed and started again.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use docuvault::db::{APP_ROLE, MIGRATE_ROLE, ROLES_SQL, migrate};
use docuvault_private_postgres::{Cluster, Settings};
use docuvault_storage::S3Config;
use docuvault_test_stores::{ACCESS_KEY, Kind, SECRET_KEY, TestStore};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

use super::fault_proxy::FaultProxy;
use crate::{
    chaos::program::SETUP_TOKEN,
    support::{PART_BYTES, http_client, s3_config},
};

const APIS: usize = 2;
const WORKERS: usize = 2;
const START_DEADLINE: Duration = Duration::from_mins(1);
pub struct Stack {
    pub proxy: FaultProxy,
    pub store: TestStore,
    root: TempDir,
    postgres: Option<Cluster>,
    app_url: SecretString,
    processes: Vec<Process>,
}

struct Process {
    role: &'static str,
    addr: SocketAddr,
    child: Child,
}

impl Stack {
    pub async fn start(kind: Kind, seed: u64) -> Self {
        let root = tempfile::Builder::new()
            .prefix("docuvault-scaled-")
            .tempdir_in("/var/tmp")
            .unwrap();
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o711)).unwrap();
        fs::create_dir(root.path().join("data")).unwrap();
        let store = TestStore::start(kind)
            .unwrap()
            .expect("the store is not on this machine: scripts/setup test");
        let store_addr = store
            .endpoint()
            .strip_prefix("http://")
            .unwrap()
            .parse()
            .unwrap();
        let proxy = FaultProxy::start(store_addr, seed).await;
        let postgres = Cluster::start(postgres_settings(root.path()))
            .await
            .unwrap();
        migrate::migrate(&postgres.url(MIGRATE_ROLE).unwrap())
            .await
            .unwrap();
        let mut stack = Self {
            proxy,
            store,
            app_url: postgres.url(APP_ROLE).unwrap(),
            root,
            postgres: Some(postgres),
            processes: Vec::new(),
        };
        let roles = [["api"; APIS].as_slice(), &["worker"; WORKERS]].concat();
        for role in roles {
            let addr = free_addr();
            let child = stack.spawn(role, addr);
            stack.processes.push(Process { role, addr, child });
        }
        for base in stack.bases() {
            stack.wait_until_healthy(&base).await;
        }
        stack
    }

    /// Where the API is, in each of its processes.
    pub fn bases(&self) -> Vec<String> {
        self.processes
            .iter()
            .filter(|process| process.role == "api")
            .map(|process| format!("http://{}", process.addr))
            .collect()
    }

    pub fn processes(&self) -> usize {
        self.processes.len()
    }

    /// kill -9 of one process, and another in its place.
    pub fn replace_process(&mut self, number: usize) {
        let (role, addr) = (self.processes[number].role, self.processes[number].addr);
        self.processes[number].child.kill().unwrap();
        self.processes[number].child.wait().unwrap();
        self.processes[number].child = self.spawn(role, addr);
    }

    /// kill -9 of PostgreSQL, which then recovers.
    pub async fn crash_postgres(&mut self) {
        if let Some(cluster) = self.postgres.take() {
            let pid = rustix::process::Pid::from_raw(cluster.pid().cast_signed()).unwrap();
            rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
        }
        self.postgres = Some(
            Cluster::start(postgres_settings(self.root.path()))
                .await
                .unwrap(),
        );
    }

    /// kill -9 of the store.
    pub fn crash_store(&mut self) {
        self.store.kill();
        self.store.run().unwrap();
    }

    /// Tells every process to stop; answers those that did not end well.
    pub fn stop(&mut self) -> Vec<&'static str> {
        for process in &self.processes {
            let pid = rustix::process::Pid::from_child(&process.child);
            rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        }
        let mut processes = std::mem::take(&mut self.processes);
        processes.retain_mut(|process| !process.child.wait().unwrap().success());
        processes.iter().map(|process| process.role).collect()
    }

    pub fn app_url(&self) -> SecretString {
        self.app_url.clone()
    }

    /// A connection that sees everything.
    pub async fn superuser(&self) -> PgConnection {
        PgConnection::connect_with(&self.postgres.as_ref().unwrap().superuser_connect_options())
            .await
            .unwrap()
    }

    /// The store as the processes know it, or, `behind` the proxy, as it is.
    pub fn s3(&self, behind: bool) -> S3Config {
        let by_proxy = format!("http://{}", self.proxy.addr);
        s3_config(
            &self.store,
            &if behind {
                self.store.endpoint()
            } else {
                by_proxy
            },
        )
    }

    /// All that the processes have said.
    pub fn log(&self) -> String {
        fs::read_to_string(self.root.path().join("log")).unwrap_or_default()
    }

    fn spawn(&self, role: &str, addr: SocketAddr) -> Child {
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.root.path().join("log"))
            .unwrap();
        let s3 = self.s3(false);
        Command::new(env!("CARGO_BIN_EXE_docuvault"))
            .arg(role)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("DATABASE_URL", self.app_url.expose_secret())
            .env("DOCUVAULT_ADDR", addr.to_string())
            .env("DOCUVAULT_DATA_DIR", self.root.path().join("data"))
            .env("DOCUVAULT_SETUP_TOKEN", SETUP_TOKEN)
            .env("DOCUVAULT_PASSWORD_MEMORY_KIB", "64")
            .env("DOCUVAULT_ACCESS_TOKEN_SECONDS", "86400")
            .env("DOCUVAULT_LOG", "warn")
            .env("DOCUVAULT_S3_ENDPOINT", s3.endpoint.as_str())
            .env("DOCUVAULT_S3_REGION", s3.region)
            .env("DOCUVAULT_S3_BUCKET", s3.bucket)
            .env("DOCUVAULT_S3_ACCESS_KEY", ACCESS_KEY)
            .env("DOCUVAULT_S3_SECRET_KEY", SECRET_KEY)
            .env("DOCUVAULT_PART_BYTES", PART_BYTES.to_string())
            .current_dir(self.root.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap()
    }

    async fn wait_until_healthy(&self, base: &str) {
        let http = http_client().build().unwrap();
        let deadline = Instant::now() + START_DEADLINE;
        while !http
            .get(format!("{base}/health"))
            .send()
            .await
            .is_ok_and(|answer| answer.status() == 200)
        {
            assert!(
                Instant::now() < deadline,
                "{base} does not get ready\n{}",
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        for process in &mut self.processes {
            let _ = process.child.kill();
            let _ = process.child.wait();
        }
        if let Some(cluster) = &self.postgres
            && let Some(pid) = rustix::process::Pid::from_raw(cluster.pid().cast_signed())
        {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::QUIT);
        }
    }
}

/// A cluster of one's own below `root`, to be killed.
pub fn postgres_settings(root: &Path) -> Settings {
    Settings {
        bootstrap_sql: ROLES_SQL.to_owned(),
        logins: vec![MIGRATE_ROLE.to_owned(), APP_ROLE.to_owned()],
        ..Settings::new(
            root.join("postgres/pg"),
            root.join("postgres/secrets"),
            "docuvault",
            MIGRATE_ROLE,
        )
    }
}

fn free_addr() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
}
