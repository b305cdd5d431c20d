//! docuvault-extract: the program that opens one document, without database or network code.
//! Started by `docuvault_extract::Reader`, one process per document; see `docuvault_extract::protocol`.

use std::io::{self, Write, stderr, stdout};
use std::process::ExitCode;
use std::thread;

use docuvault_extract::protocol::{self, Job};
use docuvault_extract_program::{Watchdog, answer, hand_out, make_searchable, probe, sandbox};

/// The parsers recurse as deeply as a document nests; the main thread's stack is too small for odd but honest ones.
const PARSER_STACK_BYTES: usize = 128 << 20;

const EXIT_USAGE: u8 = 64;
const EXIT_INTERNAL: u8 = 70;

fn main() -> ExitCode {
    // Panic messages may quote the document.
    std::panic::set_hook(Box::new(|_| {}));
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [command, job] = arguments.as_slice() else {
        return usage();
    };
    let Ok(mut job) = serde_json::from_str::<Job>(job) else {
        return usage();
    };
    job.password = std::env::var(protocol::PASSWORD_VARIABLE)
        .ok()
        .map(Into::into);
    let confinement = sandbox::enter(&job);
    match command.as_str() {
        protocol::READ_COMMAND => run(job, |job, watchdog| {
            answer(job, watchdog, &mut stdout().lock())
        }),
        protocol::ATTACHMENTS_COMMAND => run(job, |job, _| hand_out(job, &mut stdout().lock())),
        protocol::SEARCHABLE_COMMAND => {
            run(job, |job, _| make_searchable(job, &mut stdout().lock()))
        }
        protocol::PROBE_COMMAND => probe::report(&job, confinement)
            .map_or(ExitCode::from(EXIT_INTERNAL), |()| ExitCode::SUCCESS),
        _ => usage(),
    }
}

fn usage() -> ExitCode {
    let _ = writeln!(
        stderr(),
        "docuvault-extract reads one document for docuvault and is not meant to be started by hand."
    );
    ExitCode::from(EXIT_USAGE)
}

fn run(job: Job, work: fn(&Job, &Watchdog) -> io::Result<()>) -> ExitCode {
    let watchdog = Watchdog::start(job.parent_pid);
    let parser = thread::Builder::new()
        .stack_size(PARSER_STACK_BYTES)
        .spawn(move || work(&job, &watchdog));
    match parser.map(thread::JoinHandle::join) {
        Ok(Ok(Ok(()))) => ExitCode::SUCCESS,
        _ => ExitCode::from(EXIT_INTERNAL),
    }
}
