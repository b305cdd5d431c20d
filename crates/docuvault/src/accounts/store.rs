//! What the account's own pages read and write: profile, links, change of address, erasing.

use docuvault_jobs::{EnqueueOptions, enqueue};
use time::OffsetDateTime;

use super::{erase::EraseAccount, me::Profile};
use crate::{
    db::{Database, UserId, UserTx, constraint::violated_constraint},
    http::Problem,
};

pub async fn profile(tx: &mut UserTx) -> Result<Profile, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        Profile,
        r#"SELECT u.id, u.email, u.display_name, u.role, u.locale, u.totp_enabled, false AS "totp_enforced!", u.email_verified_at IS NOT NULL AS "email_verified!",
                  c.new_email AS "pending_email?", u.created_at, u.version
             FROM users u LEFT JOIN email_changes c ON c.user_id = u.id AND c.expires_at > now()
            WHERE u.id = $1"#,
        user
    )
    .fetch_one(tx.conn())
    .await?)
}

pub async fn lock_version(tx: &mut UserTx) -> Result<i32, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_scalar!(
        "SELECT version FROM users WHERE id = $1 FOR NO KEY UPDATE",
        user
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Locks the user, if there still is one.
pub async fn lock_version_if_there(tx: &mut UserTx) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query_scalar!(
        "SELECT version FROM users WHERE id = $1 FOR NO KEY UPDATE",
        user
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(())
}

pub async fn change_profile(
    tx: &mut UserTx,
    display_name: Option<&str>,
    locale: Option<&str>,
) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE users SET display_name = coalesce($2, display_name), locale = coalesce($3, locale), updated_at = now(), version = version + 1 WHERE id = $1",
        user,
        display_name,
        locale
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whom mail goes to, and in which language.
pub struct Recipient {
    pub email: String,
    pub display_name: String,
    pub locale: String,
    pub disabled: bool,
    pub verified: bool,
}

/// `None` once the account is gone.
pub async fn find_recipient(tx: &mut UserTx) -> Result<Option<Recipient>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        Recipient,
        r#"SELECT email, display_name, locale, disabled_at IS NOT NULL AS "disabled!", email_verified_at IS NOT NULL AS "verified!" FROM users WHERE id = $1"#,
        user
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Ends every access token of the user at once.
pub async fn raise_token_epoch(tx: &mut UserTx) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE users SET token_epoch = token_epoch + 1 WHERE id = $1",
        user
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub async fn verify_email(tx: &mut UserTx, now: OffsetDateTime) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE users SET email_verified_at = $2, version = version + 1 WHERE id = $1",
        user,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Begins a change of address in place of an earlier one.
pub async fn begin_email_change(
    tx: &mut UserTx,
    new_email: &str,
    expires_at: OffsetDateTime,
) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "INSERT INTO email_changes (user_id, new_email, expires_at) VALUES ($1, $2, $3)
         ON CONFLICT (user_id) DO UPDATE SET new_email = excluded.new_email, expires_at = excluded.expires_at, old_confirmed_at = NULL, new_confirmed_at = NULL, created_at = now()",
        user,
        new_email,
        expires_at
    )
    .execute(tx.conn())
    .await?;
    touch_profile(tx).await
}

/// What `/me` shows has changed.
async fn touch_profile(tx: &mut UserTx) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!("UPDATE users SET version = version + 1 WHERE id = $1", user)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Calls it off. Answers whether there was one.
pub async fn drop_email_change(tx: &mut UserTx) -> Result<bool, Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "DELETE FROM account_links WHERE user_id = $1 AND purpose IN ('leave_email', 'take_email')",
        user
    )
    .execute(tx.conn())
    .await?;
    let rows = sqlx::query!("DELETE FROM email_changes WHERE user_id = $1", user)
        .execute(tx.conn())
        .await?
        .rows_affected();
    if rows == 1 {
        touch_profile(tx).await?;
    }
    Ok(rows == 1)
}

/// Takes every API token of the user back; answers how many those were.
pub async fn revoke_api_tokens(tx: &mut UserTx) -> Result<u64, Problem> {
    let user = tx.user().0;
    Ok(
        sqlx::query!("DELETE FROM api_tokens WHERE user_id = $1", user)
            .execute(tx.conn())
            .await?
            .rows_affected(),
    )
}

pub struct EmailChange {
    pub new_email: String,
    pub complete: bool,
}

