//! Starts a session and answers with it: an access token in the body, the refresh token in the cookie.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    device_cookie::{self, Acquaintance},
    limits::Device,
    store,
};
use crate::{
    app::AppState,
    audit,
    crypto::refresh_token,
    db::{Session, SessionId, UserTx},
    events,
    http::{Problem, client_ip::ClientIp, request_context::user_agent},
    notifications::{self, Kind},
};

#[derive(Serialize, ToSchema)]
pub struct SessionAnswer {
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds the access token lives.
    expires_in: u64,
    user: SessionUser,
}

#[derive(Serialize, ToSchema)]
pub struct SessionUser {
    pub id: Uuid,
    pub email: String,
    pub display_name: String,
    #[schema(value_type = crate::accounts::Role)]
    pub role: String,
    pub totp_enabled: bool,
}

/// A session answer with its cookie.
pub struct SignedIn {
    status: StatusCode,
    answer: SessionAnswer,
    cookies: Vec<http::HeaderValue>,
}

impl SignedIn {
    pub fn created(mut self) -> Self {
        self.status = StatusCode::CREATED;
        self
    }
}

impl IntoResponse for SignedIn {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.answer)).into_response();
        for cookie in self.cookies {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}

/// Opens a new session for the transaction's user. The answer is good once the transaction is committed.
pub async fn start_session(
    state: &AppState,
    tx: &mut UserTx,
    ip: &ClientIp,
    headers: &HeaderMap,
) -> Result<SignedIn, Problem> {
    let id = SessionId::new();
    let token = refresh_token::make(state.refresh_key(), id, 0)?;
    let sessions = &state.config().sessions;
    store::insert_session(
        tx,
        &store::NewSession {
            id,
            current_hash: refresh_token::sha256(&token),
            authenticated_at: state.now(),
            idle_expires_at: state.now() + sessions.idle_ttl,
            absolute_expires_at: state.now() + sessions.absolute_ttl,
            user_agent: user_agent(headers),
            ip: ip.text(),
        },
    )
    .await?;
    audit::record(
        tx,
        audit::Event::new("auth.signed_in").with("session_id", id.to_string()),
    )
    .await?;
    let of = Acquaintance {
        user: tx.user(),
        password_changed_at: store::password_changed_at(tx).await?,
    };
    let mut signed_in = answer(state, tx, id, &token).await?;
    signed_in
        .cookies
        .push(device_cookie::remember(state, headers, of)?);
    Ok(signed_in)
}

/// The same at a sign-in, where one from an unknown device is told to a user who has others.
pub(super) async fn start_session_on(
    state: &AppState,
    tx: &mut UserTx,
    ip: &ClientIp,
    headers: &HeaderMap,
    device: &Device,
) -> Result<SignedIn, Problem> {
    if let Device::Unknown {
        signed_in_before: true,
    } = device
    {
        notifications::notify(state, tx, Kind::NewSignIn, serde_json::Map::new()).await?;
    }
    start_session(state, tx, ip, headers).await
}

/// Ends every session of the transaction's user but the one that asks; answers how many those were.
pub async fn end_others(tx: &mut UserTx, reason: &str) -> Result<u64, Problem> {
    let ended = store::revoke_others(tx, reason).await?;
    events::announce(tx, events::Change::SessionEnded).await?;
    Ok(ended)
}

/// The answer for session `id` with `token` in its cookie.
pub(super) async fn answer(
    state: &AppState,
    tx: &mut UserTx,
    id: SessionId,
    token: &SecretString,
) -> Result<SignedIn, Problem> {
    let (user, epoch) = store::session_user(tx).await?;
    let session = Session {
        user: tx.user(),
        id,
        epoch,
    };
    let access_token = state
        .access_tokens()
        .make(session, state.now())
        .map_err(Problem::internal)?;
    Ok(SignedIn {
        status: StatusCode::OK,
        cookies: vec![
            state
                .refresh_cookie()
                .set(token, state.config().sessions.idle_ttl.as_secs())
                .map_err(Problem::internal)?,
        ],
        answer: SessionAnswer {
            access_token: access_token.expose_secret().to_owned(),
            token_type: "Bearer",
            expires_in: state.access_tokens().ttl_seconds(),
            user,
        },
    })
}
