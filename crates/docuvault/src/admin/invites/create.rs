//! Invites someone. With an address the link is mailed too, and only that address may sign up by it.

use axum::{Json, extract::State};
use http::{HeaderMap, StatusCode};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    letter::send_invite,
    model::{MadeInvite, invite_expiry, invite_url, make_invite_token},
    store::{self, NewInvite},
};
use crate::{
    accounts::{Role, is_email},
    admin::model::check_limit,
    app::AppState,
    audit,
    auth::AdminCaller,
    http::{
        JsonBody, Problem,
        idempotency::{self, IdempotencyKey},
        problem::ProblemBody,
    },
};

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitation {
    email: Option<String>,
    /// `user` when left out.
    role: Option<Role>,
    /// The vault's usual quota when left out.
    #[schema(minimum = 0)]
    limit_bytes: Option<i64>,
    /// In a week when left out, in 90 days at most.
    #[serde(default, with = "time::serde::rfc3339::option")]
    expires_at: Option<OffsetDateTime>,
}

/// Invites someone.
#[utoipa::path(post, path = "/api/v1/admin/invites", operation_id = "admin_create_invite", tag = "admin", request_body = NewInvitation, responses(
    (status = CREATED, body = MadeInvite),
    (status = FORBIDDEN, description = "`admin_only`, `reauth_required`", body = ProblemBody),
))]
pub async fn create_invite(
    State(state): State<AppState>,
    caller: AdminCaller,
    headers: HeaderMap,
    JsonBody(body): JsonBody<NewInvitation>,
) -> Result<(StatusCode, Json<MadeInvite>), Problem> {
    let mut tx = caller.begin_change(&state).await?;
    let key = IdempotencyKey::of(&headers, &body)?;
    check_limit(body.limit_bytes)?;
    let email = body.email.as_deref().map(str::trim);
    if email.is_some_and(|email| !is_email(email)) {
        return Err(Problem::invalid(
            "email",
            "invalid_email",
            "This is not an e-mail address.",
        ));
    }
    let now = state.now();
    let expires_at = invite_expiry(body.expires_at, now)?;
    let id = Uuid::now_v7();
    let earlier = idempotency::claim(&mut tx, key.as_ref(), "admin.create_invite", id).await?;
    let token = match earlier {
        Some(_) => None,
        None => Some(make_invite_token()?),
    };
    let url = token.as_ref().map(|made| invite_url(&state, &made.text));
    if let Some(made) = &token {
        let invite = NewInvite {
            id,
            token_sha256: made.sha256,
            email,
            role: body.role.unwrap_or(Role::User),
            limit_bytes: body.limit_bytes,
            created_at: now,
            expires_at,
        };
        store::insert_invite(&mut tx, &invite).await?;
        let event = audit::Event::new("invite.created").with("invite_id", id.to_string());
        audit::record(&mut tx, event.with("role", invite.role.name())).await?;
    }
    if let (Some(email), Some(url)) = (email, &url) {
        send_invite(&state, &mut tx, email, url, expires_at).await?;
    }
    let invite = store::invites(&mut tx, Some(earlier.unwrap_or(id)), None, 1, now)
        .await?
        .pop()
        .ok_or_else(Problem::not_found)?;
    tx.commit().await?;
    let made = MadeInvite {
        invite,
        token: token.map(|made| made.text.expose_secret().to_owned()),
        url: url.map(|url| url.expose_secret().to_owned()),
    };
    Ok((StatusCode::CREATED, Json(made)))
}
