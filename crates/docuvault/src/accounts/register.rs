//! Signs up: by an invitation, or freely where the vault is open to all.

use axum::{Json, extract::State};
use http::{HeaderMap, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::{
    NewAccount, Role, change_email::queue_verification, create_account, email_key, locale_of, store,
};
use crate::{
    app::AppState,
    audit,
    auth::{self, SignedIn, start_session},
    config::Registration,
    crypto::opaque_token::{self, TokenKind},
    db::{UserId, UserTx},
    http::{JsonBody, Problem, client_ip::ClientIp, problem::ProblemBody},
};

const MIN_PASSWORD_CHARS: u32 = 8;

#[derive(Serialize, ToSchema)]
#[schema(as = SignUpOptions)]
pub struct Options {
    /// `open`, `invite` or `closed`.
    registration: &'static str,
    min_password_chars: u32,
    /// Whether mail leaves this vault: only then is a reset link mailed anywhere.
    mail: bool,
}

/// What the pages before signing in have to offer.
#[utoipa::path(get, path = "/api/v1/auth/options", operation_id = "auth_options", tag = "auth", security(()), responses((status = OK, body = Options)))]
pub async fn options(State(state): State<AppState>) -> Json<Options> {
    Json(Options {
        registration: match state.config().accounts.registration {
            Registration::Open => "open",
            Registration::Invite => "invite",
            Registration::Closed => "closed",
        },
        min_password_chars: MIN_PASSWORD_CHARS,
        mail: state.config().mail.smtp_url.is_some(),
    })
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteToken {
    #[schema(value_type = String)]
    invite_token: SecretString,
}

#[derive(Serialize, ToSchema)]
pub struct Invitation {
    /// When set, only this address may sign up.
    email: Option<String>,
    #[schema(value_type = Role)]
    role: String,
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
}

/// What an invitation is for. By POST, so that the token stands in no address.
#[utoipa::path(post, path = "/api/v1/auth/invite", operation_id = "show_invitation", tag = "auth", security(()), request_body = InviteToken, responses(
    (status = OK, body = Invitation),
    (status = FORBIDDEN, description = "`invalid_invite`", body = ProblemBody),
    (status = TOO_MANY_REQUESTS, description = "`too_many_attempts`", body = ProblemBody),
))]
pub async fn show_invitation(
    State(state): State<AppState>,
    ip: ClientIp,
    JsonBody(body): JsonBody<InviteToken>,
) -> Result<Json<Invitation>, Problem> {
    auth::count_network(&state, "invite:network", &ip).await?;
    let (_, invite) = find_invite(&state, &body.invite_token).await?;
    Ok(Json(Invitation {
        email: invite.email,
        role: invite.role,
        expires_at: invite.expires_at,
    }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignUp {
    email: String,
    #[schema(value_type = String, min_length = 8, max_length = 128)]
    password: SecretString,
    display_name: String,
    #[schema(value_type = Option<String>)]
    invite_token: Option<SecretString>,
    /// `en` or `de`: the language of the starter topics and of mail.
    locale: Option<String>,
}

/// Signs up and in.
#[utoipa::path(post, path = "/api/v1/auth/register", operation_id = "register", tag = "auth", security(()), request_body = SignUp, responses(
    (status = CREATED, body = auth::SessionAnswer),
    (status = FORBIDDEN, description = "`registration_closed`, `invalid_invite`", body = ProblemBody),
    (status = CONFLICT, description = "`email_taken`", body = ProblemBody),
    (status = UNPROCESSABLE_ENTITY, description = "`validation_failed`", body = ProblemBody),
    (status = TOO_MANY_REQUESTS, description = "`too_many_attempts`", body = ProblemBody),
))]
pub async fn register(
    State(state): State<AppState>,
    ip: ClientIp,
    headers: HeaderMap,
    JsonBody(body): JsonBody<SignUp>,
) -> Result<SignedIn, Problem> {
    auth::count_network(&state, "register:network", &ip).await?;
    let invite = admit(&state, body.invite_token.as_ref()).await?;
    let invited = invite.as_ref().map(|(_, invite)| invite);
    let wanted = invited.and_then(|invite| invite.email.as_deref());
    if wanted.is_some_and(|wanted| email_key(wanted) != email_key(&body.email)) {
        return Err(Problem::invalid(
            "email",
            "not_invited",
            "The invitation is for another address.",
        ));
    }
    let account = NewAccount {
        email: body.email,
        password: body.password,
        display_name: body.display_name,
        role: invited.map_or(Role::User, |invite| Role::from_name(&invite.role)),
        locale: locale_of(body.locale),
        limit_bytes: invited.and_then(|invite| invite.limit_bytes),
        // The invitation went there, if mail goes anywhere.
        email_verified: wanted.is_some() && state.config().mail.smtp_url.is_some(),
    };
    account.check()?;
    let hash = state
        .passwords()
        .hash(account.password.clone())
        .await
        .map_err(Problem::internal)?;

    let mut tx = UserTx::on_behalf_of(state.db(), UserId::new()).await?;
    create_account(&state, &mut tx, &account, Some(&hash)).await?;
    match &invite {
        Some((hash, _)) => {
            if !store::accept_invite(&mut tx, hash, state.now()).await? {
                return Err(invalid_invite());
            }
            audit::record(&mut tx, audit::Event::new("invite.accepted")).await?;
        }
        None => audit::record(&mut tx, audit::Event::new("account.registered")).await?,
    }
    if !account.email_verified {
        queue_verification(&state, &mut tx).await?;
    }
    let signed_in = start_session(&state, &mut tx, &ip, &headers).await?;
    tx.commit().await?;
    Ok(signed_in.created())
}

type Invite = ([u8; 32], store::OpenInvite);

/// Whether one may sign up at all, and by which invitation.
async fn admit(state: &AppState, token: Option<&SecretString>) -> Result<Option<Invite>, Problem> {
    let closed = || {
        Problem::new(
            StatusCode::FORBIDDEN,
            "registration_closed",
            "Signing up takes an invitation. Ask whoever runs this vault.",
        )
    };
    match (state.config().accounts.registration, token) {
        (Registration::Closed, _) | (Registration::Invite, None) => Err(closed()),
        (_, Some(token)) => find_invite(state, token).await.map(Some),
        (Registration::Open, None) => Ok(None),
    }
}

async fn find_invite(state: &AppState, token: &SecretString) -> Result<Invite, Problem> {
    let hash =
        opaque_token::read(TokenKind::Invite, token.expose_secret()).ok_or_else(invalid_invite)?;
    let invite = store::find_invite(state.db(), &hash, state.now())
        .await?
        .ok_or_else(invalid_invite)?;
    Ok((hash, invite))
}

/// Used up, expired, taken back and never made answer alike.
fn invalid_invite() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "invalid_invite",
        "This invitation is used up or too old. Ask for a new one.",
    )
}
