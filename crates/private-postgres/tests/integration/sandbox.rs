//! A directory for one test, that the server's user can get at, and the end of everything that still runs in it.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use docuvault_private_postgres::{Cluster, Settings, StartError};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;
use tokio::sync::Mutex;

pub const DATABASE: &str = "vault";
pub const OWNER: &str = "vault_owner";
pub const APP: &str = "vault_app";

pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

pub struct Sandbox {
    root: TempDir,
    /// Lives for as long as any test that came from it, so that the next one finds it, and no longer.
    _template: Option<Arc<Sandbox>>,
}

impl Sandbox {
    /// An empty one.
    pub fn new() -> Self {
        Self::made_from(None)
    }

    fn made_from(template: Option<Arc<Self>>) -> Self {
        let open = Permissions::from_mode(0o755);
        let root = tempfile::Builder::new()
            .prefix("dv-pg-")
            .permissions(open)
            .tempdir_in("/var/tmp");
        Self {
            root: root.expect("a directory in /var/tmp"),
            _template: template,
        }
    }

    /// One with a cluster that was stopped in order. Making one takes seconds, so all tests share a template.
    pub async fn with_cluster() -> Self {
        static TEMPLATE: Mutex<Weak<Sandbox>> = Mutex::const_new(Weak::new());
        let mut shared = TEMPLATE.lock().await;
        let template = if let Some(template) = shared.upgrade() {
            template
        } else {
            let made = Arc::new(Self::new());
            made.start()
                .await
                .expect("the template starts")
                .stop()
                .await
                .expect("the template stops");
            *shared = Arc::downgrade(&made);
            made
        };
        drop(shared);
        let sandbox = Self::made_from(Some(Arc::clone(&template)));
        let copied = Command::new("cp")
            .arg("-a")
            .arg(template.data())
            .arg(sandbox.path())
            .status();
        assert!(copied.expect("cp runs").success());
        sandbox
    }

    pub fn path(&self) -> &Path {
        self.root.path()
    }

    pub fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    pub fn pg(&self) -> PathBuf {
        self.data().join("pg")
    }

    pub fn settings(&self) -> Settings {
        settings_in(&self.data())
    }

    pub async fn start(&self) -> Result<Cluster, StartError> {
        // As a task, which shows that callers may do so, too.
        tokio::spawn(Cluster::start(self.settings()))
            .await
            .expect("no panic")
    }

    /// The postmaster's process id as its file tells it.
    pub fn postmaster(&self) -> Option<Pid> {
        let text = fs::read_to_string(self.pg().join("postmaster.pid")).ok()?;
        Pid::from_raw(text.lines().next()?.parse().ok()?)
    }

    /// The processes at work somewhere in this sandbox, but for those that are about to vanish.
    pub fn processes(&self) -> Vec<Pid> {
        let pids = fs::read_dir("/proc")
            .unwrap()
            .flatten()
            .filter_map(|entry| {
                let pid = Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)?;
                let work_dir = fs::read_link(entry.path().join("cwd")).ok()?;
                work_dir.starts_with(self.path()).then_some(pid)
            });
        pids.collect()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline {
            let left = self.processes();
            if left.is_empty() {
                return;
            }
            for pid in left {
                let _ = kill_process(pid, Signal::KILL);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

pub fn settings_in(data: &Path) -> Settings {
    Settings {
        logins: vec![APP.to_owned()],
        bootstrap_sql: "CREATE TABLE IF NOT EXISTS kept (word text)".to_owned(),
        // To run all of this against another version than the one that is found.
        bin_dir: std::env::var_os("DOCUVAULT_POSTGRES_BIN_DIR").map(PathBuf::from),
        durable: false,
        // Without fsync a commit still has to outlive a kill -9.
        server_options: vec![("synchronous_commit".to_owned(), "on".to_owned())],
        ..Settings::new(data.join("pg"), data.join("secrets"), DATABASE, OWNER)
    }
}

/// A connection of the superuser.
pub async fn connect(cluster: &Cluster) -> PgConnection {
    PgConnection::connect_with(&cluster.superuser_connect_options())
        .await
        .expect("the superuser connects")
}

pub async fn ask(connection: &mut PgConnection, sql: &'static str) -> String {
    sqlx::query_scalar(sql)
        .fetch_one(connection)
        .await
        .expect("an answer")
}

pub async fn keep(cluster: &Cluster, word: &str) {
    sqlx::query("INSERT INTO kept VALUES ($1)")
        .bind(word)
        .execute(&mut connect(cluster).await)
        .await
        .unwrap();
}

pub async fn kept(cluster: &Cluster) -> String {
    ask(
        &mut connect(cluster).await,
        "SELECT coalesce(string_agg(word, ' ' ORDER BY word), '') FROM kept",
    )
    .await
}

/// Looks until `done`, and fails the test when that takes too long.
pub async fn until(what: &str, patience: Duration, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + patience;
    while !done() {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Whose process it is.
pub fn uid_of(pid: Pid) -> u32 {
    fs::metadata(format!("/proc/{}", pid.as_raw_nonzero()))
        .expect("the process lives")
        .uid()
}

/// False for a zombie, too.
pub fn lives(pid: Pid) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero()));
    status.is_ok_and(|status| !status.contains("State:\tZ"))
}

/// That a process has ended, or is about to: its memory goes before its entry in the process table does.
pub async fn ended(pid: Pid) {
    until("the end of a process", Duration::from_secs(2), || {
        !lives(pid)
    })
    .await;
}
