//! The child can do little, ends when it must, takes with it what it started, and leaves nothing behind.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use docuvault_extract::protocol::{Job, READ_COMMAND};
use docuvault_extract::{Limits, Note, ReadError, ReadRequest, Reader};
use rustix::process::{Pid, geteuid, test_kill_process};
use tempfile::TempDir;

use crate::{fixture, read_with, reader};

#[tokio::test]
async fn the_sandbox_leaves_nothing_to_do_but_reading() {
    let report = reader().without_ocr().sandbox_report().await.unwrap();
    assert!(!report.can_gain_privileges);
    assert!(!report.can_open_network_socket);
    assert!(!report.can_open_local_socket);
    assert!(!report.can_signal_parent);
    assert!(!report.can_leave_process_group);
    assert!(!report.can_start_programs);
    assert!(report.can_write_scratch);
    assert!(!report.can_write_outside_scratch || !report.file_access_confined);
    assert_eq!(
        report.memory_limit_bytes,
        Some(Limits::default().memory_bytes)
    );
    let own = ["OMP_THREAD_LIMIT", "RAYON_NUM_THREADS"];
    assert!(
        report
            .environment
            .iter()
            .all(|name| own.contains(&name.as_str())),
        "{:?}",
        report.environment
    );
    if geteuid().is_root() {
        assert!(
            (65_000..65_500).contains(&report.user_id),
            "{}",
            report.user_id
        );
    }
}

/// A program in the place of `docuvault-extract` that does what the test says, and tells where it ran.
struct FakeProgram {
    folder: TempDir,
}

impl FakeProgram {
    fn new(body: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = format!(
            "#!/bin/sh\npwd > {0}/scratch\n{body}\n",
            folder.path().display()
        );
        let program = folder.path().join("program");
        fs::write(
            &program,
            script.replace("NOTES", &folder.path().display().to_string()),
        )
        .unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        Self { folder }
    }

    fn reader(&self, limits: Limits) -> Reader {
        Reader::locate(Some(&self.folder.path().join("program")))
            .unwrap()
            .with_limits(limits)
    }

    async fn error(&self, limits: Limits) -> ReadError {
        read_with(&self.reader(limits), "note.txt")
            .await
            .unwrap_err()
    }

    fn note(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.folder.path().join(name))
            .ok()
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    }

    fn scratch_is_gone(&self) -> bool {
        !PathBuf::from(self.note("scratch").unwrap()).exists()
    }
}

const HANG: &str = "sleep 1000 &\necho $! > NOTES/grandchild\nsleep 1000";

fn is_alive(pid: &str) -> bool {
    // A zombie no one has reaped yet is dead enough.
    let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let is_zombie = state
        .rsplit(')')
        .next()
        .is_some_and(|rest| rest.trim_start().starts_with('Z'));
    !is_zombie && test_kill_process(Pid::from_raw(pid.parse().unwrap()).unwrap()).is_ok()
}

async fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "never happened: {what}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_child_that_hangs_is_killed_with_its_children() {
    let program = FakeProgram::new(HANG);
    let error = program
        .error(Limits {
            wall_clock: Duration::from_secs(2),
            ..Limits::default()
        })
        .await;
    assert!(matches!(error, ReadError::TimedOut), "{error:?}");
    let grandchild = program.note("grandchild").unwrap();
    wait_until("the grandchild is dead", || !is_alive(&grandchild)).await;
    assert!(program.scratch_is_gone());
}

#[tokio::test]
async fn a_cancelled_reading_leaves_nothing_behind() {
    let program = FakeProgram::new(HANG);
    let reader = program.reader(Limits::default());
    let reading = tokio::spawn(async move { read_with(&reader, "note.txt").await });
    wait_until("the program runs", || program.note("grandchild").is_some()).await;
    let grandchild = program.note("grandchild").unwrap();
    assert!(is_alive(&grandchild));
    reading.abort();
    wait_until("the grandchild is dead", || !is_alive(&grandchild)).await;
    wait_until("the scratch folder is gone", || program.scratch_is_gone()).await;
}

#[tokio::test]
async fn what_a_dead_child_started_does_not_outlive_the_reading() {
    let program =
        FakeProgram::new("sleep 1000 > /dev/null 2>&1 &\necho $! > NOTES/grandchild\nexit 3");
    let error = program.error(Limits::default()).await;
    assert!(matches!(error, ReadError::Crashed), "{error:?}");
    let grandchild = program.note("grandchild").unwrap();
    wait_until("the grandchild is dead", || !is_alive(&grandchild)).await;
    assert!(program.scratch_is_gone());
}

