//! Takes away letters that could not be sent in a month: nobody waits for them any more.

use std::time::Duration;

use crate::{app::AppState, http::Problem};

const KEPT: Duration = Duration::from_hours(30 * 24);
const AT_ONCE: i32 = 1000;

pub async fn sweep_mails(state: &AppState) -> Result<(), Problem> {
    let swept = sqlx::query_scalar!(
        r#"SELECT sweep_mails($1, $2) AS "swept!""#,
        state.now() - KEPT,
        AT_ONCE
    )
    .fetch_one(state.db().anonymous())
    .await?;
    if swept > 0 {
        tracing::warn!(
            swept,
            "letters were dropped that could not be sent in a month"
        );
    }
    Ok(())
}
