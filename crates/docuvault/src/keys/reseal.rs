//! Seals anew what an older key has sealed, one row in one transaction, as the row's user. May end anywhere and begin again,
//! beside others that do the same.

use uuid::Uuid;

use super::store::{self, OldRow};
use crate::{
    crypto::{Keys, SealedColumn, keys::KeyId, seal},
    db::{Database, UserTx},
};

const AT_ONCE: i32 = 100;

/// What came of one walk through all that is sealed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Walk {
    pub resealed: u64,
    /// Rows that could not be opened with the key they name.
    pub unreadable: u64,
    /// Rows that were busy, to be met again.
    pub missed: u64,
}

pub async fn reseal_all(
    database: &Database,
    keys: &Keys,
    key: KeyId,
    mut told: impl FnMut(&Walk),
) -> Result<Walk, sqlx::Error> {
    let mut walk = Walk::default();
    for column in SealedColumn::ALL {
        let mut after = Uuid::nil();
        loop {
            let rows = store::sealed_before(database, column, key, after, AT_ONCE).await?;
            let Some(last) = rows.last() else { break };
            after = last.row;
            for row in &rows {
                match reseal(database, keys, column, key, row).await {
                    Ok(Outcome::Resealed) => walk.resealed += 1,
                    Ok(Outcome::Settled) => {}
                    Ok(Outcome::Unreadable) => {
                        tracing::error!(column = column.name(), row = %row.row, "a sealed value cannot be opened");
                        walk.unreadable += 1;
                    }
                    Err(error) if is_busy(&error) => walk.missed += 1,
                    Err(error) => return Err(error),
                }
            }
            told(&walk);
        }
    }
    Ok(walk)
}

enum Outcome {
    Resealed,
    /// Gone, or sealed by someone else meanwhile.
    Settled,
    Unreadable,
}

async fn reseal(
    database: &Database,
    keys: &Keys,
    column: SealedColumn,
    key: KeyId,
    row: &OldRow,
) -> Result<Outcome, sqlx::Error> {
    let mut tx = UserTx::on_behalf_of(database, row.user).await?;
    let Some(value) = store::lock_sealed(&mut tx, column, row.row).await? else {
        return Ok(Outcome::Settled);
    };
    let Some(sealed) = value.sealed else {
        return Ok(Outcome::Settled);
    };
    if seal::key_id(&sealed).is_some_and(|id| id >= key) {
        return Ok(Outcome::Settled);
    }
    let version = value.version.unsigned_abs();
    let place = column.place(row.user.0, &value.user_salt, row.row, version);
    let anew = seal::open(keys, &place, &sealed)
        .and_then(|secret| seal::seal_with(keys, key, &place, &secret));
    let Ok(anew) = anew else {
        return Ok(Outcome::Unreadable);
    };
    store::keep_sealed(&mut tx, column, row.row, &anew).await?;
    tx.commit().await?;
    Ok(Outcome::Resealed)
}

/// Someone else has the row, for longer than is waited; or two waited for each other.
fn is_busy(error: &sqlx::Error) -> bool {
    const LOCK_NOT_AVAILABLE: &str = "55P03";
    const DEADLOCK_DETECTED: &str = "40P01";
    matches!(error, sqlx::Error::Database(inner) if matches!(inner.code().as_deref(), Some(LOCK_NOT_AVAILABLE | DEADLOCK_DETECTED)))
}
