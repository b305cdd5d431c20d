//! Real processes of one vault, each with a role, on a database and a folder they share.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;

use crate::support::http_client;

pub const SETUP_TOKEN: &str = "processes";
const START_DEADLINE: Duration = Duration::from_mins(1);

/// What the processes have in common.
pub struct Ground {
    pub database_url: SecretString,
    pub root: TempDir,
}

impl Ground {
    pub fn new(database_url: SecretString) -> Self {
        let root = tempfile::Builder::new()
            .prefix("docuvault-roles-")
            .tempdir_in("/var/tmp")
            .unwrap();
        // PostgreSQL runs as another user when we are root.
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o711)).unwrap();
        Self { database_url, root }
    }

    pub fn data_dir(&self) -> PathBuf {
        self.root.path().join("data")
    }

    /// Starts a process; `number` tells it from others of its role.
    pub fn start(&self, role: &str, number: usize, settings: &[(&str, &str)]) -> Process {
        let [addr, management] = [free_addr(), free_addr()];
        let settings = [
            ("DATABASE_URL", self.database_url.expose_secret()),
            ("DOCUVAULT_ADDR", &addr),
            ("DOCUVAULT_MANAGEMENT_ADDR", &management),
            ("DOCUVAULT_DATA_DIR", &self.data_dir().display().to_string()),
            ("DOCUVAULT_PASSWORD_MEMORY_KIB", "64"),
            ("DOCUVAULT_LOG", "info,sqlx=warn"),
        ]
        .into_iter()
        .chain(settings.iter().copied())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
        let mut process = Process {
            role: role.to_owned(),
            addr,
            management,
            log: self.root.path().join(format!("{role}-{number}.log")),
            settings,
            child: None,
        };
        process.spawn();
        process
    }
}

pub struct Process {
    pub role: String,
    /// Of the public listener; nobody listens there in a worker.
    pub addr: String,
    pub management: String,
    log: PathBuf,
    settings: Vec<(String, String)>,
    child: Option<Child>,
}

impl Process {
    /// Starts it, or starts it again.
    pub fn spawn(&mut self) {
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.log)
            .unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_docuvault"))
            .arg(&self.role)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .current_dir(self.log.parent().unwrap_or(Path::new("/")))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.child = Some(child);
    }

    /// Until it says that it is ready, on its management listener.
    pub async fn ready(&mut self) {
        let deadline = Instant::now() + START_DEADLINE;
        let (http, url) = (
            http_client().build().unwrap(),
            format!("http://{}/health/ready", self.management),
        );
        while !http
            .get(&url)
            .send()
            .await
            .is_ok_and(|answer| answer.status() == 200)
        {
            assert!(
                self.runs() && Instant::now() < deadline,
                "the {} does not get ready\n{}",
                self.role,
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub fn runs(&mut self) -> bool {
        self.child
            .as_mut()
            .is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// Whether it ended well, waiting for the end without blocking the test.
    pub async fn ended_well(&mut self) -> bool {
        while self.runs() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.child
            .take()
            .is_some_and(|mut child| child.wait().unwrap().success())
    }

    /// Tells it to stop.
    pub fn terminate(&self) {
        let pid = Pid::from_child(self.child.as_ref().expect("it does not run"));
        kill_process(pid, Signal::TERM).unwrap();
    }

    /// The rest of the line that begins to say `what`, once it is said.
    pub async fn says(&self, what: &str) -> String {
        let deadline = Instant::now() + START_DEADLINE;
        loop {
            let log = self.log();
            let said = log
                .split_once(what)
                .and_then(|(_, rest)| rest.split_once('\n'));
            if let Some((line, _)) = said {
                return line.to_owned();
            }
            assert!(Instant::now() < deadline, "{log}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub fn base_url(&self) -> String {
        format!("http://{}", self.addr)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

pub fn free_addr() -> String {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string()
}
