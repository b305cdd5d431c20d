//! `Idempotency-Key`: a repeat of a creating request within 24 hours gets what the first one created.
//!
//! The key is claimed in the transaction that creates, so either both are there or neither.

use http::HeaderMap;
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Problem;
use crate::db::UserTx;

const MAX_KEY_CHARS: usize = 200;

/// The key a client sent, with a fingerprint of the request it was sent for.
pub struct IdempotencyKey {
    key: String,
    request_sha256: [u8; 32],
}

impl IdempotencyKey {
    /// The key of this request, if it has one. 400 `invalid_idempotency_key` when it is not 1 to 200 visible characters.
    pub fn of(headers: &HeaderMap, request: &impl Serialize) -> Result<Option<Self>, Problem> {
        let Some(value) = headers.get("idempotency-key") else {
            return Ok(None);
        };
        let key = value
            .to_str()
            .ok()
            .filter(|key| !key.is_empty() && key.len() <= MAX_KEY_CHARS);
        let Some(key) = key else {
            return Err(Problem::bad_request(
                "invalid_idempotency_key",
                "An Idempotency-Key has 1 to 200 visible characters.",
            ));
        };
        let bytes = serde_json::to_vec(request).map_err(Problem::internal)?;
        Ok(Some(Self {
            key: key.to_owned(),
            request_sha256: Sha256::digest(bytes).into(),
        }))
    }
}

/// Gives `key` free again: what it was claimed for is taken back.
pub async fn give_back(
    tx: &mut UserTx,
    key: Option<&IdempotencyKey>,
    operation: &str,
) -> Result<(), Problem> {
    let Some(key) = key else { return Ok(()) };
    let user = tx.user().0;
    sqlx::query!(
        "DELETE FROM idempotency_keys WHERE user_id = $1 AND operation = $2 AND key = $3",
        user,
        operation,
        key.key
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Claims `key` for `resource`; answers what an earlier request with the same key created, if there was one.
/// 422 `idempotency_key_reused` when that request was another one.
pub async fn claim(
    tx: &mut UserTx,
    key: Option<&IdempotencyKey>,
    operation: &str,
    resource: Uuid,
) -> Result<Option<Uuid>, Problem> {
    let Some(key) = key else { return Ok(None) };
    let user = tx.user().0;
    let claimed = sqlx::query!(
        "INSERT INTO idempotency_keys (user_id, key, operation, request_sha256, resource_id) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (user_id, operation, key) DO UPDATE
            SET request_sha256 = excluded.request_sha256, resource_id = excluded.resource_id, created_at = now()
          WHERE idempotency_keys.created_at < now() - interval '24 hours'",
        user,
        key.key,
        operation,
        &key.request_sha256[..],
        resource,
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    if claimed == 1 {
        return Ok(None);
    }
    let first = sqlx::query!(
        "SELECT request_sha256, resource_id FROM idempotency_keys WHERE user_id = $1 AND operation = $2 AND key = $3",
        user,
        operation,
        key.key,
    )
    .fetch_one(tx.conn())
    .await?;
    if first.request_sha256 == key.request_sha256 {
        Ok(Some(first.resource_id))
    } else {
        Err(Problem::new(
            http::StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "This Idempotency-Key was used for another request.",
        ))
    }
}
