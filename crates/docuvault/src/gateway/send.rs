//! Sends an object, or a range of it, the way its ticket says: type and disposition come from the ticket, never from the file.

use axum::{body::Body, extract::State, response::Response};
use docuvault_storage::{
    ByteRange, StorageError,
    gateway::{
        GatewayTicket, GetTicket, RangeRequest, content_disposition, content_range, parse_range,
        served_as,
    },
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{TicketText, bad_ticket, read_ticket};
use crate::{
    app::AppState,
    http::{Problem, security_headers::FILE_POLICY},
};

/// `GET /gateway/v1/{ticket}`: 200, 206 for a range, 304, 416.
pub async fn send(
    State(state): State<AppState>,
    TicketText(token): TicketText,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let GatewayTicket::Get(ticket) = read_ticket(&state, &token)? else {
        return Err(bad_ticket());
    };
    let stat = state
        .storage()
        .stat(&ticket.key)
        .await?
        .ok_or_else(Problem::not_found)?;
    let etag = format!("\"{}\"", stat.etag);
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if text(header::IF_NONE_MATCH)
        .is_some_and(|known| known.split(',').any(|tag| tag.trim() == etag))
    {
        return answer(StatusCode::NOT_MODIFIED, &ticket, &etag, Body::empty());
    }
    // A range of what the reader has seen before; of anything else, the whole.
    let range_header =
        text(header::RANGE).filter(|_| text(header::IF_RANGE).is_none_or(|known| known == etag));
    let range = match parse_range(range_header, stat.size_bytes) {
        RangeRequest::Whole => None,
        RangeRequest::Part(range) => Some(range),
        RangeRequest::Unsatisfiable => return Err(not_satisfiable(stat.size_bytes)),
    };
    let read = match state.storage().get_stream(&ticket.key, range).await {
        Ok(read) => read,
        Err(StorageError::NotFound) => return Err(Problem::not_found()),
        Err(StorageError::RangeNotSatisfiable { size_bytes }) => {
            return Err(not_satisfiable(size_bytes));
        }
        Err(error) => return Err(error.into()),
    };
    let status = if range.is_some() {
        StatusCode::PARTIAL_CONTENT
    } else {
        StatusCode::OK
    };
    let mut response = answer(status, &ticket, &etag, Body::from_stream(read.bytes))?;
    let length = range.map_or(read.stat.size_bytes, ByteRange::length_bytes);
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    if range.is_some() {
        insert(
            &mut response,
            header::CONTENT_RANGE,
            content_range(range, read.stat.size_bytes),
        )?;
    }
    Ok(response)
}

fn answer(
    status: StatusCode,
    ticket: &GetTicket,
    etag: &str,
    body: Body,
) -> Result<Response, Problem> {
    let served = served_as(&ticket.content_type, ticket.disposition);
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(served.content_type),
    );
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(FILE_POLICY),
    );
    // Objects are written once, so a copy stays right; only for whoever holds the ticket.
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, max-age=3600, immutable"),
    );
    insert(&mut response, header::ETAG, etag.to_owned())?;
    insert(
        &mut response,
        header::CONTENT_DISPOSITION,
        content_disposition(served.disposition, &ticket.file_name),
    )?;
    Ok(response)
}

fn insert(response: &mut Response, name: header::HeaderName, value: String) -> Result<(), Problem> {
    response.headers_mut().insert(
        name,
        HeaderValue::try_from(value).map_err(Problem::internal)?,
    );
    Ok(())
}

fn not_satisfiable(size_bytes: u64) -> Problem {
    let problem = Problem::new(
        StatusCode::RANGE_NOT_SATISFIABLE,
        "range_not_satisfiable",
        "The file has no such range.",
    );
    match HeaderValue::try_from(content_range(None, size_bytes)) {
        Ok(value) => problem.with_header_value(header::CONTENT_RANGE, value),
        Err(_) => problem,
    }
}
