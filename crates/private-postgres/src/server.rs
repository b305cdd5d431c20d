//! A running server: our child, or one that an earlier run of ours left behind.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Child;

use crate::StopError;
use crate::endpoint::Endpoint;
use crate::pid_file::PidFile;
use crate::processes::{Identity, LOOK_AGAIN, Processes, Workplace};

/// How long an immediate shutdown may take.
const IMMEDIATE_STOP: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(crate) struct Server {
    pub pid: Pid,
    /// `None`: adopted.
    pub child: Option<Child>,
    pub endpoint: Endpoint,
    pub workplace: Workplace,
    pub processes: Processes,
}

impl Server {
    /// Waits for the server's end, whatever its cause.
    pub async fn exited(&mut self, look_again: Duration) {
        if let Some(child) = &mut self.child {
            // The only failure is a child that somebody else has already waited for, so it has ended.
            let _ = child.wait().await;
        } else {
            while self.lives() {
                tokio::time::sleep(look_again).await;
            }
        }
    }

    /// Fast shutdown: sessions are cut off, what is committed is written out. Only after `patience` without ceremony.
    pub async fn stop(mut self, patience: Duration) -> Result<(), StopError> {
        let began = Instant::now();
        for (signal, patience) in [(Signal::INT, patience), (Signal::QUIT, IMMEDIATE_STOP)] {
            if signal == Signal::QUIT {
                tracing::warn!("the database server takes too long to stop and is cut short");
            }
            if !self.signal(signal)?
                || tokio::time::timeout(patience, self.exited(LOOK_AGAIN))
                    .await
                    .is_ok()
            {
                return Ok(());
            }
        }
        Err(StopError::StillRunning {
            pid: self.raw_pid(),
            waited_seconds: began.elapsed().as_secs(),
        })
    }

    pub fn raw_pid(&self) -> u32 {
        self.pid.as_raw_nonzero().get().cast_unsigned()
    }

    /// False when there is no server any more.
    fn signal(&mut self, signal: Signal) -> Result<bool, StopError> {
        // A child's id stays its own until we have waited for it; anyone else's may have been given away.
        let gone = match &mut self.child {
            Some(child) => matches!(child.try_wait(), Ok(Some(_))),
            None => !self.lives(),
        };
        if gone {
            return Ok(false);
        }
        match kill_process(self.pid, signal) {
            Ok(()) => Ok(true),
            Err(rustix::io::Errno::SRCH) => Ok(false),
            Err(error) => Err(StopError::Signal {
                pid: self.raw_pid(),
                source: error.into(),
            }),
        }
    }

    /// Whether an adopted server still runs.
    fn lives(&self) -> bool {
        match self.processes.identify(self.pid, &self.workplace) {
            Identity::Ours => true,
            Identity::NotOurs => false,
            // The server's last act is to remove its file.
            Identity::Unknown => {
                PidFile::read(&self.workplace.dir).is_some_and(|file| file.pid == self.pid)
            }
        }
    }
}
