//! What whoever runs the server may do on its command line, where nobody is signed in: invite someone, make a link for a password,
//! change a quota. It stands in the trail, and the user is told.

use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;
use uuid::Uuid;

use super::invites::{invite_expiry, make_invite_token};
use crate::{
    accounts::{LinkPurpose, Role, email_key, is_email, make_link_token},
    db::Database,
    http::Problem,
};

/// A token and where it is used: the part of the address after the vault's own.
pub struct HandedOver {
    pub path: String,
    pub expires_at: OffsetDateTime,
}

pub async fn invite_as_operator(
    database: &Database,
    email: Option<&str>,
    role: Role,
    limit_bytes: Option<i64>,
    now: OffsetDateTime,
) -> Result<HandedOver, Problem> {
    if email.is_some_and(|email| !is_email(email)) {
        return Err(Problem::invalid(
            "email",
            "invalid_email",
            "This is not an e-mail address.",
        ));
    }
    super::model::check_limit(limit_bytes)?;
    let made = make_invite_token()?;
    let expires_at = invite_expiry(None, now)?;
    sqlx::query!(
        "SELECT operator_make_invite($1, $2, $3, $4, $5, $6, $7)",
        Uuid::now_v7(),
        &made.sha256[..],
        email.map(str::trim),
        role.name(),
        limit_bytes,
        now,
        expires_at
    )
    .execute(database.anonymous())
    .await?;
    Ok(HandedOver {
        path: path("sign-up#invite", &made.text),
        expires_at,
    })
}

/// 404 when there is no account of this address.
pub async fn reset_link_as_operator(
    database: &Database,
    email: &str,
    now: OffsetDateTime,
) -> Result<HandedOver, Problem> {
    let made = make_link_token()?;
    let kept = sqlx::query!(
        r#"SELECT purpose AS "purpose!", expires_at AS "expires_at!" FROM operator_make_password_link($1, $2, $3, $4)"#,
        email_key(email),
        Uuid::now_v7(),
        &made.sha256[..],
        now
    )
    .fetch_optional(database.anonymous())
    .await?
    .ok_or_else(Problem::not_found)?;
    let page = LinkPurpose::from_name(&kept.purpose).page();
    Ok(HandedOver {
        path: path(&format!("{page}#token"), &made.text),
        expires_at: kept.expires_at,
    })
}

/// 404 when there is no account of this address.
pub async fn set_quota_as_operator(
    database: &Database,
    email: &str,
    limit_bytes: i64,
    now: OffsetDateTime,
) -> Result<(), Problem> {
    super::model::check_limit(Some(limit_bytes))?;
    let found = sqlx::query_scalar!(
        r#"SELECT operator_set_quota($1, $2, $3) AS "found!""#,
        email_key(email),
        limit_bytes,
        now
    )
    .fetch_one(database.anonymous())
    .await?;
    if found {
        Ok(())
    } else {
        Err(Problem::not_found())
    }
}

fn path(page: &str, token: &SecretString) -> String {
    format!("/{page}={}", token.expose_secret())
}
