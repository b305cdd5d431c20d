//! `postmaster.pid`: what the server writes about itself into its data directory.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::Pid;

use crate::endpoint::Endpoint;

/// How far a server has got, by line 8 of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Starting or recovering; also before the line is written.
    Starting,
    Ready,
    Stopping,
}

/// The lines of `postmaster.pid` that we use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PidFile {
    pub pid: Pid,
    /// A lone `postgres --single`, which nobody can connect to.
    pub single_user: bool,
    /// Where it listens, once it does.
    pub endpoint: Option<Endpoint>,
    pub status: Status,
}

impl PidFile {
    pub fn path(data_dir: &Path) -> PathBuf {
        data_dir.join("postmaster.pid")
    }

    /// `None` when there is no file, or none that says anything yet.
    pub fn read(data_dir: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(Self::path(data_dir)).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().map(str::trim);
        let pid: i32 = lines.next()?.parse().ok()?;
        // After the pid come the data directory and the start time.
        let mut lines = lines.skip(2);
        let port = lines.next().and_then(|port| port.parse().ok());
        let socket_dir = lines.next().filter(|dir| !dir.is_empty());
        let host = lines.next().filter(|host| !host.is_empty());
        // Then the shared memory key.
        let status = match lines.nth(1) {
            Some("ready") => Status::Ready,
            Some("stopping") => Status::Stopping,
            _ => Status::Starting,
        };
        let endpoint = port.and_then(|port| match (socket_dir, host) {
            (Some(dir), _) => Some(Endpoint::Socket {
                dir: PathBuf::from(dir),
                port,
            }),
            (None, Some(_)) => Some(Endpoint::Loopback { port }),
            (None, None) => None,
        });
        Some(Self {
            pid: Pid::from_raw(pid.checked_abs()?)?,
            single_user: pid < 0,
            endpoint,
            status,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ready_server_on_a_socket() {
        let file = PidFile::parse(
            "4711\n/data/pg\n1763927\n5432\n/data/pg.run\n\n  5432001   65539\nready   \n",
        )
        .unwrap();
        assert_eq!(file.pid.as_raw_nonzero().get(), 4711);
        assert_eq!(
            file.endpoint,
            Some(Endpoint::Socket {
                dir: PathBuf::from("/data/pg.run"),
                port: 5432
            })
        );
        assert_eq!((file.status, file.single_user), (Status::Ready, false));
    }

    #[test]
    fn a_server_on_loopback_that_is_going_down() {
        let file = PidFile::parse("4711\n/data/pg\n1763927\n40123\n\n127.0.0.1\n  1 2\nstopping\n")
            .unwrap();
        assert_eq!(file.endpoint, Some(Endpoint::Loopback { port: 40123 }));
        assert_eq!(file.status, Status::Stopping);
    }

    #[test]
    fn half_written_and_odd_files() {
        assert_eq!(PidFile::parse(""), None);
        assert_eq!(PidFile::parse("garbage\n"), None);
        assert_eq!(PidFile::parse("0\n"), None);
        let young = PidFile::parse("4711\n/data/pg\n1763927\n5432\n").unwrap();
        assert_eq!((young.endpoint, young.status), (None, Status::Starting));
        assert!(PidFile::parse("-4711\n/data/pg\n").unwrap().single_user);
    }
}
