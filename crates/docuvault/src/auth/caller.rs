//! The signed-in user as an argument: a handler that takes [`Caller`] is authenticated by construction, one that takes
//! [`SessionCaller`] is asked by a person and not by a script.

use std::ops::Deref;

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{Method, StatusCode, header, request::Parts};
use time::OffsetDateTime;

use super::limits;
use crate::{
    accounts::Role,
    app::AppState,
    config::RequireTotp,
    crypto::opaque_token::{self, TokenKind},
    db::{Entry, Session, SessionError, UserId, UserTx},
    http::{Problem, client_ip::ClientIp},
};

/// For so long after the password was given, changes of security need it no second time.
const RECENT: time::Duration = time::Duration::minutes(10);

#[derive(Clone, Copy)]
enum Credential {
    Session(Session),
    ApiToken([u8; 32]),
}

/// A request with a well-signed, unexpired access token, or with a personal API token whose scope covers the request's method.
/// Whether it still stands is settled by [`Caller::begin`].
pub struct Caller {
    credential: Credential,
    user: UserId,
}

impl Caller {
    pub fn user(&self) -> UserId {
        self.user
    }

    /// Opens the request's transaction. 401 if session or token have ended, 403 `totp_enrolment_required` if this vault wants a
    /// second factor that the user does not have yet.
    pub async fn begin(&self, state: &AppState) -> Result<UserTx, Problem> {
        let tx = self.begin_unenrolled(state).await?;
        if !tx.totp_enabled() && wants_totp(state, tx.role()) {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "totp_enrolment_required",
                "This vault wants a second factor. Set one up first.",
            ));
        }
        Ok(tx)
    }

    /// The same for what must work before a second factor is set up: the account itself.
    pub async fn begin_unenrolled(&self, state: &AppState) -> Result<UserTx, Problem> {
        Ok(self.open(state).await?)
    }

    pub(crate) async fn open(&self, state: &AppState) -> Result<UserTx, SessionError> {
        match &self.credential {
            Credential::Session(session) => UserTx::begin(state.db(), *session).await,
            Credential::ApiToken(hash) => {
                UserTx::begin_by_api_token(state.db(), hash, state.now()).await
            }
        }
    }
}

/// Whether this vault's policy demands a second factor of a user of this role.
pub fn wants_totp(state: &AppState, role: Role) -> bool {
    match state.config().accounts.require_totp {
        RequireTotp::None => false,
        RequireTotp::Admins => role == Role::Admin,
        RequireTotp::All => true,
    }
}

/// 403 `reauth_required` unless the password was given in this session within the last ten minutes.
pub fn require_recent_password(tx: &UserTx, now: OffsetDateTime) -> Result<(), Problem> {
    match tx.entry() {
        Entry::Session {
            authenticated_at, ..
        } if now - authenticated_at <= RECENT => Ok(()),
        _ => Err(Problem::new(
            StatusCode::FORBIDDEN,
            "reauth_required",
            "Give your password once more to do this.",
        )),
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let token = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim().to_owned())
            .unwrap_or_default();
        let found = if token.starts_with(TokenKind::Api.prefix()) {
            let Ok(ip) = ClientIp::from_request_parts(parts, state).await;
            by_api_token(state, &token, &parts.method, &ip).await
        } else {
            state
                .access_tokens()
                .read(&token, state.now())
                .map(|session| Self {
                    credential: Credential::Session(session),
                    user: session.user,
                })
                .ok_or_else(Problem::unauthenticated)
        };
        found.map_err(IntoResponse::into_response)
    }
}

async fn by_api_token(
    state: &AppState,
    token: &str,
    method: &Method,
    ip: &ClientIp,
) -> Result<Caller, Problem> {
    let refused = async || {
        limits::count_failure(state, ip).await?;
        Err(Problem::unauthenticated())
    };
    let Some(hash) = opaque_token::read(TokenKind::Api, token) else {
        return refused().await;
    };
    let tx = match UserTx::begin_by_api_token(state.db(), &hash, state.now()).await {
        Ok(tx) => tx,
        Err(SessionError::Ended) => return refused().await,
        Err(error) => return Err(error.into()),
    };
    let reads_only = matches!(*method, Method::GET | Method::HEAD);
    let may_write = matches!(
        tx.entry(),
        Entry::ApiToken {
            can_write: true,
            ..
        }
    );
    if !reads_only && !may_write {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "insufficient_scope",
            "This token may read only.",
        ));
    }
    let user = tx.user();
    // The note of its use stays.
    tx.commit().await?;
    Ok(Caller {
        credential: Credential::ApiToken(hash),
        user,
    })
}

/// A caller who signed in. Personal API tokens get 403 `session_required`: they never change the security of an account.
pub struct SessionCaller {
    caller: Caller,
    session: Session,
}

impl SessionCaller {
    pub fn session(&self) -> Session {
        self.session
    }
}

impl Deref for SessionCaller {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl FromRequestParts<AppState> for SessionCaller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let caller = Caller::from_request_parts(parts, state).await?;
        match caller.credential {
            Credential::Session(session) => Ok(Self { caller, session }),
            Credential::ApiToken(_) => Err(Problem::new(
                StatusCode::FORBIDDEN,
                "session_required",
                "This cannot be done with an API token. Sign in instead.",
            )
            .into_response()),
        }
    }
}
