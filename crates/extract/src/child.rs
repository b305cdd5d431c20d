//! One child process: started with nothing but its input, and ended together with everything it started.

use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, geteuid, kill_process_group, waitid};
use secrecy::ExposeSecret;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

use crate::protocol::{Job, PASSWORD_VARIABLE};
use crate::read_error::ReadError;

/// Only looked at to tell one kind of abort from another, never logged: it may quote the document.
const STDERR_BYTES: u64 = 4 * 1024;

/// Prefix of scratch folders in the folder for temporary files.
const SCRATCH_PREFIX: &str = "docuvault-read-";

/// Older than any reading may get.
const ABANDONED_AFTER: Duration = Duration::from_hours(2);

/// Removes scratch folders whose readings ended together with a server that was killed.
pub(crate) fn remove_abandoned_scratch() {
    let folders = std::fs::read_dir(std::env::temp_dir())
        .into_iter()
        .flatten()
        .flatten();
    for folder in folders.filter(|entry| {
        entry
            .file_name()
            .to_string_lossy()
            .starts_with(SCRATCH_PREFIX)
    }) {
        let age = folder
            .metadata()
            .and_then(|metadata| metadata.modified())
            .ok()
            .and_then(|time| time.elapsed().ok());
        if age.is_some_and(|age| age > ABANDONED_AFTER) {
            let _ = std::fs::remove_dir_all(folder.path());
        }
    }
}

/// Runs the program on one job until it ends, runs out of time or says too much, and returns its standard output.
pub(crate) async fn run(
    program: &Path,
    command: &str,
    mut job: Job,
    input: Stdio,
    watch: &mut (dyn FnMut(&[u8]) + Send),
) -> Result<Answer, ReadError> {
    let scratch = tempfile::Builder::new().prefix(SCRATCH_PREFIX).tempdir()?;
    job.run_as = give_to_private_user(scratch.path())?;
    let mut running = RunningChild::start(program, command, &job, input, scratch)?;
    let outcome = timeout(
        job.limits.wall_clock,
        running.read_output(job.limits.output_bytes, watch),
    )
    .await;
    let stop_at_once = !matches!(outcome, Ok(Ok(_)));
    let status = running.end(stop_at_once).await?;
    match outcome {
        Err(_) => Err(ReadError::TimedOut),
        Ok(output) => Ok(Answer { status, ..output? }),
    }
}

/// What a child left behind.
pub(crate) struct Answer {
    pub stdout: Vec<u8>,
    stderr: Vec<u8>,
    status: ExitStatus,
}

impl Answer {
    /// Why there is no usable answer in the output.
    pub fn cause_of_death(&self) -> ReadError {
        let ran_out_of_memory = self
            .stderr
            .windows(20)
            .any(|window| window == b"memory allocation of");
        match self.status.signal().and_then(Signal::from_named_raw) {
            Some(Signal::XCPU) => ReadError::TimedOut,
            // Not ours, or the wall clock would have been the answer: the kernel's out-of-memory killer.
            Some(Signal::KILL) => ReadError::OutOfMemory,
            _ if ran_out_of_memory => ReadError::OutOfMemory,
            _ => ReadError::Crashed,
        }
    }
}

/// As root, the folder goes to a user id no one else has, which the child then takes on. Ids just below `nobody`
/// belong to no one on any distribution; one each keeps concurrent children apart from one another.
fn give_to_private_user(scratch: &Path) -> Result<Option<u32>, ReadError> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    std::fs::set_permissions(scratch, std::fs::Permissions::from_mode(0o700))?;
    if !geteuid().is_root() {
        return Ok(None);
    }
    let user_id = 65_000 + NEXT.fetch_add(1, Ordering::Relaxed) % 500;
    // A container may give us root without the right to hand files away; the child then stays who it is.
    Ok(chown(scratch, Some(user_id), Some(user_id))
        .is_ok()
        .then_some(user_id))
}

