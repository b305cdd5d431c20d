//! Hundreds of hostile files, each read in the sandbox: whatever becomes of the child, the caller goes on, in time
//! and within memory. The suite takes a sample; `make test-hostile` takes them all.

mod crafted;
mod mutated;

use std::fs;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use docuvault_extract::{Limits, ReadError, ReadRequest, Reader, Reading};

use crate::reader;

const MIB: u64 = 1 << 20;
const MEMORY_BYTES: u64 = 1 << 30;
const WALL_CLOCK: Duration = Duration::from_secs(20);
/// Starting, stopping and a busy machine.
const GRACE: Duration = Duration::from_secs(10);
const SAMPLE_EVERY: usize = 8;

struct Hostile {
    name: String,
    extension: String,
    bytes: Vec<u8>,
}

impl Hostile {
    fn new(name: impl Into<String>, extension: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            extension: extension.to_owned(),
            bytes: bytes.into(),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_hostile_file_harms_who_reads_it() {
    let mut files = crafted::files();
    files.extend(mutated::files());
    assert!(files.len() >= 200, "{}", files.len());
    if std::env::var_os("DOCUVAULT_HOSTILE_ALL").is_none() {
        let mut index = 0;
        files.retain(|_| {
            index += 1;
            index % SAMPLE_EVERY == 1
        });
    }
    let reader = reader().without_ocr().with_limits(Limits {
        cpu_seconds: 4,
        memory_bytes: MEMORY_BYTES,
        wall_clock: WALL_CLOCK,
        thumbnail_budget: Duration::from_secs(3),
        text_pages: 50,
        ..Limits::default()
    });
    let peak = PeakMemory::watch();
    let (start, count) = (Instant::now(), files.len());
    let (slowest, outcomes) = read_all(&reader, files).await;
    let (child_bytes, caller_bytes) = peak.end();
    println!(
        "{count} hostile files in {:.1?}, slowest {slowest:.1?}, peak of a child {} MiB, of the caller {} MiB: {outcomes:?}",
        start.elapsed(),
        child_bytes / MIB,
        caller_bytes / MIB
    );
    assert!(slowest < WALL_CLOCK + GRACE, "{slowest:?}");
    assert!(child_bytes <= MEMORY_BYTES, "{child_bytes}");
    assert!(caller_bytes <= 512 * MIB, "{caller_bytes}");
}

/// Reads them two at a time; how long the slowest took, and how often what came out.
async fn read_all(
    reader: &Reader,
    files: Vec<Hostile>,
) -> (Duration, std::collections::BTreeMap<&'static str, u32>) {
    let mut slowest = Duration::ZERO;
    let mut outcomes = std::collections::BTreeMap::new();
    let mut files = files.into_iter();
    while let Some(first) = files.next() {
        let second = files.next();
        let both = tokio::join!(read_one(reader, Some(first)), read_one(reader, second));
        for (took, outcome) in [both.0, both.1].into_iter().flatten() {
            slowest = slowest.max(took);
            *outcomes.entry(outcome).or_default() += 1;
        }
    }
    (slowest, outcomes)
}

#[expect(
    clippy::print_stdout,
    reason = "the slow ones are named for whoever looks at them"
)]
async fn read_one(reader: &Reader, file: Option<Hostile>) -> Option<(Duration, &'static str)> {
    let hostile = file?;
    let start = Instant::now();
    let answer = read(reader, &hostile).await;
    let outcome = match &answer {
        Ok(_) => "read",
        Err(ReadError::ProgramMissing | ReadError::Io(_)) => {
            panic!("{}: {answer:?}", hostile.name)
        }
        Err(error) => error.code(),
    };
    let took = start.elapsed();
    if took > Duration::from_secs(5) || outcome == "crashed" {
        println!("{}: {outcome} after {took:.1?}", hostile.name);
    }
    Some((took, outcome))
}

async fn read(reader: &Reader, hostile: &Hostile) -> Result<Reading, ReadError> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&hostile.bytes).unwrap();
    let request = ReadRequest {
        extension: Some(hostile.extension.clone()),
        thumbnail_width_px: 200,
        password: None,
        ..ReadRequest::default()
    };
    reader.read(file, request).await
}

/// Looks again and again at how much memory this process and its children have had at most.
struct PeakMemory {
    is_over: Arc<AtomicBool>,
    watcher: std::thread::JoinHandle<(u64, u64)>,
}

impl PeakMemory {
    fn watch() -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let (seen, peak) = (Arc::clone(&is_over), AtomicU64::new(0));
        let watcher = std::thread::spawn(move || {
            while !seen.load(Ordering::Relaxed) {
                peak.fetch_max(children_peak_bytes(), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(5));
            }
            (peak.into_inner(), peak_bytes("self"))
        });
        Self { is_over, watcher }
    }

    fn end(self) -> (u64, u64) {
        self.is_over.store(true, Ordering::Relaxed);
        self.watcher.join().unwrap()
    }
}

fn children_peak_bytes() -> u64 {
    let own = std::process::id().to_string();
    let tasks = fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten();
    tasks
        .filter_map(|task| fs::read_to_string(task.path().join("children")).ok())
        .flat_map(|list| {
            list.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .filter(|pid| *pid != own)
        .map(|pid| peak_bytes(&pid))
        .max()
        .unwrap_or(0)
}

fn peak_bytes(process: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok())
        .unwrap_or(0)
        * 1024
}
