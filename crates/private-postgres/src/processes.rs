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
    /// Words that their command line has and no other's, for when nothing but that can be read.
    pub marks: Vec<String>,
}

/// What a search found.
#[derive(Debug)]
pub(crate) struct Found {
    pub pids: Vec<Pid>,
    /// False when the system shows no processes, so there may be some all the same.
    pub complete: bool,
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

    /// All processes of this workplace.
    pub fn working_in(&self, place: &Workplace) -> Found {
        let mut pids = Vec::new();
        for entry in fs::read_dir(&self.proc_dir).into_iter().flatten().flatten() {
            let pid = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok())
                .and_then(Pid::from_raw);
            pids.extend(pid.filter(|_| self.belongs(&entry.path(), place)));
        }
        Found {
            pids,
            complete: !self.hidden(),
        }
    }

    /// Ends the processes of a dead server: at once and without ceremony, for nothing they do can be committed any more.
    /// A backend busy with a long query would otherwise keep every new server from starting. True when none is left.
    pub async fn end_all(&self, place: &Workplace) -> bool {
        for (signal, patience) in [
            (Signal::QUIT, Duration::from_secs(5)),
            (Signal::KILL, Duration::from_secs(5)),
        ] {
            let left = self.working_in(place).pids;
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
            if wait_until(patience, || self.working_in(place).pids.is_empty()).await {
                return true;
            }
        }
        false
    }

    /// Linux shows all processes in `/proc`, unless it is not mounted; other systems have none.
    fn hidden(&self) -> bool {
        !self.proc_dir.join("self").exists()
    }

    fn belongs(&self, process: &Path, place: &Workplace) -> bool {
        let looked = self
            .runs_program(process, place)
            .and_then(|runs| Ok(runs && is_at_work(process, place)?));
        match looked {
            // Root without the capability to trace may not look at other users' processes, but for their command lines.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => is_marked(process, place),
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

fn is_marked(process: &Path, place: &Workplace) -> bool {
    let command_line = fs::read(process.join("cmdline")).unwrap_or_default();
    let command_line = String::from_utf8_lossy(&command_line);
    place
        .marks
        .iter()
        .any(|mark| command_line.contains(mark.as_str()))
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
