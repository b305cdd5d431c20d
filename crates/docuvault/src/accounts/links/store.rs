//! The table of links.

use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    db::{Database, UserId, UserTx},
    http::Problem,
};

/// Keeps a new link beside the newest `beside` of its purpose. A mail that anyone can have sent must not void the link of the one
/// before it.
pub async fn insert_link(
    tx: &mut UserTx,
    purpose: &str,
    token_hash: &[u8; 32],
    expires_at: OffsetDateTime,
    beside: i64,
) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "DELETE FROM account_links WHERE user_id = $1 AND purpose = $2 AND id NOT IN (
             SELECT id FROM account_links WHERE user_id = $1 AND purpose = $2 AND used_at IS NULL ORDER BY id DESC LIMIT $3)",
        user,
        purpose,
        beside
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "INSERT INTO account_links (id, user_id, purpose, token_hash, expires_at) VALUES ($1, $2, $3, $4, $5)",
        Uuid::now_v7(),
        user,
        purpose,
        &token_hash[..],
        expires_at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub async fn link_owner(
    database: &Database,
    token_hash: &[u8; 32],
) -> Result<Option<UserId>, Problem> {
    Ok(sqlx::query_scalar!(
        r#"SELECT account_link_owner($1) AS "owner: UserId""#,
        &token_hash[..]
    )
    .fetch_one(database.anonymous())
    .await?)
}

/// Uses a link up, once; answers its purpose. Those of a disabled account rest.
pub async fn use_link(
    tx: &mut UserTx,
    token_hash: &[u8; 32],
    purposes: &[&str],
    now: OffsetDateTime,
) -> Result<Option<String>, Problem> {
    let user = tx.user().0;
    let purposes: Vec<String> = purposes.iter().map(|&purpose| purpose.to_owned()).collect();
    Ok(sqlx::query_scalar!(
        "UPDATE account_links SET used_at = $3 WHERE user_id = $1 AND token_hash = $2 AND used_at IS NULL AND expires_at > $3 AND purpose = ANY ($4)
            AND EXISTS (SELECT FROM users WHERE id = $1 AND disabled_at IS NULL)
         RETURNING purpose",
        user,
        &token_hash[..],
        now,
        &purposes
    )
    .fetch_optional(tx.conn())
    .await?)
}

/// Voids what could still let someone in by an earlier password or address.
pub async fn void_links_and_logins(tx: &mut UserTx) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "DELETE FROM account_links WHERE user_id = $1 AND purpose IN ('reset_password', 'choose_password') AND used_at IS NULL",
        user
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("DELETE FROM pending_logins WHERE user_id = $1", user)
        .execute(tx.conn())
        .await?;
    Ok(())
}
