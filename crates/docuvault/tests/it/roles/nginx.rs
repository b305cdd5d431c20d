//! nginx with the configuration of deploy/nginx, before processes of a test.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

use super::processes::free_addr;

pub struct Nginx {
    child: Child,
    address: String,
    folder: tempfile::TempDir,
}

impl Nginx {
    pub fn before(apis: [&str; 2]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let given = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/nginx");
        let [address, store] = [free_addr(), free_addr()];
        for name in ["nginx.conf", "vault.conf", "store.conf"] {
            let config = fs::read_to_string(given.join(name))
                .unwrap()
                .replace("listen 8080", &format!("listen {address}"))
                .replace("listen 9000", &format!("listen {store}"))
                .replace("api-1:8080", apis[0])
                .replace("api-2:8080", apis[1])
                .replace("gateway:8080", "127.0.0.1:1")
                .replace("s3:9000", "127.0.0.1:1")
                .replace("error_log /dev/stderr", "error_log stderr")
                .replace("/tmp/", &format!("{}/", folder.path().display()));
            fs::write(folder.path().join(name), config).unwrap();
        }
        let path = std::env::var("PATH").unwrap_or_default();
        let child = Command::new("nginx")
            .env("PATH", format!("{path}:/usr/sbin"))
            .arg("-c")
            .arg(folder.path().join("nginx.conf"))
            .args(["-g", "daemon off;"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.path().join("log")).unwrap())
            .spawn()
            .expect("nginx is not on this machine: scripts/setup test");
        Self {
            child,
            address,
            folder,
        }
    }

    /// What it says of its upstreams.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Nginx {
    /// Its workers end with it only when it is told to.
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let _ = self.child.wait();
    }
}
