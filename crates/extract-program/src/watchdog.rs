//! Ends this process and all it started when the parent is gone or a stage takes too long.
//!
//! The kernel's parent-death signal is no substitute: it follows the parent's *thread*, which an async server may
//! end at any time, and it does not reach what this process started.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Signal, getppid, kill_current_process_group};

const INTERVAL: Duration = Duration::from_millis(50);

/// A thread that watches; it lives as long as the process.
#[derive(Clone)]
pub struct Watchdog {
    deadline: Arc<Mutex<Option<Instant>>>,
}

impl Watchdog {
    /// Starts watching the parent.
    pub fn start(parent_pid: u32) -> Self {
        let watchdog = Self {
            deadline: Arc::default(),
        };
        let watching = watchdog.clone();
        let started = thread::Builder::new()
            .stack_size(256 << 10)
            .spawn(move || watching.watch(parent_pid));
        if started.is_err() {
            end_group();
        }
        watchdog
    }

    /// From now on the process has this much time left.
    pub fn end_after(&self, time_left: Duration) {
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Instant::now() + time_left);
    }

    fn watch(&self, parent_pid: u32) {
        loop {
            let parent = getppid().map_or(0, |pid| pid.as_raw_nonzero().get().cast_unsigned());
            if parent != parent_pid {
                // Nobody else will remove what lies in the scratch folder.
                let _ = std::fs::remove_file(crate::ocr::PAGE_FILE);
                end_group();
            }
            let deadline = *self.deadline.lock().unwrap_or_else(PoisonError::into_inner);
            if deadline.is_some_and(|deadline| Instant::now() > deadline) {
                end_group();
            }
            thread::sleep(INTERVAL);
        }
    }
}

fn end_group() {
    let _ = kill_current_process_group(Signal::KILL);
    std::process::abort();
}
