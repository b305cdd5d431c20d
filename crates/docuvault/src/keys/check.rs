//! Are these the keys that the vault was sealed with? Asked before serving, and of every key that comes later.

use crate::{
    crypto::{
        Keys,
        keys::KeyId,
        seal::{self, Place},
        self_test,
    },
    db::Database,
};

use super::store::{self, KeyCheck};

const KNOWN_TEXT: &[u8] = b"DocuVault key check";

/// Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum KeysRefused {
    #[error("sealing does not give the known result on this machine")]
    SelfTest,
    #[error(
        "master key {id} is not the one that this vault was sealed with: put the right key file back (DOCUVAULT_MASTER_KEY_FILE, else secrets/master.key); nothing was changed"
    )]
    Wrong { id: KeyId },
    #[error(
        "master key {id} is missing from the key file, and {rows} values are sealed with it: put its line back; nothing was changed"
    )]
    Missing { id: KeyId, rows: i64 },
    #[error("a key could not be checked")]
    Seal(#[from] seal::SealError),
    #[error("the database could not be asked")]
    Database(#[from] sqlx::Error),
}

/// Refuses keys that cannot open what is there. A key that is used for the first time is remembered.
pub async fn check_keys(database: &Database, keys: &Keys) -> Result<(), KeysRefused> {
    compare_keys(database, keys).await?;
    let checks = store::key_checks(database).await?;
    for id in keys.master().ids() {
        if !checks.iter().any(|check| check.id == id) {
            remember(database, keys, id).await?;
        }
    }
    Ok(())
}

/// The same, and remembers nothing.
pub async fn compare_keys(database: &Database, keys: &Keys) -> Result<(), KeysRefused> {
    if !self_test::passes() {
        return Err(KeysRefused::SelfTest);
    }
    check_known_keys(database, keys).await?;
    let held = keys.master().ids();
    for sealed in store::sealed_rows(database).await? {
        if !held.contains(&sealed.key) {
            return Err(KeysRefused::Missing {
                id: sealed.key,
                rows: sealed.rows,
            });
        }
    }
    Ok(())
}

/// Whether the keys at hand are still those that the database knows. Cheap, and changes nothing.
pub async fn check_known_keys(database: &Database, keys: &Keys) -> Result<(), KeysRefused> {
    let held = keys.master().ids();
    store::key_checks(database)
        .await?
        .iter()
        .filter(|check| held.contains(&check.id))
        .try_for_each(|check| compare(keys, check))
}

/// Begins to use keys that came since the start, once they are known to be the same for all processes.
pub async fn take_new_keys(database: &Database, keys: &Keys) -> Result<(), KeysRefused> {
    let active = keys.master().active();
    for id in keys.master().ids().into_iter().filter(|id| *id > active) {
        remember(database, keys, id).await?;
        keys.master().use_key(id);
        tracing::info!(key = id, "sealing with a new master key");
    }
    Ok(())
}

/// The first process that uses a key says what it is; all later ones must agree.
async fn remember(database: &Database, keys: &Keys, id: KeyId) -> Result<(), KeysRefused> {
    let sealed = seal::seal_with(keys, id, &place(id), KNOWN_TEXT)?;
    store::add_key_check(database, id, &sealed).await?;
    let checks = store::key_checks(database).await?;
    checks
        .iter()
        .filter(|check| check.id == id)
        .try_for_each(|check| compare(keys, check))
}

fn compare(keys: &Keys, check: &KeyCheck) -> Result<(), KeysRefused> {
    let wrong = KeysRefused::Wrong { id: check.id };
    if seal::key_id(&check.sealed) != Some(check.id) {
        return Err(wrong);
    }
    match seal::open(keys, &place(check.id), &check.sealed) {
        Ok(text) if text[..] == *KNOWN_TEXT => Ok(()),
        _ => Err(wrong),
    }
}

/// Of no user: a place of the system's own.
fn place(id: KeyId) -> Place<'static> {
    Place {
        user_id: uuid::Uuid::nil(),
        user_salt: b"docuvault/v1/key-check",
        purpose: "key-check",
        column: "key_checks.sealed",
        row_id: uuid::Uuid::from_u128(id.into()),
        version: 1,
    }
}
