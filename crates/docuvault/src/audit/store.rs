//! Reading the trail: one's own rows, and what the check of the chains has to know.

use sqlx::PgConnection;
use uuid::Uuid;

use super::list::TrailEvent;
use crate::{db::UserTx, http::Problem};

/// The user's own rows, the newest first, below `before`.
pub async fn own_events(
    tx: &mut UserTx,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<TrailEvent>, Problem> {
    let user = tx.user().0;
    Ok(sqlx::query_as!(
        TrailEvent,
        "SELECT id, at, action, ip, session_id, request_id, metadata FROM audit_log
          WHERE user_id = $1 AND id < coalesce($2, 9223372036854775807) ORDER BY id DESC LIMIT $3",
        user,
        before,
        limit
    )
    .fetch_all(tx.conn())
    .await?)
}

/// One user's chain and its head; `None` where the head is missing.
pub struct Chain {
    pub user: Uuid,
    pub head: Option<(i64, Vec<u8>)>,
}

pub async fn next_chain(
    conn: &mut PgConnection,
    after: Option<Uuid>,
) -> Result<Option<Chain>, sqlx::Error> {
    let found = sqlx::query!(
        r#"SELECT user_id AS "user!", head_rows, head_hash FROM audit_next_chain($1)"#,
        after
    )
    .fetch_optional(conn)
    .await?;
    Ok(found.map(|chain| Chain {
        user: chain.user,
        head: chain.head_rows.zip(chain.head_hash),
    }))
}

/// Some rows of a chain, checked.
pub struct Slice {
    pub checked: i64,
    pub last_id: Option<i64>,
    pub last_hash: Option<Vec<u8>>,
    pub broken: Vec<i64>,
}

pub async fn check_slice(
    conn: &mut PgConnection,
    user: Uuid,
    after: Option<i64>,
    hash: &[u8],
    limit: i64,
) -> Result<Slice, sqlx::Error> {
    sqlx::query_as!(
        Slice,
        r#"SELECT checked AS "checked!", last_id, last_hash, broken AS "broken!" FROM audit_breaks($1, $2, $3, $4)"#,
        user,
        after,
        hash,
        limit
    )
    .fetch_one(conn)
    .await
}

pub async fn hash_at(
    conn: &mut PgConnection,
    user: Uuid,
    rows: i64,
) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar!("SELECT audit_hash_at($1, $2)", user, rows)
        .fetch_one(conn)
        .await
}
