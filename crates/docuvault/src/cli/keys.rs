//! `docuvault keys …`: beside a running vault.

use std::{io::Write, path::PathBuf};

use anyhow::bail;
use clap::Subcommand;

use super::{
    bootstrap::{block_on, keep_memory_private, start_logging},
    with_database::with_database,
};
use crate::{
    config::Config,
    crypto::{Keys, key_ring::KeyRing},
    db::Database,
    keys::{Progress, drop_old_keys, key_status, rotate_access_token_key, rotate_master_key},
};

#[derive(Subcommand)]
pub enum KeysCommand {
    /// Makes the key files that are missing, and prints where they are: for keys that are mounted, so that no process can change them
    Init,
    /// Which keys there are, and how much is sealed with each
    Status,
    /// Adds a new master key and seals everything anew with it, while the vault goes on; may be stopped and run again
    Rotate {
        /// A new key for access tokens instead; nobody is signed out
        #[arg(long)]
        access_tokens: bool,
    },
    /// Removes the master keys that nothing is sealed with any more
    DropOld,
}

pub fn run(command: &KeysCommand) -> anyhow::Result<()> {
    let config = Config::load()?;
    start_logging(&config.log)?;
    keep_memory_private();
    if matches!(command, KeysCommand::Init) {
        return init(&config);
    }
    block_on(with_keys(&config, async |database, keys| match command {
        KeysCommand::Init => Ok(()),
        KeysCommand::Status => status(database, keys).await,
        KeysCommand::Rotate {
            access_tokens: false,
        } => rotate(database, keys).await,
        KeysCommand::Rotate {
            access_tokens: true,
        } => rotate_access_tokens(database, keys).await,
        KeysCommand::DropOld => drop_old(database, keys).await,
    }))
}

/// The keys must be there: a command makes none.
async fn with_keys(
    config: &Config,
    work: impl AsyncFnOnce(&Database, &Keys) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    require_key_file(config)?;
    let secrets = config.data.dir.join("secrets");
    let keys = Keys::open(&secrets, config.data.master_key_file.as_deref())?;
    with_database(config, async |database| work(database, &keys).await).await
}

/// For commands that work with the keys of a vault that is there.
pub(super) fn require_key_file(config: &Config) -> anyhow::Result<()> {
    let master_file: Option<PathBuf> = config.data.master_key_file.clone();
    let needed = master_file.unwrap_or_else(|| config.data.dir.join("secrets/master.key"));
    if !needed.exists() {
        bail!(
            "there is no key file {}: set DOCUVAULT_DATA_DIR, and DOCUVAULT_MASTER_KEY_FILE if the vault has it, as for the vault itself",
            needed.display()
        );
    }
    Ok(())
}

/// Needs no database; changes nothing that is there.
fn init(config: &Config) -> anyhow::Result<()> {
    let secrets = config.data.dir.join("secrets");
    let keys = Keys::open(&secrets, config.data.master_key_file.as_deref())?;
    say(&place(keys.master()))?;
    say(&place(keys.access_tokens()))?;
    say(&secrets.join("signing.key").display().to_string())
}

async fn status(database: &Database, keys: &Keys) -> anyhow::Result<()> {
    say(&format!("Master keys ({})", place(keys.master())))?;
    for key in key_status(database, keys).await? {
        let what = if !key.held {
            "MISSING FROM THE FILE"
        } else if key.id == keys.master().active() {
            "in use"
        } else {
            "old"
        };
        say(&format!("  key {}: {what}, {} rows", key.id, key.rows()))?;
        for sealed in &key.sealed {
            say(&format!("    {}: {}", sealed.column, sealed.rows))?;
        }
    }
    let tokens = keys.access_tokens();
    say(&format!("Access tokens' keys ({})", place(tokens)))?;
    for id in tokens.ids() {
        let what = if id == tokens.active() {
            "in use"
        } else {
            "old"
        };
        say(&format!("  key {id}: {what}"))?;
    }
    Ok(())
}

async fn rotate(database: &Database, keys: &Keys) -> anyhow::Result<()> {
    let mut failed = Ok(());
    let rotated = rotate_master_key(database, keys, |progress| {
        failed = std::mem::replace(&mut failed, Ok(())).and_then(|()| tell(progress));
    })
    .await?;
    failed?;
    say(&format!(
        "Done: {} values sealed anew, everything is sealed with key {}. Make a backup of the key file; then `docuvault keys drop-old` removes older keys.",
        rotated.resealed, rotated.key
    ))
}

fn tell(progress: Progress) -> anyhow::Result<()> {
    match progress {
        Progress::Added(key) => say(&format!("Added key {key} to the key file.")),
        Progress::Resumed(key) => say(&format!(
            "The file holds an older key beside key {key}: the rotation to key {key} goes on."
        )),
        Progress::Waiting(time) => say(&format!(
            "Waiting {} s, until running processes use it.",
            time.as_secs() + 1
        )),
        Progress::Resealed(rows) => say(&format!("  {rows} values sealed anew")),
    }
}

async fn rotate_access_tokens(database: &Database, keys: &Keys) -> anyhow::Result<()> {
    let key = rotate_access_token_key(database, keys).await?;
    say(&format!(
        "Access tokens are signed with key {key} from now on; the one before it is read until the next rotation."
    ))
}

async fn drop_old(database: &Database, keys: &Keys) -> anyhow::Result<()> {
    say(
        "Backups of the database that were made before the rotation need the old key: keep it where such backups are kept, apart from them.",
    )?;
    match drop_old_keys(database, keys).await?.as_slice() {
        [] => say("There is no old key."),
        dropped => say(&format!("Removed from the key file: {dropped:?}.")),
    }
}

fn place(ring: &KeyRing) -> String {
    ring.file()
        .map_or_else(String::new, |file| file.display().to_string())
}

fn say(line: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}
