//! Counts over all users, by what the queue's worker and the sweep may see.

use docuvault_jobs::{QueueDepth, queue_depth};
use time::{Duration, OffsetDateTime};

use crate::db::Database;

/// More are not counted.
const MOST_UPLOADS: i32 = 100_000;

pub async fn queue(database: &Database) -> anyhow::Result<Vec<QueueDepth>> {
    let mut tx = database.anonymous().begin().await?;
    sqlx::query("SELECT set_config('docuvault.worker', 'on', true)")
        .execute(&mut *tx)
        .await?;
    let depths = queue_depth(&mut tx).await?;
    tx.commit().await?;
    Ok(depths)
}

/// Those that would be due for the sweep in a far future: all that are open.
pub async fn open_uploads(database: &Database, now: OffsetDateTime) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "open!" FROM uploads_due($1, $2)"#,
        now + Duration::days(3650),
        MOST_UPLOADS
    )
    .fetch_one(database.anonymous())
    .await
}
