//! Which processes are ours, and telling them to end. A process id alone proves nothing: ids are used again.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

/// How often a wait looks again.
pub(crate) const LOOK_AGAIN: Duration = Duration::from_millis(15);

/// Whether a process belongs to a workplace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Identity {
    Ours,
    /// Some other process, or none.
    NotOurs,
    /// It lives, but the system shows no processes.
    Unknown,
}

/// Where to look for whose processes.
#[derive(Debug, Clone)]
pub(crate) struct Workplace {
    /// Their working directory.
    pub dir: PathBuf,
    pub programs: &'static [&'static str],
    /// What all of them, and no others, have in their titles.
    pub title: Option<String>,
}

/// The process table, as far as the server's user is concerned.
#[derive(Debug, Clone)]
pub(crate) struct Processes {
    pub proc_dir: PathBuf,
    /// Whom the server runs as.
    pub uid: u32,
}

impl Processes {
    /// Whether `pid` is a process of this workplace.
    pub fn identify(&self, pid: Pid, place: &Workplace) -> Identity {
        if self.hidden() {
            return if exists(pid) {
                Identity::Unknown
            } else {
                Identity::NotOurs
            };
        }
        let process = self.proc_dir.join(pid.as_raw_nonzero().to_string());
        if self.belongs(&process, place) {
            Identity::Ours
        } else {
            Identity::NotOurs
        }
    }

    /// All processes of this workplace; none where the system shows none.
    fn working_in(&self, place: &Workplace) -> Vec<Pid> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.proc_dir).into_iter().flatten().flatten() {
            let pid = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok())
                .and_then(Pid::from_raw);
            found.extend(pid.filter(|_| self.belongs(&entry.path(), place)));
        }
        found
    }

    /// Ends the processes of a dead server: at once and without ceremony, for nothing they do can be committed any more.
    /// A backend busy with a long query would otherwise keep every new server from starting. True when none is left.
    pub async fn end_all(&self, place: &Workplace) -> bool {
        for (signal, patience) in [
            (Signal::QUIT, Duration::from_secs(5)),
            (Signal::KILL, Duration::from_secs(5)),
        ] {
            let left = self.working_in(place);
            if !left.is_empty() {
                tracing::warn!(
                    processes = left.len(),
                    ?signal,
                    "ending what is left of an earlier database server"
                );
            }
            for pid in left {
                // It may have gone by itself in the meantime.
                let _ = kill_process(pid, signal);
            }
            if wait_until(patience, || self.working_in(place).is_empty()).await {
                return true;
            }
        }
        false
    }

    /// Linux shows all processes in `/proc`, unless it is not mounted; other systems have none.
    pub fn hidden(&self) -> bool {
        !self.proc_dir.join("self").exists()
    }

    fn belongs(&self, process: &Path, place: &Workplace) -> bool {
        let looked = self
            .runs_program(process, place)
            .and_then(|runs| Ok(runs && is_at_work(process, place)?));
        match looked {
            // Root without the capability to trace may not look at other users' processes, but for their command lines.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => is_titled(process, place),
            // A zombie's program cannot be read either: it has ended.
            looked => looked.unwrap_or(false),
        }
    }

    /// By what all may see.
    fn runs_program(&self, process: &Path, place: &Workplace) -> io::Result<bool> {
        let name = fs::read_to_string(process.join("comm"))?;
        Ok(place.programs.contains(&name.trim_end()) && fs::metadata(process)?.uid() == self.uid)
    }
}

fn is_at_work(process: &Path, place: &Workplace) -> io::Result<bool> {
    let program = fs::read_link(process.join("exe"))?;
    let program = program.file_name().unwrap_or_default().to_string_lossy();
    // An upgrade of the package replaces the file under a running server.
    let program = program.strip_suffix(" (deleted)").unwrap_or(&program);
    let (work_dir, dir) = (
        fs::metadata(process.join("cwd"))?,
        fs::metadata(&place.dir)?,
    );
    Ok(place.programs.contains(&program)
        && (work_dir.dev(), work_dir.ino()) == (dir.dev(), dir.ino()))
}

/// By the command line, which PostgreSQL makes a title of: the first process keeps its arguments, with the directory among them.
fn is_titled(process: &Path, place: &Workplace) -> bool {
    let command_line = fs::read(process.join("cmdline")).unwrap_or_default();
    let dir = place.dir.as_os_str().as_encoded_bytes();
    let command_line_has =
        |title: &String| String::from_utf8_lossy(&command_line).contains(title.as_str());
    command_line
        .split(|byte| *byte == 0)
        .any(|argument| argument == dir)
        || place.title.as_ref().is_some_and(command_line_has)
}

/// Whether there is a process `pid`, whosever it is.
pub(crate) fn exists(pid: Pid) -> bool {
    !matches!(test_kill_process(pid), Err(rustix::io::Errno::SRCH))
}

/// Looks again and again until `done`; false when it is not within `patience`.
pub(crate) async fn wait_until(patience: Duration, mut done: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + patience;
    loop {
        if done() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}
