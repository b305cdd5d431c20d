//! An invitation, and its token.

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use time::{Duration, OffsetDateTime};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::AppState,
    crypto::opaque_token::{self, MadeToken, TokenKind},
    http::Problem,
};

const USUAL_TTL: Duration = Duration::days(7);
const MAX_TTL: Duration = Duration::days(90);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InviteStatus {
    Open,
    Accepted,
    Expired,
    Revoked,
}

#[derive(Serialize, ToSchema)]
pub struct Invite {
    pub id: Uuid,
    /// When set, only this address may sign up by it.
    pub email: Option<String>,
    #[schema(value_type = crate::accounts::Role)]
    pub role: String,
    /// `null`: the vault's usual quota.
    pub limit_bytes: Option<i64>,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    /// `null`: whoever runs the server, or someone whose account is gone.
    pub created_by: Option<Uuid>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub accepted_at: Option<OffsetDateTime>,
    pub status: InviteStatus,
}

impl Invite {
    /// What has become of it.
    pub fn status_of(
        accepted: bool,
        revoked: bool,
        expires_at: OffsetDateTime,
        now: OffsetDateTime,
    ) -> InviteStatus {
        if accepted {
            InviteStatus::Accepted
        } else if revoked {
            InviteStatus::Revoked
        } else if expires_at <= now {
            InviteStatus::Expired
        } else {
            InviteStatus::Open
        }
    }
}

/// A new invitation, with its link.
#[derive(Serialize, ToSchema)]
pub struct MadeInvite {
    #[serde(flatten)]
    pub invite: Invite,
    /// Shown once: `null` when the request is repeated.
    pub token: Option<String>,
    pub url: Option<String>,
}

pub fn make_invite_token() -> Result<MadeToken, Problem> {
    Ok(opaque_token::make(TokenKind::Invite)?)
}

/// Where an invitation leads.
pub fn invite_url(state: &AppState, token: &SecretString) -> SecretString {
    format!(
        "{}/sign-up#invite={}",
        state.config().public_url(),
        token.expose_secret()
    )
    .into()
}

/// When an invitation ends: in a week unless said otherwise, in 90 days at most.
pub fn invite_expiry(
    asked: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> Result<OffsetDateTime, Problem> {
    match asked {
        None => Ok(now + USUAL_TTL),
        Some(at) if at > now && at <= now + MAX_TTL => Ok(at),
        Some(_) => Err(Problem::invalid(
            "expires_at",
            "out_of_range",
            "An invitation ends within the next 90 days.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_ends_in_a_week_or_when_it_is_said_within_90_days() {
        let now = OffsetDateTime::now_utc();
        assert_eq!(invite_expiry(None, now).unwrap(), now + Duration::days(7));
        for good in [Duration::seconds(1), Duration::days(90)] {
            assert_eq!(invite_expiry(Some(now + good), now).unwrap(), now + good);
        }
        for bad in [Duration::ZERO, Duration::days(-1), Duration::days(91)] {
            assert!(invite_expiry(Some(now + bad), now).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_was_accepted_stays_accepted() {
        let now = OffsetDateTime::now_utc();
        let later = now + Duration::days(1);
        assert_eq!(
            Invite::status_of(false, false, later, now),
            InviteStatus::Open
        );
        assert_eq!(
            Invite::status_of(false, false, now, now),
            InviteStatus::Expired
        );
        assert_eq!(
            Invite::status_of(false, true, now, now),
            InviteStatus::Revoked
        );
        assert_eq!(
            Invite::status_of(true, false, now, now),
            InviteStatus::Accepted
        );
    }
}
