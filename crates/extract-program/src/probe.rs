//! Tries, from inside the sandbox, what a document that took over the parser might try.

use std::io::{Write, stdout};
use std::net::UdpSocket;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};

use docuvault_extract::SandboxReport;
use docuvault_extract::protocol::Job;
use rustix::process::{Pid, Resource, getpgid, getrlimit, getuid, setpgid, test_kill_process};

use crate::sandbox::Confinement;

/// Writes the report to standard output.
pub fn report(job: &Job, confinement: Confinement) -> std::io::Result<()> {
    let parent = Pid::from_raw(job.parent_pid.cast_signed());
    let report = SandboxReport {
        user_id: getuid().as_raw(),
        environment: std::env::vars_os()
            .map(|(name, _)| name.to_string_lossy().into_owned())
            .collect(),
        can_open_network_socket: UdpSocket::bind("127.0.0.1:0").is_ok(),
        can_open_local_socket: UnixStream::pair().is_ok(),
        can_signal_parent: parent.is_some_and(|pid| test_kill_process(pid).is_ok()),
        can_start_programs: can_start_programs(),
        can_write_outside_scratch: can_create(&outside_scratch()),
        can_write_scratch: can_create(Path::new("probe")),
        file_access_confined: confinement.files,
        memory_limit_bytes: getrlimit(Resource::As).current,
        can_gain_privileges: can_gain_privileges(),
        can_leave_process_group: getpgid(parent)
            .is_ok_and(|group| setpgid(None, Some(group)).is_ok()),
    };
    stdout().write_all(&serde_json::to_vec(&report)?)
}

fn can_start_programs() -> bool {
    let shell = Command::new("/bin/sh")
        .args(["-c", "exit 0"])
        .stdin(Stdio::null())
        .status();
    shell.is_ok_and(|status| status.success())
}

fn outside_scratch() -> std::path::PathBuf {
    std::env::temp_dir().join(format!("docuvault-probe-{}", std::process::id()))
}

fn can_create(path: &Path) -> bool {
    std::fs::write(path, b"probe").is_ok() && std::fs::remove_file(path).is_ok()
}

#[cfg(target_os = "linux")]
fn can_gain_privileges() -> bool {
    !rustix::thread::no_new_privs().unwrap_or(false)
}

#[cfg(not(target_os = "linux"))]
fn can_gain_privileges() -> bool {
    true
}
