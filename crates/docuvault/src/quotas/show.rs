//! What is used, promised and allowed.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{app::AppState, auth::Caller, http::Problem};

#[derive(Serialize, ToSchema)]
pub struct Quota {
    used_bytes: i64,
    /// Promised to uploads that are under way.
    reserved_bytes: i64,
    limit_bytes: i64,
    /// Documents in the vault, those in the trash included.
    documents: i64,
}

/// The signed-in user's quota.
#[utoipa::path(get, path = "/api/v1/me/quota", tag = "me", responses((status = OK, body = Quota)))]
pub async fn quota(State(state): State<AppState>, caller: Caller) -> Result<Json<Quota>, Problem> {
    let mut tx = caller.begin(&state).await?;
    let quota = sqlx::query_as!(
        Quota,
        r#"SELECT used_bytes, reserved_bytes, limit_bytes,
                  -- Two counts, because each half of the documents has its own indexes.
                  (SELECT count(*) FROM documents d WHERE d.user_id = $1 AND d.trashed_at IS NULL AND d.state IN ('stored', 'processing', 'ready', 'failed'))
                + (SELECT count(*) FROM documents d WHERE d.user_id = $1 AND d.trashed_at IS NOT NULL AND d.state IN ('stored', 'processing', 'ready', 'failed')) AS "documents!"
             FROM quotas WHERE user_id = $1"#,
        caller.user().0
    )
    .fetch_one(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(Json(quota))
}
