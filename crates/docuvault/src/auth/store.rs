//! The tables of sessions and of logins under way, and what signing in reads and writes of the users.

use time::OffsetDateTime;
use uuid::Uuid;

use super::{list_sessions::ListedSession, session::SessionUser};
use crate::{
    db::{Database, SessionId, UserId, UserTx},
    http::Problem,
};

/// What signing in needs to know of an account.
pub struct FoundLogin {
    pub id: UserId,
    /// None: the user has not chosen a password yet.
    pub password_hash: Option<String>,
    pub password_changed_at: Option<OffsetDateTime>,
    pub disabled: bool,
    pub totp_enabled: bool,
}

pub async fn find_login(
    database: &Database,
    email_key: &str,
) -> Result<Option<FoundLogin>, Problem> {
    Ok(sqlx::query_as!(
        FoundLogin,
        r#"SELECT id AS "id!: UserId", password_hash, password_changed_at, disabled AS "disabled!", totp_enabled AS "totp_enabled!" FROM find_login($1)"#,
        email_key
    )
    .fetch_optional(database.anonymous())
    .await?)
}

/// What a sign-in was judged by, as it stands now: locked, so that whatever ends sessions comes wholly before or wholly after it.
pub struct SignInFacts {
    pub password_hash: Option<String>,
    pub disabled: bool,
    pub totp_enabled: bool,
}

/// `None`: the account is gone.
pub async fn lock_for_sign_in(tx: &mut UserTx) -> Result<Option<SignInFacts>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        SignInFacts,
        r#"SELECT password_hash, disabled_at IS NOT NULL AS "disabled!", totp_enabled FROM users WHERE id = $1 FOR NO KEY UPDATE"#,
        user
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Where the user has signed in from, the newest first; whether that was `since`. Sessions that were ended for want of trust do not count.
pub struct EarlierSignIn {
    pub ip: Option<String>,
    pub recent: bool,
}

pub async fn earlier_sign_ins(
    tx: &mut UserTx,
    since: OffsetDateTime,
) -> Result<Vec<EarlierSignIn>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        EarlierSignIn,
        r#"SELECT ip, last_used_at > $2 AND coalesce(revoke_reason, 'logout') IN ('logout', 'ended_by_admin', 'totp_changed', 'role_changed', 'disabled') AS "recent!"
             FROM sessions WHERE user_id = $1 ORDER BY last_used_at DESC LIMIT 50"#,
        user,
        since
    )
    .fetch_all(tx.conn())
    .await?)
}

pub async fn password_hash(tx: &mut UserTx) -> Result<Option<String>, Problem> {
    let user = tx.user().0;
    Ok(
        sqlx::query_scalar!("SELECT password_hash FROM users WHERE id = $1", user)
            .fetch_one(tx.conn())
            .await?,
    )
}

/// `None`: never, or the account is gone.
pub async fn password_changed_at(tx: &mut UserTx) -> Result<Option<OffsetDateTime>, Problem> {
    let user = tx.user().0;
    let row = sqlx::query_scalar!("SELECT password_changed_at FROM users WHERE id = $1", user)
        .fetch_optional(tx.conn())
        .await?;
    Ok(row.flatten())
}

/// The same password, hashed at today's cost.
pub async fn replace_password_hash(tx: &mut UserTx, hash: &str) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE users SET password_hash = $2 WHERE id = $1",
        user,
        hash
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Another password.
pub async fn set_password(tx: &mut UserTx, hash: &str, now: OffsetDateTime) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE users SET password_hash = $2, password_changed_at = $3, updated_at = $3 WHERE id = $1",
        user,
        hash,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub async fn note_authentication(
    tx: &mut UserTx,
    id: SessionId,
    now: OffsetDateTime,
) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE sessions SET authenticated_at = $3 WHERE id = $1 AND user_id = $2",
        id.0,
        user,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Keeps a login that waits for its second factor; those that ran out go.
