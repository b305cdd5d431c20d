//! The gateway: streams bytes for stores that cannot sign URLs themselves. A signed ticket in the path is the permission; no
//! session, cookie or header counts here, and at most one chunk of a file is in memory.

mod receive;
mod send;

use axum::{
    Router,
    extract::{FromRequestParts, Path},
    middleware::map_response,
    response::{IntoResponse, Response},
    routing::put,
};
use docuvault_storage::gateway::{GatewayTicket, TicketError};
use http::{HeaderValue, StatusCode, header, request::Parts};

use crate::{app::AppState, http::Problem};

pub fn routes() -> Router<AppState> {
    Router::new().route(
        "/gateway/v1/{ticket}",
        put(receive::receive)
            .layer(map_response(end_connection_of_refused))
            .get(send::send),
    )
}

/// A refused sender may still be sending. Their connection is closed, and this tells them so; else they would send the next request
/// on it and find it broken.
async fn end_connection_of_refused(mut response: Response) -> Response {
    if !response.status().is_success() {
        response
            .headers_mut()
            .insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// The ticket in the path, as it was sent.
struct TicketText(String);

impl<S: Send + Sync> FromRequestParts<S> for TicketText {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        // What is not even text was not made by this vault either.
        Path::from_request_parts(parts, state)
            .await
            .map(|Path(text)| Self(text))
            .map_err(|_| bad_ticket().into_response())
    }
}

/// A ticket that is good now. One of another kind answers like a forged one.
fn read_ticket(state: &AppState, token: &str) -> Result<GatewayTicket, Problem> {
    GatewayTicket::verify(token, state.tickets(), state.now()).map_err(|error| match error {
        TicketError::Expired => Problem::new(
            StatusCode::FORBIDDEN,
            "ticket_expired",
            "This address was good for a short time only. Ask for a new one.",
        ),
        TicketError::Malformed | TicketError::BadSignature => bad_ticket(),
    })
}

fn bad_ticket() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "invalid_ticket",
        "This address was not made by this vault, or not for this.",
    )
}