#[tokio::test]
async fn a_child_that_talks_without_end_is_stopped() {
    let start = Instant::now();
    let error = FakeProgram::new("yes")
        .error(Limits {
            output_bytes: 1 << 20,
            ..Limits::default()
        })
        .await;
    assert!(
        matches!(&error, ReadError::LimitExceeded { what } if what == "output_size"),
        "{error:?}"
    );
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn nonsense_and_silence_are_crashes_and_a_full_error_stream_blocks_nobody() {
    for body in [
        "echo nonsense",
        "exit 0",
        "head -c 1000000 /dev/zero >&2",
        "kill -SEGV $$",
    ] {
        let error = FakeProgram::new(body).error(Limits::default()).await;
        assert!(matches!(error, ReadError::Crashed), "{body}: {error:?}");
        assert!(!error.is_permanent());
    }
}

#[tokio::test]
async fn causes_of_death_are_told_apart() {
    for (body, code) in [
        ("kill -XCPU $$", "timed_out"),
        ("kill -KILL $$", "out_of_memory"),
        (
            "echo 'memory allocation of 99 bytes failed' >&2; kill -ABRT $$",
            "out_of_memory",
        ),
        ("kill -ABRT $$", "crashed"),
    ] {
        assert_eq!(
            FakeProgram::new(body).error(Limits::default()).await.code(),
            code,
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_missing_program_is_named() {
    assert!(matches!(
        Reader::locate(Some(Path::new("/nowhere/docuvault-extract"))),
        Err(ReadError::ProgramMissing)
    ));
    let program = FakeProgram::new("exit 0");
    let reader = program.reader(Limits::default());
    fs::remove_file(program.folder.path().join("program")).unwrap();
    let error = read_with(&reader, "note.txt").await.unwrap_err();
    assert!(matches!(error, ReadError::ProgramMissing), "{error:?}");
}

#[test]
fn scratch_left_by_a_killed_server_is_removed_at_start() {
    let folder = |age: Duration| {
        let folder = tempfile::Builder::new()
            .prefix("docuvault-read-")
            .tempdir()
            .unwrap()
            .keep();
        fs::write(folder.join("page.pgm"), "left over").unwrap();
        File::open(&folder)
            .unwrap()
            .set_modified(std::time::SystemTime::now() - age)
            .unwrap();
        folder
    };
    let (abandoned, in_use) = (
        folder(Duration::from_hours(3)),
        folder(Duration::from_mins(10)),
    );
    reader();
    assert!(!abandoned.exists());
    assert!(in_use.exists());
    fs::remove_dir_all(in_use).unwrap();
}

#[tokio::test]
async fn a_thumbnail_out_of_time_costs_no_text() {
    let limits = Limits {
        thumbnail_budget: Duration::ZERO,
        ..Limits::default()
    };
    let reading = read_with(&reader().with_limits(limits), "hostile/slow-to-draw.pdf")
        .await
        .unwrap();
    assert!(crate::page(&reading, 1).contains("The text of this page is read at once"));
    assert_eq!(
        (reading.thumbnail, reading.notes),
        (None, vec![Note::ThumbnailFailed])
    );
}

/// The watchdog of a child whose parent is gone: here, a parent that never was.
#[test]
fn an_orphan_ends_itself() {
    let folder = tempfile::tempdir().unwrap();
    let job = Job {
        parent_pid: u32::MAX,
        run_as: None,
        extension: None,
        ocr: None,
        thumbnail_width_px: 0,
        password: None,
        limits: Limits::default(),
    };
    let mut child = Command::new(env!("CARGO_BIN_EXE_docuvault-extract"))
        .args([READ_COMMAND, &serde_json::to_string(&job).unwrap()])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap();
    let _never_written_to = child.stdin.take();
    let mut output = Vec::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_end(&mut output)
        .unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(9));
    assert_eq!(output, b"");
}

#[tokio::test]
async fn concurrent_readings_do_not_meet() {
    let readings = ["note.txt", "packing-list.md", "mileage.csv", "booking.html"]
        .repeat(4)
        .into_iter()
        .map(|name| {
            tokio::spawn(async move {
                let path = fixture(name);
                reader()
                    .read(File::open(&path).unwrap(), ReadRequest::default())
                    .await
                    .unwrap()
            })
        });
    for reading in readings.collect::<Vec<_>>() {
        assert_eq!(reading.await.unwrap().page_count, 1);
    }
}
