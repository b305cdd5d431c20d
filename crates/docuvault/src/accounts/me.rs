//! The signed-in user's own profile.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, header};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{create::check_name, store};
use crate::{
    app::AppState,
    audit,
    auth::{Caller, wants_totp},
    db::UserTx,
    http::{
        JsonBody, Problem,
        etag::{check_if_match, etag},
        problem::ProblemBody,
    },
};

#[derive(Serialize, ToSchema)]
pub struct Profile {
    pub id: Uuid,
    pub email: String,
    pub display_name: String,
    #[schema(value_type = super::Role)]
    pub role: String,
    pub locale: String,
    pub totp_enabled: bool,
    /// Whether this vault demands a second factor of the user.
    pub totp_enforced: bool,
    /// Whether the address was shown to be the user's, by a link that was mailed there.
    pub email_verified: bool,
    /// The address that a change under way leads to.
    pub pending_email: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(skip)]
    pub version: i32,
}

/// Who am I.
#[utoipa::path(get, path = "/api/v1/me", tag = "me", responses((status = OK, body = Profile)))]
pub async fn me(State(state): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    let mut tx = caller.begin_unenrolled(&state).await?;
    let answer = answer(&state, &mut tx).await?;
    tx.commit().await?;
    Ok(answer)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileChange {
    #[schema(min_length = 1, max_length = 200)]
    display_name: Option<String>,
    /// `en` or `de`.
    locale: Option<String>,
}

/// Changes name or language.
#[utoipa::path(patch, path = "/api/v1/me", operation_id = "change_profile", tag = "me", request_body = ProfileChange, responses(
    (status = OK, body = Profile),
    (status = PRECONDITION_FAILED, body = ProblemBody),
    (status = UNPROCESSABLE_ENTITY, description = "`validation_failed`", body = ProblemBody),
))]
pub async fn change_me(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    JsonBody(body): JsonBody<ProfileChange>,
) -> Result<Response, Problem> {
    let name = body.display_name.as_deref().map(str::trim);
    name.map_or(Ok(()), check_name)
        .map_err(|error| Problem::invalid_fields(vec![error]))?;
    if body
        .locale
        .as_deref()
        .is_some_and(|locale| !["en", "de"].contains(&locale))
    {
        return Err(Problem::invalid(
            "locale",
            "unknown_locale",
            "Choose `en` or `de`.",
        ));
    }
    let mut tx = caller.begin_unenrolled(&state).await?;
    let version = store::lock_version(&mut tx).await?;
    check_if_match(&headers, version)?;
    store::change_profile(&mut tx, name, body.locale.as_deref()).await?;
    audit::record(&mut tx, audit::Event::new("account.profile_changed")).await?;
    let answer = answer(&state, &mut tx).await?;
    tx.commit().await?;
    Ok(answer)
}

async fn answer(state: &AppState, tx: &mut UserTx) -> Result<Response, Problem> {
    let mut profile = store::profile(tx).await?;
    profile.totp_enforced = wants_totp(state, tx.role());
    Ok(([(header::ETAG, etag(profile.version))], Json(profile)).into_response())
}
