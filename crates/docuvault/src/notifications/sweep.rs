//! Takes away what was read three months ago, and everything after a year.

use std::time::Duration;

use crate::{app::AppState, http::Problem};

const KEPT_AFTER_READING: Duration = Duration::from_hours(90 * 24);
const KEPT: Duration = Duration::from_hours(365 * 24);
const AT_ONCE: i32 = 1000;

pub async fn sweep_notifications(state: &AppState) -> Result<(), Problem> {
    let swept = sqlx::query_scalar!(
        r#"SELECT sweep_notifications($1, $2, $3) AS "swept!""#,
        state.now() - KEPT_AFTER_READING,
        state.now() - KEPT,
        AT_ONCE
    )
    .fetch_one(state.db().anonymous())
    .await?;
    if swept > 0 {
        tracing::info!(swept, "swept old notifications");
    }
    Ok(())
}
