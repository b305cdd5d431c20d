//! The tables of seeds and recovery codes.

use time::OffsetDateTime;

use crate::{db::UserTx, http::Problem};

pub struct Secret {
    pub seed_sealed: Vec<u8>,
    pub user_salt: Vec<u8>,
}

/// The user's seed: the one in use, or the one being set up.
pub async fn find_secret(tx: &mut UserTx, confirmed: bool) -> Result<Option<Secret>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        Secret,
        "SELECT t.seed_sealed, u.kdf_salt AS user_salt FROM totp_secrets t JOIN users u ON u.id = t.user_id
          WHERE t.user_id = $1 AND (t.confirmed_at IS NOT NULL) = $2",
        user,
        confirmed
    )
    .fetch_optional(tx.conn())
    .await?)
}

pub struct Owner {
    pub email: String,
    pub user_salt: Vec<u8>,
    pub totp_enabled: bool,
}

pub async fn owner(tx: &mut UserTx) -> Result<Owner, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        Owner,
        "SELECT email, kdf_salt AS user_salt, totp_enabled FROM users WHERE id = $1 FOR NO KEY UPDATE",
        user
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Keeps a seed that is being set up, in place of an earlier one that never was confirmed.
pub async fn keep_new_secret(tx: &mut UserTx, seed_sealed: &[u8]) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "INSERT INTO totp_secrets (user_id, seed_sealed) VALUES ($1, $2)
         ON CONFLICT (user_id) DO UPDATE SET seed_sealed = excluded.seed_sealed, last_step = 0, created_at = now() WHERE totp_secrets.confirmed_at IS NULL",
        user,
        seed_sealed
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes a step, unless it or a later one was taken before: of any number of parallel tries one gets it.
pub async fn take_step(tx: &mut UserTx, step: i64) -> Result<bool, Problem> {
    let user = tx.user().0;
    let rows = sqlx::query!(
        "UPDATE totp_secrets SET last_step = $2 WHERE user_id = $1 AND last_step < $2",
        user,
        step
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    Ok(rows == 1)
}

/// From now on every sign-in wants a code.
pub async fn enable(tx: &mut UserTx, now: OffsetDateTime) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE totp_secrets SET confirmed_at = $2 WHERE user_id = $1",
        user,
        now
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "UPDATE users SET totp_enabled = true, version = version + 1 WHERE id = $1",
        user
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub async fn disable(tx: &mut UserTx) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!("DELETE FROM totp_secrets WHERE user_id = $1", user)
        .execute(tx.conn())
        .await?;
    sqlx::query!("DELETE FROM recovery_codes WHERE user_id = $1", user)
        .execute(tx.conn())
        .await?;
    sqlx::query!(
        "UPDATE users SET totp_enabled = false, version = version + 1 WHERE id = $1",
        user
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// In place of all earlier ones.
pub async fn keep_recovery_codes(tx: &mut UserTx, hashes: &[Vec<u8>]) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!("DELETE FROM recovery_codes WHERE user_id = $1", user)
        .execute(tx.conn())
        .await?;
    sqlx::query!(
        "INSERT INTO recovery_codes (user_id, code_hash) SELECT $1, unnest($2::bytea[])",
        user,
        hashes
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Uses a recovery code up: of any number of parallel tries one gets it.
pub async fn use_recovery_code(tx: &mut UserTx, hash: &[u8; 32]) -> Result<bool, Problem> {
    let user = tx.user().0;
    let rows = sqlx::query!(
        "DELETE FROM recovery_codes WHERE user_id = $1 AND code_hash = $2",
        user,
        &hash[..]
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    Ok(rows == 1)
}

pub async fn count_recovery_codes(tx: &mut UserTx) -> Result<i64, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM recovery_codes WHERE user_id = $1"#,
        user
    )
    .fetch_one(tx.conn())
    .await?)
}
