//! The proxy of deploy/nginx, on a port of its own before a store, gone when dropped.

use std::{
    fs,
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::ensure;

use crate::{free_port, locate};

const START_LIMIT: Duration = Duration::from_secs(10);
const TRY_EVERY: Duration = Duration::from_millis(20);

/// nginx with the configuration of deploy/.
pub struct Guard {
    nginx: Child,
    address: String,
    _folder: tempfile::TempDir,
}

impl Guard {
    /// Before the store at that address; `None` when nginx is not on this machine.
    pub fn before(endpoint: &str) -> anyhow::Result<Option<Self>> {
        let usual = Path::new("/usr/sbin/nginx");
        let Some(program) = locate("nginx").or_else(|| usual.is_file().then(|| usual.to_owned()))
        else {
            return Ok(None);
        };
        let folder = tempfile::tempdir()?;
        let [store_port, vault_port] = [free_port()?, free_port()?];
        let given = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/nginx");
        for name in ["nginx.conf", "vault.conf", "store.conf"] {
            let mut config = fs::read_to_string(given.join(name))?;
            for (placeholder, value) in [
                ("listen 9000", format!("listen 127.0.0.1:{store_port}")),
                ("listen 8080", format!("listen 127.0.0.1:{vault_port}")),
                ("s3:9000", endpoint.replace("http://", "")),
                ("api-1:8080", "127.0.0.1:1".to_owned()),
                ("api-2:8080", "127.0.0.1:1".to_owned()),
                ("gateway:8080", "127.0.0.1:1".to_owned()),
                ("/tmp/", format!("{}/", folder.path().display())),
            ] {
                config = config.replace(placeholder, &value);
            }
            fs::write(folder.path().join(name), config)?;
        }
        let nginx = Command::new(program)
            .arg("-c")
            .arg(folder.path().join("nginx.conf"))
            .args(["-g", "daemon off;"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let guard = Self {
            nginx,
            address: format!("127.0.0.1:{store_port}"),
            _folder: folder,
        };
        let deadline = Instant::now() + START_LIMIT;
        while TcpStream::connect(&guard.address).is_err() {
            ensure!(Instant::now() < deadline, "nginx does not listen");
            std::thread::sleep(TRY_EVERY);
        }
        Ok(Some(guard))
    }

    /// `http://127.0.0.1:port`
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // The master's workers end with it when it is told to.
        let _ = Command::new("kill")
            .args(["-TERM", &self.nginx.id().to_string()])
            .status();
        let _ = self.nginx.wait();
    }
}
