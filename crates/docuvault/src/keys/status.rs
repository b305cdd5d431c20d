//! Which keys there are, and how much each has sealed.

use super::store::{self, SealedRows};
use crate::{
    crypto::{Keys, keys::KeyId},
    db::Database,
};

/// A key and what needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUse {
    pub id: KeyId,
    /// Whether the key file has it.
    pub held: bool,
    pub sealed: Vec<SealedRows>,
}

impl KeyUse {
    pub fn rows(&self) -> i64 {
        self.sealed.iter().map(|sealed| sealed.rows).sum()
    }
}

/// Every master key of the file, and those that are missing from it.
pub async fn key_status(database: &Database, keys: &Keys) -> Result<Vec<KeyUse>, sqlx::Error> {
    let held = keys.master().ids();
    let sealed = store::sealed_rows(database).await?;
    let mut ids: Vec<KeyId> = held
        .iter()
        .copied()
        .chain(sealed.iter().map(|sealed| sealed.key))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let uses = ids.into_iter().map(|id| KeyUse {
        id,
        held: held.contains(&id),
        sealed: sealed
            .iter()
            .filter(|sealed| sealed.key == id)
            .cloned()
            .collect(),
    });
    Ok(uses.collect())
}
