//! The quota's arithmetic. Room is reserved by the trigger `take_room` on `uploads`, in the commit of the transaction that writes the
//! upload. Of a transaction these come last, so that the row is locked for as short as can be.

use crate::{db::UserTx, http::Problem};

/// A promise is kept: what was reserved is now used.
pub async fn settle(
    tx: &mut UserTx,
    reserved_bytes: i64,
    stored_bytes: i64,
) -> Result<(), Problem> {
    let user = tx.user().0;
    changed_one(
        sqlx::query!(
            "UPDATE quotas SET reserved_bytes = reserved_bytes - $2, used_bytes = used_bytes + $3, open_uploads = open_uploads - 1 WHERE user_id = $1",
            user,
            reserved_bytes,
            stored_bytes
        )
        .execute(tx.conn())
        .await?
        .rows_affected(),
    )
}

/// A promise is taken back.
pub async fn release_reserved(tx: &mut UserTx, reserved_bytes: i64) -> Result<(), Problem> {
    let user = tx.user().0;
    changed_one(
        sqlx::query!(
            "UPDATE quotas SET reserved_bytes = reserved_bytes - $2, open_uploads = open_uploads - 1 WHERE user_id = $1",
            user,
            reserved_bytes
        )
        .execute(tx.conn())
        .await?
        .rows_affected(),
    )
}

/// Stored bytes are gone for good.
pub async fn release_used(tx: &mut UserTx, stored_bytes: i64) -> Result<(), Problem> {
    let user = tx.user().0;
    changed_one(
        sqlx::query!(
            "UPDATE quotas SET used_bytes = used_bytes - $2 WHERE user_id = $1",
            user,
            stored_bytes
        )
        .execute(tx.conn())
        .await?
        .rows_affected(),
    )
}

fn changed_one(rows: u64) -> Result<(), Problem> {
    if rows == 1 {
        Ok(())
    } else {
        Err(Problem::internal(anyhow::anyhow!(
            "the user has no quota row"
        )))
    }
}
