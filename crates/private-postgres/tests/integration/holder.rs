//! "Our binary", to be killed: this test program run once more, which starts a cluster and holds it.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use docuvault_private_postgres::Cluster;
use rustix::process::Pid;

use crate::sandbox::{Sandbox, settings_in};

const DATA: &str = "DOCUVAULT_TEST_HOLDER_DATA";

/// Not a test of its own: what the other process runs. Without its variable it has nothing to do.
#[tokio::test]
async fn hold_a_cluster() {
    let Some(data) = std::env::var_os(DATA) else {
        return;
    };
    let settings = settings_in(Path::new(&data));
    println!("\nholder: starting");
    let cluster = match Cluster::start(settings).await {
        Ok(cluster) => cluster,
        Err(error) => {
            println!("\nholder: failed {error}");
            return;
        }
    };
    println!("\nholder: ready {} {}", cluster.pid(), cluster.adopted());
    let mut line = String::new();
    std::io::stdin()
        .read_line(&mut line)
        .expect("a line or the end");
    cluster.stop().await.expect("the cluster stops");
    println!("\nholder: stopped");
}

pub struct Holder {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Holder {
    /// Runs `program` (and what comes before it, such as `setpriv`) up to the point where it starts the cluster.
    pub fn spawn(sandbox: &Sandbox, program: &[&Path]) -> Self {
        let mut command = Command::new(program[0]);
        command.args(&program[1..]).args([
            "--exact",
            "holder::hold_a_cluster",
            "--nocapture",
            "--test-threads=1",
        ]);
        command
            .env(DATA, sandbox.data())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().expect("the holder runs");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut holder = Self { child, lines };
        assert_eq!(holder.told(), "starting");
        holder
    }

    /// A holder of a running cluster, and the postmaster's process id.
    pub fn start(sandbox: &Sandbox) -> (Self, Pid) {
        let mut holder = Self::spawn(sandbox, &[&std::env::current_exe().expect("our own path")]);
        let pid = holder.ready();
        (holder, pid)
    }

    /// The next thing the holder has to say.
    pub fn told(&mut self) -> String {
        let mut lines = self.lines.by_ref().map(|line| line.expect("text"));
        lines
            .find_map(|line| line.strip_prefix("holder: ").map(str::to_owned))
            .expect("the holder says something")
    }

    /// Waits until the cluster runs.
    pub fn ready(&mut self) -> Pid {
        let told = self.told();
        let pid = told
            .strip_prefix("ready ")
            .and_then(|rest| rest.split(' ').next()?.parse().ok());
        pid.and_then(Pid::from_raw)
            .unwrap_or_else(|| panic!("not ready but {told}"))
    }

    /// Has the cluster stopped in order.
    pub fn stop(mut self) {
        self.child
            .stdin
            .as_mut()
            .expect("piped")
            .write_all(b"stop\n")
            .expect("the holder listens");
        assert_eq!(self.told(), "stopped");
        self.end();
    }

    /// Waits for the end of a holder that could not start its cluster.
    pub fn end(mut self) {
        assert!(self.lines.by_ref().all(|line| line.is_ok()));
        assert!(self.child.wait().expect("an end").success());
    }

    /// Kill -9.
    pub fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("an end");
    }
}

impl Drop for Holder {
    /// After a failed test.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
