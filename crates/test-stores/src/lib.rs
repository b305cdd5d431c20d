//! Real S3 servers for the tests, each on a port and a folder of its own, gone when dropped.
//!
//! ```ignore
//! let store = TestStore::start(Kind::Rclone)?.expect("scripts/setup test installs it");
//! connect(store.endpoint(), BUCKET, ACCESS_KEY, SECRET_KEY, store.region());
//! ```
//! The programs are looked for on PATH, in the folder `DOCUVAULT_TEST_TOOLS` names, and in `target/tools`.

mod garage;
mod guard;
mod lax;
mod locate;
mod server;

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::Context;

pub use guard::Guard;
pub use lax::{LaxStore, Manners};
pub use locate::locate;

/// The bucket every test store has.
pub const BUCKET: &str = "vault";
/// The one key to it.
pub const ACCESS_KEY: &str = "GK31c2f218a2e44f485b94239e";
/// Its secret; in the form Garage insists on.
pub const SECRET_KEY: &str = "b892c0665f0ada8a4755dae98baa3b133590e11dae3bcc1f9d769d67f16c3835";
/// A key that may only write, and its secret: Garage has it. Other stores would have to be told.
pub const UPLOAD_KEY: [&str; 2] = [
    "GK5d7f4d0a7c1b4f0f9a3e2b11",
    "4c0665f0ada8a4755dae98baa3b133590e11dae3bcc1f9d769d67f16c3835b89",
];
/// The same for reading.
pub const DOWNLOAD_KEY: [&str; 2] = [
    "GK9c7f4d0a7c1b4f0f9a3e2b22",
    "a8a4755dae98baa3b133590e11dae3bcc1f9d769d67f16c3835b894c0665f0ad",
];

/// The servers that can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// `rclone serve s3`: strict about signatures, no conditional writes.
    Rclone,
    /// `s3s-fs`: conditional writes and checksums, no CORS.
    S3sFs,
    /// Garage, a distributed store.
    Garage,
    /// MinIO, where a server is on PATH.
    Minio,
}

impl Kind {
    /// The program's name.
    pub fn program(self) -> &'static str {
        match self {
            Self::Rclone => "rclone",
            Self::S3sFs => "s3s-fs",
            Self::Garage => "garage",
            Self::Minio => "minio",
        }
    }
}

/// A running server.
pub struct TestStore {
    kind: Kind,
    program: PathBuf,
    port: u16,
    /// Where browsers may come from.
    origin: String,
    folder: tempfile::TempDir,
    child: Option<Child>,
}

impl TestStore {
    /// Starts a server with an empty bucket, for pages of any origin; `None` when its program is not on this machine.
    pub fn start(kind: Kind) -> anyhow::Result<Option<Self>> {
        Self::start_for(kind, "*")
    }

    /// The same, for pages of `origin` only where the server can be told.
    pub fn start_for(kind: Kind, origin: &str) -> anyhow::Result<Option<Self>> {
        let Some(program) = locate(kind.program()) else {
            return Ok(None);
        };
        let mut store = Self {
            kind,
            program,
            port: free_port()?,
            origin: origin.to_owned(),
            folder: tempfile::Builder::new()
                .prefix("docuvault-store-")
                .tempdir()?,
            child: None,
        };
        store.run()?;
        store.prepare()?;
        Ok(Some(store))
    }

    /// `http://127.0.0.1:port`
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The region that signatures must name.
    pub fn region(&self) -> &'static str {
        match self.kind {
            Kind::Garage => "garage",
            _ => "us-east-1",
        }
    }

    /// Which server it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Where its files lie.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The server's process, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Kills it, as a power cut would; its files stay.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Starts it again on the same port and files.
    pub fn run(&mut self) -> anyhow::Result<()> {
        self.kill();
        let mut command = self.command()?;
        let log = std::fs::File::create(self.folder().join("server.log"))?;
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        let child = command
            .spawn()
            .with_context(|| format!("{} could not be started", self.program.display()))?;
        self.child = Some(child);
        server::wait_until_listening(self.port, || self.ended()).with_context(|| self.last_words())
    }

    fn ended(&mut self) -> bool {
        self.child
            .as_mut()
            .is_none_or(|child| !matches!(child.try_wait(), Ok(None)))
    }

    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.folder().join("server.log")).unwrap_or_default();
        let from = log.len().saturating_sub(2000);
        format!(
            "{}: {}",
            self.kind.program(),
            log.get(from..).unwrap_or_default()
        )
    }

    fn command(&self) -> anyhow::Result<Command> {
        let (folder, address) = (self.folder(), format!("127.0.0.1:{}", self.port));
        let mut command = Command::new(&self.program);
        match self.kind {
            Kind::Rclone => {
                std::fs::create_dir_all(folder.join("data").join(BUCKET))?;
                command
                    .args(["serve", "s3", "--config", "/dev/null", "--addr", &address])
                    .args(["--auth-key", &format!("{ACCESS_KEY},{SECRET_KEY}")])
                    .args(["--allow-origin", &self.origin])
                    .arg(folder.join("data"));
            }
            Kind::S3sFs => {
                std::fs::create_dir_all(folder.join("data").join(BUCKET))?;
                command
                    .args(["--host", "127.0.0.1", "--port", &self.port.to_string()])
                    .args(["--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY])
                    .arg(folder.join("data"));
            }
            Kind::Garage => {
                let config = garage::write_config(folder, self.port)?;
                command.arg("-c").arg(config).arg("server");
            }
            Kind::Minio => {
                command
                    .args(["server", "--quiet", "--address", &address])
                    .arg(folder.join("data"))
                    .env("MINIO_ROOT_USER", ACCESS_KEY)
                    .env("MINIO_ROOT_PASSWORD", SECRET_KEY)
                    .env("MINIO_API_CORS_ALLOW_ORIGIN", &self.origin)
                    .env("MINIO_BROWSER", "off");
            }
        }
        Ok(command)
    }

    /// Makes the bucket, and what else a fresh server lacks.
    fn prepare(&self) -> anyhow::Result<()> {
        match self.kind {
            Kind::Rclone | Kind::S3sFs => Ok(()),
            Kind::Garage => garage::prepare(&self.program, self.folder(), self.port, &self.origin),
            Kind::Minio => server::create_bucket(&self.endpoint(), self.region()),
        }
        .with_context(|| self.last_words())
    }
}

impl Drop for TestStore {
    fn drop(&mut self) {
        self.kill();
    }
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
