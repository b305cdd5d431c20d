//! Takes back the promises of uploads that were abandoned, well after their time is over, so that none still under way is cut.

use super::abort;
use crate::{
    app::AppState,
    db::{UploadId, UserId},
    http::Problem,
};

const AT_ONCE: i32 = 200;

/// Discards uploads that ran out; answers how many. One that cannot be discarded now is met again at the next sweep.
pub async fn sweep_uploads(state: &AppState) -> Result<usize, Problem> {
    let before = state.now() - state.config().limits.sweep_grace;
    let due = sqlx::query!(r#"SELECT user_id AS "user_id!: UserId", upload_id AS "upload_id!: UploadId" FROM uploads_due($1, $2)"#, before, AT_ONCE)
        .fetch_all(state.db().anonymous())
        .await?;
    let mut swept = 0;
    for upload in due {
        match abort::discard(state, upload.user_id, upload.upload_id, "expired").await {
            Ok(()) => swept += 1,
            Err(problem) => tracing::warn!(
                code = problem.code,
                "an abandoned upload could not be swept; it will be tried again"
            ),
        }
    }
    if swept > 0 {
        tracing::info!(swept, "swept abandoned uploads");
    }
    Ok(swept)
}
