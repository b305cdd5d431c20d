//! The real `docuvault serve` with its own PostgreSQL, to be killed and started again.

use std::{
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use docuvault::db::APP_ROLE;
use secrecy::SecretString;
use sqlx::{ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
use tempfile::TempDir;

use crate::support::http_client;

pub const SETUP_TOKEN: &str = "chaos";
const START_DEADLINE: Duration = Duration::from_mins(1);

pub struct Program {
    pub base_url: String,
    root: TempDir,
    child: Child,
    settings: Vec<(String, String)>,
}

impl Program {
    /// Makes the vault, its PostgreSQL included.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same with other settings than usual here.
    pub async fn start_with(settings: &[(&str, &str)]) -> Self {
        let settings: Vec<_> = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        // Not the folder for temporary files: some systems keep that in memory, where fsync means nothing.
        let root = tempfile::Builder::new()
            .prefix("docuvault-chaos-")
            .tempdir_in("/var/tmp")
            .unwrap();
        // PostgreSQL runs as another user when we are root.
        std::fs::set_permissions(root.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
        let addr = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let child = spawn(&root, &addr.to_string(), &settings);
        let mut program = Self {
            base_url: format!("http://{addr}"),
            root,
            child,
            settings,
        };
        program.wait_until_ready().await;
        program
    }

    /// kill -9: no farewell, PostgreSQL lives on.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub async fn start_again(&mut self) {
        let addr = self.base_url.strip_prefix("http://").unwrap();
        self.child = spawn(&self.root, addr, &self.settings);
        self.wait_until_ready().await;
    }

    /// Told to stop; answers whether it ended well.
    pub fn stop(&mut self) -> bool {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap().success()
    }

    async fn wait_until_ready(&mut self) {
        let (http, deadline) = (
            http_client().build().unwrap(),
            Instant::now() + START_DEADLINE,
        );
        loop {
            if http
                .get(format!("{}/health", self.base_url))
                .send()
                .await
                .is_ok_and(|answer| answer.status() == 200)
            {
                return;
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("the server ended: {status}\n{}", self.log());
            }
            assert!(
                Instant::now() < deadline,
                "the server does not get ready\n{}",
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// All it has said, on either of its outputs.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.root.path().join("log")).unwrap_or_default()
    }

    pub fn data_dir(&self) -> PathBuf {
        self.root.path().join("data")
    }

    /// `DATABASE_URL` of the private PostgreSQL.
    pub fn app_url(&self) -> SecretString {
        self.login(APP_ROLE).to_url_lossy().to_string().into()
    }

    /// A connection that sees everything.
    pub async fn superuser(&self) -> PgConnection {
        PgConnection::connect_with(&self.login("postgres"))
            .await
            .unwrap()
    }

    fn login(&self, role: &str) -> PgConnectOptions {
        let password =
            std::fs::read_to_string(self.data_dir().join(format!("secrets/{role}.password")))
                .unwrap();
        let pid_file = std::fs::read_to_string(self.data_dir().join("pg/postmaster.pid")).unwrap();
        let port = pid_file.lines().nth(3).unwrap().parse().unwrap();
        let options = PgConnectOptions::new_without_pgpass()
            .username(role)
            .password(password.trim())
            .database("docuvault")
            .port(port);
        options
            .host("localhost")
            .socket(self.data_dir().join("pg.run"))
    }
}

impl Drop for Program {
    /// PostgreSQL must not outlive a test that failed; started once more, the server would stop it, but `pg_ctl` is quicker.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let pid = std::fs::read_to_string(self.data_dir().join("pg/postmaster.pid")).ok();
        let pid = pid
            .and_then(|file| file.lines().next()?.parse().ok())
            .and_then(rustix::process::Pid::from_raw);
        if let Some(pid) = pid {
            // The immediate shutdown.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::QUIT);
            std::thread::sleep(Duration::from_millis(300));
        }
    }
}

fn spawn(root: &TempDir, addr: &str, settings: &[(String, String)]) -> Child {
    let log = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(root.path().join("log"))
        .unwrap();
    Command::new(env!("CARGO_BIN_EXE_docuvault"))
        .arg("serve")
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("DOCUVAULT_ADDR", addr)
        .env("DOCUVAULT_DATA_DIR", root.path().join("data"))
        .env("DOCUVAULT_SETUP_TOKEN", SETUP_TOKEN)
        .env("DOCUVAULT_PASSWORD_MEMORY_KIB", "64")
        .env("DOCUVAULT_ACCESS_TOKEN_SECONDS", "86400")
        .env("DOCUVAULT_LOG", "warn")
        .envs(settings.iter().map(|(name, value)| (name, value)))
        .current_dir(root.path())
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap()
}