/// Dropping it, which is how a reading is cancelled, kills the whole group and removes the scratch folder.
struct RunningChild {
    child: Option<Child>,
    group: Pid,
    scratch: Option<TempDir>,
}

impl RunningChild {
    fn start(
        program: &Path,
        command: &str,
        job: &Job,
        input: Stdio,
        scratch: TempDir,
    ) -> Result<Self, ReadError> {
        let arguments = serde_json::to_string(job).map_err(std::io::Error::from)?;
        let password = job.password.as_ref();
        let child = Command::new(program)
            .arg(command)
            .arg(arguments)
            .env_clear()
            .env("OMP_THREAD_LIMIT", "1")
            .env("RAYON_NUM_THREADS", "1")
            .envs(password.map(|password| (PASSWORD_VARIABLE, password.expose_secret())))
            .current_dir(scratch.path())
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound | std::io::ErrorKind::PermissionDenied => {
                    ReadError::ProgramMissing
                }
                _ => ReadError::Io(error),
            })?;
        let pid = child
            .id()
            .and_then(|id| Pid::from_raw(id.cast_signed()))
            .ok_or(ReadError::Crashed)?;
        Ok(Self {
            child: Some(child),
            group: pid,
            scratch: Some(scratch),
        })
    }

    /// `watch` sees the output so far, again whenever there is more of it.
    async fn read_output(
        &mut self,
        limit_bytes: u64,
        watch: &mut (dyn FnMut(&[u8]) + Send),
    ) -> Result<Answer, ReadError> {
        let Some(child) = &mut self.child else {
            return Err(ReadError::Crashed);
        };
        let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(ReadError::Crashed);
        };
        let (stdout, stderr) = tokio::try_join!(
            async {
                let mut output = Vec::new();
                let mut stdout = stdout.take(limit_bytes + 1);
                while stdout.read_buf(&mut output).await? > 0 {
                    watch(&output);
                }
                if output.len() as u64 > limit_bytes {
                    return Err(ReadError::LimitExceeded {
                        what: "output_size".to_owned(),
                    });
                }
                Ok(output)
            },
            async {
                read_and_discard(stderr, STDERR_BYTES)
                    .await
                    .map_err(ReadError::Io)
            },
        )?;
        Ok(Answer {
            stdout,
            stderr,
            status: ExitStatus::default(),
        })
    }

    /// Kills what is left of the group and only then reaps its leader: until it is reaped its number cannot be
    /// given to a stranger. A leader that closed its output is given a moment to end by itself, so that its exit
    /// status tells why.
    async fn end(&mut self, at_once: bool) -> Result<ExitStatus, ReadError> {
        if !at_once {
            let _ = timeout(Duration::from_secs(2), self.leader_ended()).await;
        }
        let _ = kill_process_group(self.group, Signal::KILL);
        let Some(mut child) = self.child.take() else {
            return Err(ReadError::Crashed);
        };
        let status = child.wait().await?;
        self.scratch = None;
        Ok(status)
    }

    async fn leader_ended(&self) {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
        while matches!(waitid(WaitId::Pid(self.group), options), Ok(None)) {
            sleep(Duration::from_millis(2)).await;
        }
    }
}

impl Drop for RunningChild {
    fn drop(&mut self) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        let _ = kill_process_group(self.group, Signal::KILL);
        let scratch = self.scratch.take();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            // The folder goes once nobody can write into it any more.
            runtime.spawn(async move {
                let _ = child.wait().await;
                drop(scratch);
            });
        }
    }
}

async fn read_and_discard(
    mut source: impl AsyncRead + Unpin,
    keep_bytes: u64,
) -> std::io::Result<Vec<u8>> {
    let mut kept = Vec::new();
    (&mut source)
        .take(keep_bytes)
        .read_to_end(&mut kept)
        .await?;
    tokio::io::copy(&mut source, &mut tokio::io::sink()).await?;
    Ok(kept)
}