pub async fn insert_pending_login(
    tx: &mut UserTx,
    token_hash: &[u8; 32],
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "DELETE FROM pending_logins WHERE user_id = $1 AND expires_at <= $2",
        user,
        now
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "INSERT INTO pending_logins (id, user_id, token_hash, expires_at) VALUES ($1, $2, $3, $4)",
        Uuid::now_v7(),
        user,
        &token_hash[..],
        expires_at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub async fn pending_login_owner(
    database: &Database,
    token_hash: &[u8; 32],
    now: OffsetDateTime,
    most_failures: i32,
) -> Result<Option<UserId>, Problem> {
    Ok(sqlx::query_scalar!(
        r#"SELECT pending_login_owner($1, $2, $3) AS "owner: UserId""#,
        &token_hash[..],
        now,
        most_failures
    )
    .fetch_one(database.anonymous())
    .await?)
}

/// Locks it; false when it is used up.
pub async fn lock_pending_login(
    tx: &mut UserTx,
    token_hash: &[u8; 32],
    now: OffsetDateTime,
    most_failures: i32,
) -> Result<bool, Problem> {
    let user = tx.user().0;
    let found = sqlx::query_scalar!(
        r#"SELECT true AS "found!" FROM pending_logins WHERE user_id = $1 AND token_hash = $2 AND expires_at > $3 AND failures < $4 FOR UPDATE"#,
        user,
        &token_hash[..],
        now,
        most_failures
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(found.is_some())
}

pub async fn count_pending_failure(tx: &mut UserTx, token_hash: &[u8; 32]) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE pending_logins SET failures = failures + 1 WHERE user_id = $1 AND token_hash = $2",
        user,
        &token_hash[..]
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub async fn delete_pending_login(tx: &mut UserTx, token_hash: &[u8; 32]) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "DELETE FROM pending_logins WHERE user_id = $1 AND token_hash = $2",
        user,
        &token_hash[..]
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Sessions that can still be renewed.
pub async fn standing_sessions(
    tx: &mut UserTx,
    current: SessionId,
    now: OffsetDateTime,
) -> Result<Vec<ListedSession>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        ListedSession,
        r#"SELECT id AS "id: SessionId", created_at, last_used_at, user_agent, ip, id = $2 AS "current!" FROM sessions
            WHERE user_id = $1 AND revoked_at IS NULL AND idle_expires_at > $3 AND absolute_expires_at > $3
            ORDER BY last_used_at DESC LIMIT 200"#,
        user,
        current.0,
        now
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Ends every session of the user but the transaction's own, and every login that waits for its second factor. First locks the user,
/// as signing in does: a sign-in under way is either ended here or finds what has changed.
pub async fn revoke_others(tx: &mut UserTx, reason: &str) -> Result<u64, Problem> {
    let (user, own) = (tx.user().0, tx.session().map(|id| id.0));
    lock_for_sign_in(tx).await?;
    sqlx::query!("DELETE FROM pending_logins WHERE user_id = $1", user)
        .execute(tx.conn())
        .await?;
    Ok(sqlx::query!(
        "UPDATE sessions SET revoked_at = now(), revoke_reason = $3, successor_sealed = NULL WHERE user_id = $1 AND id IS DISTINCT FROM $2 AND revoked_at IS NULL",
        user,
        own,
        reason
    )
    .execute(tx.conn())
    .await?
    .rows_affected())
}

pub struct NewSession {
    pub id: SessionId,
    pub current_hash: [u8; 32],
    pub authenticated_at: OffsetDateTime,
    pub idle_expires_at: OffsetDateTime,
    pub absolute_expires_at: OffsetDateTime,
    pub user_agent: Option<String>,
    pub ip: Option<String>,
}

pub async fn insert_session(tx: &mut UserTx, session: &NewSession) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "INSERT INTO sessions (id, user_id, current_hash, idle_expires_at, absolute_expires_at, user_agent, ip, authenticated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        session.id.0,
        user,
        &session.current_hash[..],
        session.idle_expires_at,
        session.absolute_expires_at,
        session.user_agent,
        session.ip,
        session.authenticated_at,
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
