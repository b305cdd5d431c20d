//! How often something may be tried, counted in PostgreSQL so that it holds over all processes and restarts.
//!
//! A generic cell rate algorithm: each try fills a bucket that empties at a steady pace; a full bucket refuses. One statement
//! a try, and a refused try writes nothing, so a flood costs little.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderValue, StatusCode, header};
use sha2::Sha256;
use time::OffsetDateTime;

use super::Problem;
use crate::{app::AppState, db::Database};

/// A kind of bucket: `burst` tries in a row, after that one every `pause`.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    pub name: &'static str,
    pub burst: u32,
    pub pause: Duration,
}

/// Counts one try about `what` (an account, a network, a user). 429 `too_many_attempts` with `Retry-After` when the bucket is full.
pub async fn count_try(state: &AppState, limit: Limit, what: &str) -> Result<(), Problem> {
    let key = key(state, limit, what)?;
    let now = state.now();
    let room = limit.pause * limit.burst;
    let counted = sqlx::query_scalar!(
        r#"INSERT INTO rate_limits AS r (key, full_at) VALUES ($1, $2::timestamptz + $3)
           ON CONFLICT (key) DO UPDATE SET full_at = greatest(r.full_at, $2) + $3 WHERE greatest(r.full_at, $2) + $3 <= $2 + $4
           RETURNING full_at"#,
        &key[..],
        now,
        interval(limit.pause)?,
        interval(room)?,
    )
    .fetch_optional(state.db().anonymous())
    .await?;
    if counted.is_some() {
        return Ok(());
    }
    let full_at = sqlx::query_scalar!("SELECT full_at FROM rate_limits WHERE key = $1", &key[..])
        .fetch_optional(state.db().anonymous())
        .await?
        .unwrap_or(now);
    Err(refused(full_at + limit.pause - room, now))
}

/// Takes a counted try back, because it was a right one: only wrong ones fill the bucket.
pub async fn take_back_try(state: &AppState, limit: Limit, what: &str) -> Result<(), Problem> {
    let key = key(state, limit, what)?;
    sqlx::query!(
        "UPDATE rate_limits SET full_at = full_at - $2::interval WHERE key = $1",
        &key[..],
        interval(limit.pause)?,
    )
    .execute(state.db().anonymous())
    .await?;
    Ok(())
}

fn refused(free_at: OffsetDateTime, now: OffsetDateTime) -> Problem {
    let seconds = (free_at - now).whole_seconds().max(0) + 1;
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too_many_attempts",
        "That was tried too often. Wait a little, then try again.",
    )
    .with_header_value(header::RETRY_AFTER, HeaderValue::from(seconds))
}

/// The table holds no address and no account's name, only an HMAC of them.
fn key(state: &AppState, limit: Limit, what: &str) -> Result<[u8; 16], Problem> {
    let secret = state.keys().system("rate-limits");
    let mut mac = Hmac::<Sha256>::new_from_slice(&secret[..]).map_err(Problem::internal)?;
    mac.update(limit.name.as_bytes());
    mac.update(&[0]);
    mac.update(what.as_bytes());
    let mut key = [0; 16];
    key.copy_from_slice(&mac.finalize().into_bytes()[..16]);
    Ok(key)
}

fn interval(duration: Duration) -> Result<sqlx::postgres::types::PgInterval, Problem> {
    sqlx::postgres::types::PgInterval::try_from(duration)
        .map_err(|error| Problem::internal(anyhow::anyhow!("{error}")))
}

/// Removes buckets that have long been empty.
pub async fn forget_old_tries(database: &Database, now: OffsetDateTime) -> Result<(), Problem> {
    sqlx::query!("DELETE FROM rate_limits WHERE full_at < $1", now)
        .execute(database.anonymous())
        .await?;
    Ok(())
}
