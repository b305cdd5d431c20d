//! Makes a new cluster aside and moves it into place when it is whole, so that a first start cut short leaves nothing half made.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use secrecy::ExposeSecret;

use crate::cluster::Plan;
use crate::processes::{Workplace, wait_until};
use crate::{SUPERUSER, StartError};

/// What knows upper from lower case beyond ASCII. The first is on every Linux, the other where that is missing.
const CHARACTER_TYPES: [&str; 2] = ["C.UTF-8", "en_US.UTF-8"];

pub(crate) async fn create_cluster(plan: &Plan) -> Result<(), StartError> {
    tracing::info!(data_dir = %plan.place.data_dir.display(), "making a new database; this takes a few seconds");
    let password_file = plan.place.run_dir.join("initdb.password");
    plan.account.make_private_dir(&plan.place.run_dir)?;
    let password = format!("{}\n", plan.passwords.superuser().expose_secret());
    plan.account.write_private_file(&password_file, &password)?;
    let made = make_aside(plan, &password_file).await;
    let _ = fs::remove_file(&password_file);
    made?;
    let place = &plan.place;
    fs::rename(&place.init_dir, &place.data_dir)
        .map_err(StartError::io("move the new database to", &place.data_dir))?;
    File::open(&place.parent)
        .and_then(|dir| dir.sync_all())
        .map_err(StartError::io("sync", &place.parent))
}

async fn make_aside(plan: &Plan, password_file: &Path) -> Result<(), StartError> {
    let mut output = String::new();
    for character_type in CHARACTER_TYPES {
        sweep(plan).await?;
        plan.account.make_private_dir(&plan.place.init_dir)?;
        match run_initdb(plan, password_file, character_type).await? {
            Ok(()) => return Ok(()),
            Err(told) => output = told,
        }
        if !output.contains("invalid locale") {
            break;
        }
    }
    sweep(plan).await?;
    Err(StartError::CreateFailed { output })
}

/// Removes what earlier attempts left, of which `initdb` may still be at work when we alone were killed.
async fn sweep(plan: &Plan) -> Result<(), StartError> {
    for dir in plan.place.abandoned_init_dirs() {
        let workplace = Workplace {
            dir: dir.clone(),
            programs: &["initdb", "postgres"],
            title: None,
        };
        plan.processes.end_all(&workplace).await;
        // What could not be seen and ended may still add files, but not for long without its directory.
        let mut removed = Ok(());
        wait_until(Duration::from_secs(5), || {
            removed = match fs::remove_dir_all(&dir) {
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
                removed => removed,
            };
            removed.is_ok()
        })
        .await;
        removed.map_err(StartError::io("remove", &dir))?;
    }
    Ok(())
}

/// The inner error is what `initdb` said.
async fn run_initdb(
    plan: &Plan,
    password_file: &Path,
    character_type: &str,
) -> Result<Result<(), String>, StartError> {
    let program = plan.binaries.program("initdb");
    // At work in the new directory, so that a later start can tell whose it is.
    let mut command = plan.account.command(&program, &plan.place.init_dir);
    command
        .arg("--pgdata")
        .arg(&plan.place.init_dir)
        .arg("--pwfile")
        .arg(password_file)
        .args([
            "--username",
            SUPERUSER,
            "--auth",
            "scram-sha-256",
            "--encoding",
            "UTF8",
            "--data-checksums",
        ])
        // Sorting by bytes survives a move to another system; case folding needs to know all letters.
        .args([
            "--lc-collate",
            "C",
            "--lc-ctype",
            character_type,
            "--text-search-config",
            "simple",
        ]);
    if !plan.settings.durable {
        command.arg("--no-sync");
    }
    let output = command
        .kill_on_drop(true)
        .output()
        .await
        .map_err(StartError::io("run", &program))?;
    if output.status.success() {
        return Ok(Ok(()));
    }
    let told = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = told
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    Ok(Err(lines[lines.len().saturating_sub(5)..].join("; ")))
}
