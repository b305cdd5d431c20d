//! Gives every request an id, writes one line about it, and finishes error answers. Paths are logged as route patterns and
//! queries not at all, so neither ids of documents nor signed URLs reach a log. Outermost, so it also settles who is asking and says so
//! to all that follows.

use std::time::Instant;

use axum::{
    Json,
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue};
use uuid::Uuid;

use super::{
    client_ip::{ClientIp, peer_of},
    problem::Unfinished,
    request_context::{RequestContext, user_agent},
};
use crate::app::AppState;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id under which a request is logged; also in the answer's `X-Request-Id`.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// Outermost layer of the router.
pub async fn log_requests(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = RequestId(Uuid::now_v7().simple().to_string());
    let client_ip = ClientIp::of(
        peer_of(request.extensions()),
        request.headers(),
        &state.config().http.trusted_proxies,
    );
    request.extensions_mut().insert(id.clone());
    request.extensions_mut().insert(client_ip);
    let context = RequestContext {
        request_id: id.0.clone(),
        client_ip,
        user_agent: user_agent(request.headers()),
    };
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "(none)".to_owned(), |path| path.as_str().to_owned());
    let started = Instant::now();

    let mut response = context.scope(next.run(request)).await;

    if let Some(Unfinished(problem)) = response.extensions_mut().remove::<Unfinished>() {
        state.figures().count_problem(problem.code);
        if let Some(cause) = problem.cause() {
            tracing::error!(
                request_id = id.0,
                route,
                code = problem.code,
                cause = format!("{cause:#}"),
                "request failed"
            );
        }
        let headers = std::mem::take(response.headers_mut());
        response = (problem.status, Json(problem.body(&id.0))).into_response();
        response.headers_mut().extend(headers);
        response.headers_mut().insert(
            http::header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
    }
    if let Ok(value) = HeaderValue::try_from(&id.0) {
        response.headers_mut().insert(REQUEST_ID.clone(), value);
    }
    let (status, took) = (response.status(), started.elapsed());
    state.figures().count(&method, &route, status, took);
    if route.starts_with("/health") && status.is_success() {
        // Asked by machines every few seconds.
        return response;
    }
    tracing::info!(
        request_id = id.0,
        ip = client_ip.text(),
        %method,
        route,
        status = status.as_u16(),
        duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        "request"
    );
    response
}
