//! The table of API tokens.

use time::OffsetDateTime;

use super::{ApiToken, TokenScope};
use crate::{
    db::{ApiTokenId, UserTx},
    http::Problem,
};

pub struct NewApiToken<'a> {
    pub id: ApiTokenId,
    pub name: &'a str,
    pub prefix: &'a str,
    pub sha256: [u8; 32],
    pub can_write: bool,
    pub expires_at: Option<OffsetDateTime>,
}

pub async fn insert(tx: &mut UserTx, token: &NewApiToken<'_>) -> Result<(), Problem> {
    let user = tx.user().0;
    sqlx::query!(
        "INSERT INTO api_tokens (id, user_id, name, prefix, token_hash, can_write, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        token.id.0,
        user,
        token.name,
        token.prefix,
        &token.sha256[..],
        token.can_write,
        token.expires_at,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub async fn list(tx: &mut UserTx) -> Result<Vec<ApiToken>, Problem> {
    let user = tx.user().0;
    let rows = sqlx::query!(
        r#"SELECT id AS "id: ApiTokenId", name, prefix, can_write, created_at, last_used_at, expires_at FROM api_tokens
            WHERE user_id = $1 ORDER BY id DESC"#,
        user
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| ApiToken {
            id: row.id,
            name: row.name,
            scopes: scopes(row.can_write),
            prefix: row.prefix,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
        })
        .collect())
}

fn scopes(can_write: bool) -> Vec<TokenScope> {
    if can_write {
        vec![TokenScope::Read, TokenScope::Write]
    } else {
        vec![TokenScope::Read]
    }
}

pub async fn count(tx: &mut UserTx) -> Result<i64, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM api_tokens WHERE user_id = $1"#,
        user
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Answers whether there was such a token.
pub async fn delete(tx: &mut UserTx, id: ApiTokenId) -> Result<bool, Problem> {
    let user = tx.user().0;
    let rows = sqlx::query!(
        "DELETE FROM api_tokens WHERE id = $1 AND user_id = $2",
        id.0,
        user
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    Ok(rows == 1)
}
