//! The data folder: there, writable, private where it must be, and not full.

use std::{fs, io, os::unix::fs::PermissionsExt, path::Path};

use super::Report;
use crate::config::Config;

const PART: &str = "data folder";
const MIB: u64 = 1024 * 1024;
/// Below it the local disk takes no more documents.
const FLOOR_MIB: u64 = 512;
const SCARCE_MIB: u64 = 2048;

pub fn examine(config: &Config, report: &mut Report) {
    let dir = &config.data.dir;
    if !dir.is_dir() {
        report.problem(
            PART,
            format!("{} is no folder", dir.display()),
            "Set DOCUVAULT_DATA_DIR as for the vault itself; `docuvault serve` makes the folder at its first start.",
        );
        return;
    }
    match tempfile::tempfile_in(dir) {
        Ok(_) => report.ok(PART, format!("{} can be written to", dir.display())),
        Err(error) => report.problem(
            PART,
            format!("nothing can be written to {}: {error}", dir.display()),
            "Give the folder to the user that the vault runs as.",
        ),
    }
    secrets(&dir.join("secrets"), report);
    free_space(dir, report);
}

fn secrets(dir: &Path, report: &mut Report) {
    let open = match exposed(dir) {
        Ok(open) => open,
        Err(error) => {
            report.problem(
                PART,
                format!("{} cannot be read: {error}", dir.display()),
                "Run this as the user that the vault runs as, on a vault that was started once.",
            );
            return;
        }
    };
    if open.is_empty() {
        report.ok(PART, "only their owner can read the secrets");
    } else {
        report.problem(
            PART,
            format!("others than their owner can read {}", open.join(", ")),
            format!("chmod -R go= {}", dir.display()),
        );
    }
}

/// Names of what in the folder of secrets others may read.
fn exposed(dir: &Path) -> io::Result<Vec<String>> {
    let mut open = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.metadata()?.permissions().mode() & 0o077 != 0 {
            open.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    open.sort();
    Ok(open)
}

fn free_space(dir: &Path, report: &mut Report) {
    let free_mib = match rustix::fs::statvfs(dir) {
        Ok(disk) => disk.f_bavail.saturating_mul(disk.f_frsize) / MIB,
        Err(error) => {
            report.warn(PART, format!("its free space is unknown: {error}"), "");
            return;
        }
    };
    let what = format!("{free_mib} MiB are free");
    let advice = "Make room: the database lies there, and documents where there is no other store.";
    if free_mib < FLOOR_MIB {
        report.problem(PART, what, advice);
    } else if free_mib < SCARCE_MIB {
        report.warn(PART, what, advice);
    } else {
        report.ok(PART, what);
    }
}
