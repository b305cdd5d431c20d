//! The sessions table.

use time::OffsetDateTime;

use super::session::SessionUser;
use crate::{
    db::{SessionId, UserTx},
    http::Problem,
};

pub struct NewSession {
    pub id: SessionId,
    pub current_hash: [u8; 32],
    pub idle_expires_at: OffsetDateTime,
    pub absolute_expires_at: OffsetDateTime,
    pub user_agent: Option<String>,
    pub ip: Option<String>,
}

pub async fn insert_session(tx: &mut UserTx, session: &NewSession) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "INSERT INTO sessions (id, user_id, current_hash, idle_expires_at, absolute_expires_at, user_agent, ip) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        session.id.0,
        user,
        &session.current_hash[..],
        session.idle_expires_at,
        session.absolute_expires_at,
        session.user_agent,
        session.ip,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What the answer says of the transaction's user, and their token epoch.
pub async fn session_user(tx: &mut UserTx) -> Result<(SessionUser, i32), Problem> {
    let user = tx.user().0;
    let row = sqlx::query!(
        "SELECT id, email, display_name, role, totp_enabled, token_epoch FROM users WHERE id = $1",
        user
    )
    .fetch_one(tx.conn())
    .await?;
    Ok((
        SessionUser {
            id: row.id,
            email: row.email,
            display_name: row.display_name,
            role: row.role,
            totp_enabled: row.totp_enabled,
        },
        row.token_epoch,
    ))
}

/// One family of refresh tokens, locked for the length of the transaction.
pub struct Family {
    pub current_hash: Vec<u8>,
    pub previous_hash: Option<Vec<u8>>,
    pub generation: i32,
    pub rotated_at: Option<OffsetDateTime>,
    pub successor_sealed: Option<Vec<u8>>,
    pub idle_expires_at: OffsetDateTime,
    pub absolute_expires_at: OffsetDateTime,
    pub revoked_at: Option<OffsetDateTime>,
    pub user_disabled: bool,
    pub user_salt: Vec<u8>,
}

pub async fn lock_family(tx: &mut UserTx, id: SessionId) -> Result<Option<Family>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        Family,
        r#"SELECT s.current_hash, s.previous_hash, s.generation, s.rotated_at, s.successor_sealed, s.idle_expires_at, s.absolute_expires_at, s.revoked_at,
                  u.disabled_at IS NOT NULL AS "user_disabled!", u.kdf_salt AS user_salt
             FROM sessions s JOIN users u ON u.id = s.user_id
            WHERE s.id = $1 AND s.user_id = $2 FOR UPDATE OF s"#,
        id.0,
        user
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Makes `hash` the newest token of the family and the one before it the previous.
pub async fn rotate(
    tx: &mut UserTx,
    id: SessionId,
    hash: &[u8; 32],
    generation: i32,
    sealed: &[u8],
    now: OffsetDateTime,
    idle_expires_at: OffsetDateTime,
) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE sessions SET previous_hash = current_hash, current_hash = $3, generation = $4, successor_sealed = $5, rotated_at = $6, last_used_at = $6, idle_expires_at = $7
          WHERE id = $1 AND user_id = $2",
        id.0,
        user,
        &hash[..],
        generation,
        sealed,
        now,
        idle_expires_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Ends the family. Answers false when it had ended before.
pub async fn revoke(tx: &mut UserTx, id: SessionId, reason: &str) -> Result<bool, Problem> {
    let user = tx.user().0;
    let rows = sqlx::query!(
        "UPDATE sessions SET revoked_at = now(), revoke_reason = $3, successor_sealed = NULL WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL",
        id.0,
        user,
        reason
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    Ok(rows == 1)
}
