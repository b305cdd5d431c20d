//! Gives up, before the first byte of the document is read, everything reading it does not need.
//!
//! Each layer is taken as far as the machine has it; a missing one leaves the others, and `--probe` tells.

#[cfg(target_os = "linux")]
mod files;
#[cfg(target_os = "linux")]
mod system_calls;

use docuvault_extract::protocol::Job;
use rustix::process::{Resource, Rlimit, setrlimit};

/// How far the kernel went along.
#[derive(Debug, Clone, Copy, Default)]
pub struct Confinement {
    /// File access is limited to the scratch folder and the OCR program.
    pub files: bool,
}

/// Enters the sandbox. Called while the process has one thread, which all later ones inherit from.
pub fn enter(job: &Job) -> Confinement {
    limit_resources(job);
    let _ = rustix::process::nice(10);
    confine(job)
}

fn limit_resources(job: &Job) {
    let limits = &job.limits;
    let both = |value| Rlimit {
        current: Some(value),
        maximum: Some(value),
    };
    let mut resources = vec![
        (Resource::Core, both(0)),
        (Resource::As, both(limits.memory_bytes)),
        (Resource::Fsize, both(limits.scratch_file_bytes)),
        (Resource::Nofile, both(64)),
        // The soft limit ends the process with a signal that says why.
        (
            Resource::Cpu,
            Rlimit {
                current: Some(limits.cpu_seconds),
                maximum: Some(limits.cpu_seconds + 5),
            },
        ),
    ];
    if job.run_as.is_some() {
        // Counted per user: only fair where the user is ours alone.
        resources.push((Resource::Nproc, both(64)));
    }
    for (resource, limit) in resources {
        let _ = setrlimit(resource, limit);
    }
}

#[cfg(target_os = "linux")]
fn confine(job: &Job) -> Confinement {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};

    if let Some(user_id) = job.run_as {
        take_on_user(user_id);
    }
    // Keeps others of the same user from looking into this process, and it from gaining anything by starting others.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    let _ = rustix::thread::set_no_new_privs(true);
    let files = files::confine(job.ocr.as_ref());
    system_calls::deny(job.ocr.is_some());
    Confinement { files }
}

#[cfg(not(target_os = "linux"))]
fn confine(_job: &Job) -> Confinement {
    Confinement::default()
}

/// Changing the one thread there is changes the process.
#[cfg(target_os = "linux")]
fn take_on_user(user_id: u32) {
    use rustix::process::{Gid, Uid};
    use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};

    let (gid, uid) = (Gid::from_raw(user_id), Uid::from_raw(user_id));
    let _ = set_thread_groups(&[]);
    let _ = set_thread_res_gid(gid, gid, gid);
    let _ = set_thread_res_uid(uid, uid, uid);
}
