//! Mail that waits to be sent.

use time::OffsetDateTime;
use uuid::Uuid;

use crate::{db::UserTx, http::Problem};

/// A letter as it waits.
pub struct Waiting {
    pub recipient: String,
    pub letter_sealed: Vec<u8>,
    pub created_at: OffsetDateTime,
}

/// The salt of the user's keys.
pub async fn user_salt(tx: &mut UserTx) -> Result<Vec<u8>, Problem> {
    let user = tx.user().0;
    Ok(
        sqlx::query_scalar!("SELECT kdf_salt FROM users WHERE id = $1", user)
            .fetch_one(tx.conn())
            .await?,
    )
}

pub async fn insert(
    tx: &mut UserTx,
    id: Uuid,
    recipient: &str,
    letter_sealed: &[u8],
    now: OffsetDateTime,
) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "INSERT INTO mails (id, user_id, recipient, letter_sealed, created_at) VALUES ($1, $2, $3, $4, $5)",
        id,
        user,
        recipient,
        letter_sealed,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub async fn find(tx: &mut UserTx, id: Uuid) -> Result<Option<Waiting>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        Waiting,
        "SELECT recipient, letter_sealed, created_at FROM mails WHERE id = $1 AND user_id = $2",
        id,
        user
    )
    .fetch_optional(tx.conn())
    .await?)
}

pub async fn delete(tx: &mut UserTx, id: Uuid) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!("DELETE FROM mails WHERE id = $1 AND user_id = $2", id, user)
        .execute(tx.conn())
        .await?;
    Ok(())
}
