//! Refuses requests whose head is out of all proportion, and methods that no address takes.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};

use super::{Problem, limits::HttpLimits};
use crate::app::AppState;

/// 405 for TRACE and its kin, 414 for a long address, 431 for long headers.
pub async fn check_request_shape(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    match complaint(&request, &state.config().http.limits) {
        Some(problem) => problem.into_response(),
        None => next.run(request).await,
    }
}

fn complaint(request: &Request, limits: &HttpLimits) -> Option<Problem> {
    if ["TRACE", "TRACK", "CONNECT"].contains(&request.method().as_str()) {
        let problem = Problem::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "No address takes this method.",
        );
        return Some(problem.with_header(header::ALLOW, "GET, HEAD, POST, PUT, PATCH, DELETE"));
    }
    let uri = request.uri();
    let uri_bytes = uri.path().len() + uri.query().map_or(0, |query| query.len() + 1);
    if uri_bytes > limits.uri_bytes {
        return Some(Problem::new(
            StatusCode::URI_TOO_LONG,
            "uri_too_long",
            format!("An address may have {} bytes.", limits.uri_bytes),
        ));
    }
    let headers = request.headers();
    if headers.len() > limits.headers || bytes_of(headers) > limits.header_bytes {
        return Some(Problem::new(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "headers_too_large",
            "The headers of this request are too many or too long.",
        ));
    }
    None
}

fn bytes_of(headers: &HeaderMap) -> usize {
    headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum()
}
