//! Starts the server, after clearing away what a server that was killed left behind.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::Pid;
use tokio::process::Child;

use crate::StartError;
use crate::account::open_log;
use crate::cluster::Plan;
use crate::endpoint::Endpoint;
use crate::pid_file::{PidFile, Status};
use crate::processes::LOOK_AGAIN;
use crate::server::Server;
use crate::server_options;

/// The port is part of the socket's name, and the directory is the cluster's own.
const SOCKET_PORT: u16 = 5432;

/// Pauses before the attempts: what a killed server leaves goes away within moments.
const PAUSES_MS: [u64; 8] = [0, 50, 100, 200, 400, 800, 1600, 3200];

/// What the server says when only the remains of another one are in its way.
const PASSING: [&str; 4] = [
    "already exists",
    "still in use",
    "could not bind",
    "could not create any",
];

pub(crate) async fn launch(plan: &Plan) -> Result<Server, StartError> {
    plan.account.make_private_dir(&plan.place.run_dir)?;
    let mut reason = String::new();
    for pause_ms in PAUSES_MS {
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        clear_the_way(plan).await?;
        match attempt(plan).await? {
            Ok(server) => return Ok(server),
            Err(told) => reason = told,
        }
        if !PASSING.iter().any(|words| reason.contains(words)) {
            break;
        }
        tracing::debug!(reason, "the database server did not start at once");
    }
    Err(StartError::ServerFailed {
        reason,
        log: plan.place.log_file.clone(),
    })
}

/// Ends orphans, then removes the files that tell of a server that is no more. We hold the lock, and no PostgreSQL works in
/// the data directory any more, so the files are stale even if their process id lives on as another program.
async fn clear_the_way(plan: &Plan) -> Result<(), StartError> {
    let data_dir = &plan.place.data_dir;
    let all_ended = plan.processes.end_all(&plan.workplace()).await;
    // Where processes cannot be seen, PostgreSQL's own, more careful judgement has to do.
    if !all_ended || plan.processes.hidden() {
        return Ok(());
    }
    let socket = plan.place.run_dir.join(format!(".s.PGSQL.{SOCKET_PORT}"));
    for stale in [
        PidFile::path(data_dir),
        socket.with_extension(format!("{SOCKET_PORT}.lock")),
        socket,
    ] {
        match fs::remove_file(&stale) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StartError::io("remove", &stale)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The inner error is why the server ended.
async fn attempt(plan: &Plan) -> Result<Result<Server, String>, StartError> {
    let place = &plan.place;
    let endpoint = if place.has_room_for_socket() {
        Endpoint::Socket {
            dir: place.run_dir.clone(),
            port: SOCKET_PORT,
        }
    } else {
        Endpoint::Loopback {
            port: free_port().map_err(StartError::io("find a port for", &place.data_dir))?,
        }
    };
    let log = open_log(place)?;
    let log_start = log.metadata().map_or(0, |log| log.len());
    let also = log
        .try_clone()
        .map_err(StartError::io("open the log", &place.log_file))?;
    let program = plan.binaries.program("postgres");
    let child = plan
        .account
        .command(&program, &place.data_dir)
        .arg("-D")
        .arg(&place.data_dir)
        .args(server_options::arguments(
            &plan.settings,
            &plan.cluster_name,
            &endpoint,
        ))
        .stdout(log)
        .stderr(also)
        .spawn()
        .map_err(StartError::io("run", &program))?;
    Ok(match until_ready(plan, child).await? {
        Some((pid, child)) => Ok(plan.server(pid, Some(child), endpoint)),
        None => Err(complaints(&place.log_file, log_start)),
    })
}

/// `None` when the server ended instead.
async fn until_ready(plan: &Plan, mut child: Child) -> Result<Option<(Pid, Child)>, StartError> {
    let began = Instant::now();
    let Some(pid) = child.id().and_then(|id| Pid::from_raw(id.cast_signed())) else {
        return Ok(None);
    };
    while began.elapsed() < plan.settings.start_timeout {
        if PidFile::read(&plan.place.data_dir)
            .is_some_and(|file| file.pid == pid && file.status == Status::Ready)
        {
            return Ok(Some((pid, child)));
        }
        if !matches!(child.try_wait(), Ok(None)) {
            return Ok(None);
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    // It is left running: to cut a recovery short would only make the next start begin it anew.
    Err(not_ready(plan, began))
}

pub(crate) fn not_ready(plan: &Plan, began: Instant) -> StartError {
    StartError::NotReady {
        waited_seconds: began.elapsed().as_secs(),
        log: plan.place.log_file.clone(),
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}

/// What the server wrote of grave matters since `start`.
fn complaints(log: &Path, start: u64) -> String {
    let mut text = Vec::new();
    let read = File::open(log).and_then(|mut log| {
        log.seek(SeekFrom::Start(start))?;
        log.take(64 << 10).read_to_end(&mut text)
    });
    let text = String::from_utf8_lossy(&text);
    let grave = |line: &&str| {
        ["FATAL:", "PANIC:", "LOG:  could not", "postgres:"]
            .iter()
            .any(|mark| line.contains(mark))
    };
    let lines: Vec<&str> = text.lines().filter(grave).map(str::trim).collect();
    match read {
        Ok(_) if !lines.is_empty() => lines.join("; "),
        _ => "it ended without a word".to_owned(),
    }
}
