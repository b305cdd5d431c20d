//! Signs out: the whole family of the cookie's token ends, and the cookie goes. An unknown token is no error.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use secrecy::ExposeSecret;

use super::{origin::SameOrigin, store};
use crate::{app::AppState, audit, crypto::refresh_token, db::UserTx, events, http::Problem};

/// Ends the session.
#[utoipa::path(post, path = "/api/v1/auth/logout", tag = "auth", security(("refresh_cookie" = [])), responses((status = NO_CONTENT)))]
pub async fn logout(
    State(state): State<AppState>,
    _: SameOrigin,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(token) = state
        .refresh_cookie()
        .read(&headers)
        .and_then(|token| refresh_token::read(state.refresh_key(), token.expose_secret()))
    {
        let owner = super::refresh::session_owner(&state, token.session).await?;
        if let Some(user) = owner {
            let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
            if store::revoke(&mut tx, token.session, "logout").await? {
                audit::record(
                    &mut tx,
                    audit::Event::new("auth.signed_out")
                        .with("session_id", token.session.to_string()),
                )
                .await?;
                events::announce(&mut tx, events::Change::SessionEnded).await?;
            }
            tx.commit().await?;
        }
    }
    Ok((
        StatusCode::NO_CONTENT,
        [(header::SET_COOKIE, state.refresh_cookie().clear())],
    )
        .into_response())
}
