//! The schema's functions for administrators. Each asks the database itself whether the transaction's user is one.

use time::OffsetDateTime;
use uuid::Uuid;

use super::model::{AdminQuota, AdminUser};
use crate::{
    accounts::{LinkPurpose, Role},
    db::{UserTx, constraint::violated_constraint},
    http::Problem,
};

/// Which accounts, newest first.
#[derive(Default)]
pub struct Wanted<'a> {
    pub user: Option<Uuid>,
    /// Part of the address or the name.
    pub words: Option<&'a str>,
    pub before: Option<Uuid>,
}

pub async fn users(
    tx: &mut UserTx,
    wanted: &Wanted<'_>,
    limit: i64,
    now: OffsetDateTime,
) -> Result<Vec<AdminUser>, Problem> {
    let rows = sqlx::query!(
        r#"SELECT id AS "id!", email AS "email!", display_name AS "display_name!", role AS "role!", disabled AS "disabled!", has_password AS "has_password!",
                  totp_enabled AS "totp_enabled!", email_verified AS "email_verified!", created_at AS "created_at!", last_seen_at, sessions AS "sessions!",
                  used_bytes AS "used_bytes!", reserved_bytes AS "reserved_bytes!", limit_bytes AS "limit_bytes!", erasing AS "erasing!", version AS "version!"
             FROM admin_users($1, $2, $3, $4, $5)"#,
        wanted.user,
        wanted.words,
        wanted.before,
        limit,
        now
    )
    .fetch_all(tx.conn())
    .await
    .map_err(refusal)?;
    let users = rows.into_iter().map(|row| AdminUser {
        id: row.id,
        email: row.email,
        display_name: row.display_name,
        role: row.role,
        disabled: row.disabled,
        has_password: row.has_password,
        totp_enabled: row.totp_enabled,
        email_verified: row.email_verified,
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
        sessions: row.sessions,
        quota: AdminQuota {
            used_bytes: row.used_bytes,
            reserved_bytes: row.reserved_bytes,
            limit_bytes: row.limit_bytes,
        },
        erasing: row.erasing,
        version: row.version,
    });
    Ok(users.collect())
}

/// One account; 404 when there is none.
pub async fn user(tx: &mut UserTx, id: Uuid, now: OffsetDateTime) -> Result<AdminUser, Problem> {
    let wanted = Wanted {
        user: Some(id),
        ..Wanted::default()
    };
    users(tx, &wanted, 1, now)
        .await?
        .pop()
        .ok_or_else(Problem::not_found)
}

/// Locks an account for a change and answers its version; 404 when there is none, 409 `account_erasing`.
pub async fn lock_user(tx: &mut UserTx, id: Uuid) -> Result<i32, Problem> {
    sqlx::query_scalar!("SELECT admin_lock_user($1)", id)
        .fetch_one(tx.conn())
        .await
        .map_err(refusal)?
        .ok_or_else(Problem::not_found)
}

pub async fn set_role(
    tx: &mut UserTx,
    id: Uuid,
    role: Role,
    now: OffsetDateTime,
) -> Result<(), Problem> {
    found(
        sqlx::query_scalar!(
            r#"SELECT admin_set_role($1, $2, $3) AS "found!""#,
            id,
            role.name(),
            now
        )
        .fetch_one(tx.conn())
        .await,
    )
}

pub async fn set_disabled(
    tx: &mut UserTx,
    id: Uuid,
    disabled: bool,
    now: OffsetDateTime,
) -> Result<(), Problem> {
    found(
        sqlx::query_scalar!(
            r#"SELECT admin_set_disabled($1, $2, $3) AS "found!""#,
            id,
            disabled,
            now
        )
        .fetch_one(tx.conn())
        .await,
    )
}

pub async fn set_quota(
    tx: &mut UserTx,
    id: Uuid,
    limit_bytes: i64,
    now: OffsetDateTime,
) -> Result<(), Problem> {
    found(
        sqlx::query_scalar!(
            r#"SELECT admin_set_quota($1, $2, $3) AS "found!""#,
            id,
            limit_bytes,
            now
        )
        .fetch_one(tx.conn())
        .await,
    )
}

pub async fn end_sessions(tx: &mut UserTx, id: Uuid, now: OffsetDateTime) -> Result<(), Problem> {
    found(
        sqlx::query_scalar!(r#"SELECT admin_end_sessions($1, $2) AS "found!""#, id, now)
            .fetch_one(tx.conn())
            .await,
    )
}

pub async fn reset_totp(tx: &mut UserTx, id: Uuid, now: OffsetDateTime) -> Result<(), Problem> {
    found(
        sqlx::query_scalar!(r#"SELECT admin_reset_totp($1, $2) AS "found!""#, id, now)
            .fetch_one(tx.conn())
            .await,
    )
}

pub async fn erase_user(tx: &mut UserTx, id: Uuid, now: OffsetDateTime) -> Result<(), Problem> {
    found(
        sqlx::query_scalar!(r#"SELECT admin_erase_user($1, $2) AS "found!""#, id, now)
            .fetch_one(tx.conn())
            .await,
    )
}

/// Keeps a link for setting the password of `id`: what for is the database's to say, and until when.
pub async fn keep_password_link(
    tx: &mut UserTx,
    id: Uuid,
    token_sha256: &[u8; 32],
    now: OffsetDateTime,
) -> Result<(LinkPurpose, OffsetDateTime), Problem> {
    let kept = sqlx::query!(
        r#"SELECT purpose AS "purpose!", expires_at AS "expires_at!" FROM admin_make_password_link($1, $2, $3, $4)"#,
        id,
        Uuid::now_v7(),
        &token_sha256[..],
        now
    )
    .fetch_optional(tx.conn())
    .await
    .map_err(refusal)?
    .ok_or_else(Problem::not_found)?;
    Ok((LinkPurpose::from_name(&kept.purpose), kept.expires_at))
}

fn found(answer: Result<bool, sqlx::Error>) -> Result<(), Problem> {
    if answer.map_err(refusal)? {
        Ok(())
    } else {
        Err(Problem::not_found())
    }
}

/// What the functions refuse by raising it.
pub fn refusal(error: sqlx::Error) -> Problem {
    match violated_constraint(&error) {
        Some("last_admin") => Problem::conflict(
            "last_admin",
            "This is the only administrator. Make someone else one first.",
        ),
        Some("account_erasing") => Problem::conflict(
            "account_erasing",
            "This account is being erased and changes no more.",
        ),
        Some("own_account") => Problem::conflict(
            "own_account",
            "This is your own account. Change or erase it in its settings.",
        ),
        _ if is_denied(&error) => Problem::new(
            http::StatusCode::FORBIDDEN,
            "admin_only",
            "Only an administrator may do this.",
        ),
        _ => error.into(),
    }
}

/// Whoever was an administrator when the request began need not be one any more.
fn is_denied(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code == "42501")
}
