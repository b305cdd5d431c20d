//! The signed-in user as an argument: a handler that takes [`Caller`] is authenticated by construction.

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{header, request::Parts};

use crate::{
    app::AppState,
    db::{Session, UserId, UserTx},
    http::Problem,
};

/// A request with a well-signed, unexpired access token. Whether its session still stands is settled by [`Caller::begin`].
pub struct Caller {
    session: Session,
}

impl Caller {
    pub fn user(&self) -> UserId {
        self.session.user
    }

    pub fn session(&self) -> Session {
        self.session
    }

    /// Opens the request's transaction; 401 if the session has ended.
    pub async fn begin(&self, state: &AppState) -> Result<UserTx, Problem> {
        Ok(UserTx::begin(state.db(), self.session).await?)
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
            .map(|(_, token)| token.trim());
        token
            .and_then(|token| state.access_tokens().read(token, state.now()))
            .map(|session| Self { session })
            .ok_or_else(|| Problem::unauthenticated().into_response())
    }
}
