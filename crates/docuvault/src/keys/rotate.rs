//! Changes the keys of a vault that goes on running: a new master key and everything sealed anew with it, or a new key for access
//! tokens.
//!
//! As long as the key file holds an older master key, the rotation that made the newest goes on where it stopped; a new one begins
//! once the old key was dropped. So it may be killed anywhere, and two at once do the same work together.

use std::{
    path::Path,
    time::{Duration, SystemTime},
};

use anyhow::{Context, bail};
use uuid::Uuid;

use super::{
    check::{check_keys, take_new_keys},
    follow::LOOK_EVERY,
    reseal::{Walk, reseal_all},
    store,
};
use crate::{
    audit,
    crypto::{
        Keys,
        key_file::{self, KeysById, newest},
        keys::KeyId,
    },
    db::{Database, UserId, UserTx},
};

/// Every running process has noticed a changed file by then.
const SETTLED_AFTER: Duration = Duration::from_secs(2 * LOOK_EVERY.as_secs() + 1);
/// Then some process does not see the file.
const MOST_WALKS: u32 = 20;

/// What there is to tell on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// A new key was added to the file.
    Added(KeyId),
    /// An earlier rotation to this key goes on.
    Resumed(KeyId),
    Waiting(Duration),
    Resealed(u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotated {
    pub key: KeyId,
    pub resealed: u64,
}

/// At its end nothing is sealed with an older key.
pub async fn rotate_master_key(
    database: &Database,
    keys: &Keys,
    mut told: impl FnMut(Progress),
) -> anyhow::Result<Rotated> {
    check_keys(database, keys).await?;
    let file = keys
        .master()
        .file()
        .context("the master key is not kept in a file")?;
    let key = key_to_rotate_to(database, file, &mut told).await?;
    keys.look_again();
    take_new_keys(database, keys).await?;
    if keys.master().active() != key {
        bail!(
            "the key file {} was changed meanwhile; run this command again",
            file.display()
        );
    }
    wait_until_noticed(file, &mut told).await?;

    let mut resealed = 0;
    for _ in 0..MOST_WALKS {
        let before = resealed;
        let walk = reseal_all(database, keys, key, |walk| {
            told(Progress::Resealed(before + walk.resealed));
        })
        .await?;
        resealed += walk.resealed;
        match rows_before(database, key).await? {
            0 => {
                let event = audit::Event::new("keys.rotated").with("master_key", key);
                record(database, event.with("resealed", resealed)).await?;
                return Ok(Rotated { key, resealed });
            }
            left => judge_what_is_left(&walk, left)?,
        }
        tokio::time::sleep(LOOK_EVERY / 4).await;
    }
    bail!(
        "some process goes on sealing with an older key: does every one see the changed key file {}? Run this command again when it does",
        file.display()
    )
}

/// Adds a key to the access tokens' file and keeps exactly the one before it, so that no token ends before its time.
pub async fn rotate_access_token_key(database: &Database, keys: &Keys) -> anyhow::Result<KeyId> {
    let file = keys
        .access_tokens()
        .file()
        .context("the access tokens' key is not kept in a file")?;
    let kept = key_file::change(
        file,
        |held| Some(newest(held) + 1),
        |id, held| held.keys().rev().take(2).any(|kept| *kept == id),
    )?;
    keys.look_again();
    let key = newest(&kept);
    record(
        database,
        audit::Event::new("keys.rotated").with("access_token_key", key),
    )
    .await?;
    Ok(key)
}

/// The newest of several keys in the file; else one more.
async fn key_to_rotate_to(
    database: &Database,
    file: &Path,
    told: &mut impl FnMut(Progress),
) -> anyhow::Result<KeyId> {
    let checks = store::key_checks(database).await?;
    let known = checks.iter().map(|check| check.id).max();
    let mut added = None;
    let next = |held: &KeysById| {
        added = (held.len() == 1).then(|| newest(held).max(known.unwrap_or_default()) + 1);
        added
    };
    let key = newest(&key_file::change(file, next, |_, _| true)?);
    told(added.map_or(Progress::Resumed(key), Progress::Added));
    Ok(key)
}

/// Until every process that follows the file seals with its newest key.
async fn wait_until_noticed(file: &Path, told: &mut impl FnMut(Progress)) -> anyhow::Result<()> {
    let changed = std::fs::metadata(file)?.modified()?;
    // A clock that was set back must not make this wait for long.
    let age = SystemTime::now()
        .duration_since(changed)
        .unwrap_or_default();
    let left = SETTLED_AFTER.saturating_sub(age);
    if !left.is_zero() {
        told(Progress::Waiting(left));
        tokio::time::sleep(left).await;
    }
    Ok(())
}

fn judge_what_is_left(walk: &Walk, left: i64) -> anyhow::Result<()> {
    if walk.unreadable > 0 && walk.resealed == 0 && walk.missed == 0 {
        bail!(
            "{left} values cannot be opened with the key they name, so the old key cannot be dropped; the log names their rows"
        );
    }
    Ok(())
}

pub(super) async fn rows_before(database: &Database, key: KeyId) -> Result<i64, sqlx::Error> {
    let sealed = store::sealed_rows(database).await?;
    Ok(sealed
        .iter()
        .filter(|sealed| sealed.key < key)
        .map(|sealed| sealed.rows)
        .sum())
}

/// In the trail of nobody: it is the vault's own business.
pub(super) async fn record(database: &Database, event: audit::Event) -> anyhow::Result<()> {
    let mut tx = UserTx::on_behalf_of(database, UserId(Uuid::nil())).await?;
    audit::record(&mut tx, event)
        .await
        .map_err(|problem| anyhow::anyhow!("the trail could not be written: {}", problem.code))?;
    Ok(tx.commit().await?)
}
