//! An account as an administrator sees it.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use secrecy::ExposeSecret;
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    accounts::MadeLink,
    http::{Problem, etag::etag},
};

#[derive(Serialize, ToSchema)]
pub struct AdminUser {
    pub id: Uuid,
    pub email: String,
    pub display_name: String,
    #[schema(value_type = crate::accounts::Role)]
    pub role: String,
    pub disabled: bool,
    /// False until the user has chosen one.
    pub has_password: bool,
    pub totp_enabled: bool,
    pub email_verified: bool,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    pub last_seen_at: Option<OffsetDateTime>,
    /// Signed-in devices.
    pub sessions: i64,
    pub quota: AdminQuota,
    /// The account is closed and its documents are being erased.
    pub erasing: bool,
    #[serde(skip)]
    pub version: i32,
}

#[derive(Serialize, ToSchema)]
pub struct AdminQuota {
    pub used_bytes: i64,
    pub reserved_bytes: i64,
    pub limit_bytes: i64,
}

/// A new account, with the link by which its user chooses the password.
#[derive(Serialize, ToSchema)]
pub struct CreatedUser {
    #[serde(flatten)]
    pub user: AdminUser,
    /// Shown once: `null` when the request is repeated.
    pub password_link: Option<PasswordLink>,
}

/// To be handed to the user. Whoever has it can set the password.
#[derive(Serialize, ToSchema)]
pub struct PasswordLink {
    pub url: String,
    pub token: String,
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

impl From<MadeLink> for PasswordLink {
    fn from(link: MadeLink) -> Self {
        Self {
            url: link.url.expose_secret().to_owned(),
            token: link.token.expose_secret().to_owned(),
            expires_at: link.expires_at,
        }
    }
}

/// The answer that shows one account, with its `ETag`.
pub fn shown(status: StatusCode, version: i32, body: &impl Serialize) -> Response {
    (status, [(header::ETAG, etag(version))], Json(body)).into_response()
}

/// 422 when a quota could not be one.
pub fn check_limit(limit_bytes: Option<i64>) -> Result<(), Problem> {
    if limit_bytes.is_some_and(|bytes| bytes < 0) {
        return Err(Problem::invalid(
            "limit_bytes",
            "out_of_range",
            "A quota is not negative.",
        ));
    }
    Ok(())
}