/// Notes one side's consent; answers the change as it now stands, or `None` when it was called off or is too old.
pub async fn confirm_email_side(
    tx: &mut UserTx,
    old_side: bool,
    now: OffsetDateTime,
) -> Result<Option<EmailChange>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        EmailChange,
        r#"UPDATE email_changes SET old_confirmed_at = CASE WHEN $2 THEN $3 ELSE old_confirmed_at END, new_confirmed_at = CASE WHEN $2 THEN new_confirmed_at ELSE $3 END
            WHERE user_id = $1 AND expires_at > $3
           RETURNING new_email, old_confirmed_at IS NOT NULL AND new_confirmed_at IS NOT NULL AS "complete!""#,
        user,
        old_side,
        now
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// 409 `email_taken` when another account has the address.
pub async fn change_email(
    tx: &mut UserTx,
    email: &str,
    email_key: &str,
    now: OffsetDateTime,
) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "UPDATE users SET email = $2, email_key = $3, email_verified_at = $4, updated_at = $4, version = version + 1 WHERE id = $1",
        user,
        email,
        email_key,
        now
    )
    .execute(tx.conn())
    .await
    .map_err(|error| match violated_constraint(&error) {
        Some("users_email_key_unique") => super::email_taken(),
        _ => error.into(),
    })?;
    Ok(())
}

/// An invitation that can still be redeemed.
pub struct OpenInvite {
    pub email: Option<String>,
    pub role: String,
    pub limit_bytes: Option<i64>,
    pub expires_at: OffsetDateTime,
}

pub async fn find_invite(
    database: &Database,
    token_hash: &[u8; 32],
    now: OffsetDateTime,
) -> Result<Option<OpenInvite>, Problem> {
    Ok(sqlx::query_as!(
        OpenInvite,
        r#"SELECT email, role AS "role!", limit_bytes, expires_at AS "expires_at!" FROM find_invite($1, $2)"#,
        &token_hash[..],
        now
    )
    .fetch_optional(database.anonymous())
    .await?)
}

/// Takes the invitation for the transaction's user; false when someone else was quicker.
pub async fn accept_invite(
    tx: &mut UserTx,
    token_hash: &[u8; 32],
    now: OffsetDateTime,
) -> Result<bool, Problem> {
    Ok(sqlx::query_scalar!(
        r#"SELECT accept_invite($1, $2) AS "accepted!""#,
        &token_hash[..],
        now
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Whether nobody could administer the vault without the transaction's user; holds until the transaction ends.
pub async fn is_last_admin(tx: &mut UserTx) -> Result<bool, Problem> {
    Ok(sqlx::query_scalar!(r#"SELECT is_last_admin() AS "last!""#)
        .fetch_one(tx.conn())
        .await?)
}

/// Closes the account and queues its erasing.
pub async fn begin_erasing(tx: &mut UserTx, now: OffsetDateTime) -> Result<(), Problem> {
    let user = tx.user();
    sqlx::query!(
        "UPDATE users SET erasing_at = $2, disabled_at = coalesce(disabled_at, $2), token_epoch = token_epoch + 1 WHERE id = $1",
        user.0,
        now
    )
    .execute(tx.conn())
    .await?;
    queue_as_system(tx, &EraseAccount { user_id: user }, Some(user.to_string())).await
}

/// Queues a job that is no user's: it may outlive the user it is about.
pub async fn queue_as_system<J: docuvault_jobs::Job>(
    tx: &mut UserTx,
    job: &J,
    dedupe_key: Option<String>,
) -> Result<(), Problem> {
    sqlx::query!("SELECT set_config('docuvault.worker', 'on', true)")
        .fetch_one(tx.conn())
        .await?;
    let options = EnqueueOptions {
        dedupe_key,
        ..EnqueueOptions::default()
    };
    enqueue(tx.conn(), job, options)
        .await
        .map_err(Problem::internal)?;
    sqlx::query!("SELECT set_config('docuvault.worker', '', true)")
        .fetch_one(tx.conn())
        .await?;
    Ok(())
}

pub async fn is_erasing(tx: &mut UserTx) -> Result<bool, Problem> {
    let user = tx.user().0;
    let found = sqlx::query_scalar!(
        r#"SELECT true AS "found!" FROM users WHERE id = $1 AND erasing_at IS NOT NULL"#,
        user
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(found.is_some())
}

/// The account's rows, with its key salt: what was sealed for it cannot be opened any more.
pub async fn delete_user(tx: &mut UserTx) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!("DELETE FROM users WHERE id = $1", user)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Accounts whose erasing is not done.
pub async fn accounts_erasing(database: &Database) -> Result<Vec<UserId>, Problem> {
    Ok(
        sqlx::query_scalar!(r#"SELECT accounts_erasing(100) AS "user!: UserId""#)
            .fetch_all(database.anonymous())
            .await?,
    )
}
