//! Gives up the master keys before the newest, once nothing needs them.

use anyhow::{Context, bail};

use super::{
    check::check_keys,
    rotate::{record, rows_before},
    store,
};
use crate::{
    audit,
    crypto::{
        Keys,
        key_file::{self, newest},
        keys::KeyId,
    },
    db::Database,
};

/// Answers which were dropped. First the database gives them up, which it refuses as long as anything is sealed with one, and
/// from then on takes nothing sealed with them; then they leave the file.
pub async fn drop_old_keys(database: &Database, keys: &Keys) -> anyhow::Result<Vec<KeyId>> {
    check_keys(database, keys).await?;
    let file = keys
        .master()
        .file()
        .context("the master key is not kept in a file")?;
    let held = key_file::read(file)?;
    let kept = newest(&held);
    let dropped: Vec<KeyId> = held.into_keys().filter(|id| *id < kept).collect();
    let left = rows_before(database, kept).await?;
    if left > 0 || !store::forget_keys_before(database, kept).await? {
        bail!(
            "{left} values are still sealed with an older key than {kept}: run `docuvault keys rotate` first"
        );
    }
    if !dropped.is_empty() {
        key_file::change(file, |_| None, |id, _| id >= kept)?;
        keys.look_again();
        record(
            database,
            audit::Event::new("keys.dropped").with("kept_master_key", kept),
        )
        .await?;
    }
    Ok(dropped)
}
