//! The real program on a database of its own and an S3 store, watched from outside.

use std::{
    net::TcpListener,
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};

use secrecy::ExposeSecret;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::support::{TestDatabase, http_client};

const DEADLINE: Duration = Duration::from_mins(1);
const TRY_EVERY: Duration = Duration::from_millis(50);

pub struct Vault {
    base_url: String,
    root: TempDir,
    child: Child,
    _database: TestDatabase,
}

pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl Vault {
    /// Started, no more: it may end at once.
    pub async fn start(endpoint: &str, settings: &[(&str, &str)]) -> Self {
        let database = TestDatabase::create().await;
        let root = tempfile::tempdir().unwrap();
        let addr = format!("127.0.0.1:{}", free_port());
        let log = std::fs::File::create(root.path().join("log")).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_docuvault"))
            .arg("serve")
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("DOCUVAULT_ADDR", &addr)
            .env("DOCUVAULT_DATA_DIR", root.path().join("data"))
            .env("DOCUVAULT_DRAIN_SECONDS", "0")
            .env("DATABASE_URL", database.app_url().expose_secret())
            .env("DOCUVAULT_S3_ENDPOINT", endpoint)
            .env("DOCUVAULT_S3_BUCKET", docuvault_test_stores::BUCKET)
            .env("DOCUVAULT_S3_ACCESS_KEY", docuvault_test_stores::ACCESS_KEY)
            .env("DOCUVAULT_S3_SECRET_KEY", docuvault_test_stores::SECRET_KEY)
            .envs(settings.iter().copied())
            .current_dir(root.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self {
            base_url: format!("http://{addr}"),
            root,
            child,
            _database: database,
        }
    }

    /// All it has said, on either of its outputs.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.root.path().join("log")).unwrap_or_default()
    }

    pub async fn ended(&mut self) -> ExitStatus {
        let ended = tokio::time::timeout(DEADLINE, self.child.wait()).await;
        ended
            .unwrap_or_else(|_| panic!("it goes on\n{}", self.log()))
            .unwrap()
    }

    pub async fn stop(&mut self) -> ExitStatus {
        let pid = i32::try_from(self.child.id().unwrap()).unwrap();
        let pid = rustix::process::Pid::from_raw(pid).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.ended().await
    }

    /// `None` while nothing answers.
    pub async fn status_of(&self, path: &str) -> Option<u16> {
        let http = http_client().build().unwrap();
        let answer = http.get(format!("{}{path}", self.base_url)).send().await;
        Some(answer.ok()?.status().as_u16())
    }

    pub async fn wait_for_health(&mut self, status: u16) {
        let deadline = Instant::now() + DEADLINE;
        while self.status_of("/health").await != Some(status) {
            self.must_go_on(deadline);
            tokio::time::sleep(TRY_EVERY).await;
        }
    }

    pub async fn wait_for_log(&mut self, words: &str) {
        let deadline = Instant::now() + DEADLINE;
        while !self.log().contains(words) {
            self.must_go_on(deadline);
            tokio::time::sleep(TRY_EVERY).await;
        }
    }

    fn must_go_on(&mut self, deadline: Instant) {
        if let Some(status) = self.child.try_wait().unwrap() {
            panic!("it ended: {status}\n{}", self.log());
        }
        assert!(
            Instant::now() < deadline,
            "it took too long\n{}",
            self.log()
        );
    }
}
