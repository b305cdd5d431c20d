//! The signed-in user's own profile.

use axum::{Json, extract::State};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{app::AppState, auth::Caller, http::Problem};

#[derive(Serialize, ToSchema)]
pub struct Profile {
    id: Uuid,
    email: String,
    display_name: String,
    #[schema(value_type = super::Role)]
    role: String,
    locale: String,
    totp_enabled: bool,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
}

/// Who am I.
#[utoipa::path(get, path = "/api/v1/me", tag = "me", responses((status = OK, body = Profile)))]
pub async fn me(State(state): State<AppState>, caller: Caller) -> Result<Json<Profile>, Problem> {
    let mut tx = caller.begin(&state).await?;
    let profile = sqlx::query_as!(
        Profile,
        "SELECT id, email, display_name, role, locale, totp_enabled, created_at FROM users WHERE id = $1",
        caller.user().0
    )
    .fetch_one(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(Json(profile))
}
