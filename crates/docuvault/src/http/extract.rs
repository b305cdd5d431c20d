//! Reads bodies, queries and path ids, and says exactly what is wrong with them.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    response::Response,
};
use http::{StatusCode, header, request::Parts};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{
    Problem,
    admission::{incomplete, too_large},
};
use axum::response::IntoResponse;

/// The JSON API takes no body larger than this.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// A JSON body: 400 when malformed, 400 `unknown_field`, 413 when too large, 415 for another content type, 422 for wrong values.
pub struct JsonBody<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        read_json(request)
            .await
            .map(Self)
            .map_err(IntoResponse::into_response)
    }
}

/// A JSON body that may be left out, whatever its content type is said to be; held to the other rules if it is there.
pub struct OptionalJsonBody<T>(pub Option<T>);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for OptionalJsonBody<T> {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let read = async {
            let bytes = read_bytes(request).await?;
            if bytes.is_empty() {
                Ok(None)
            } else {
                parse_json(&bytes).map(Some)
            }
        };
        read.await.map(Self).map_err(Problem::into_response)
    }
}

async fn read_json<T: DeserializeOwned>(request: Request) -> Result<T, Problem> {
    let is_json = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            value
                .split(';')
                .next()
                .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
        });
    if !is_json {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "Send JSON with Content-Type: application/json.",
        ));
    }
    parse_json(&read_bytes(request).await?)
}

async fn read_bytes(request: Request) -> Result<Bytes, Problem> {
    let body = Limited::new(request.into_body(), MAX_BODY_BYTES)
        .collect()
        .await
        .map_err(|error| {
            if error.is::<LengthLimitError>() {
                too_large()
            } else {
                incomplete()
            }
        })?;
    Ok(body.to_bytes())
}

fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| json_problem(&error))?;
    deserializer.end().map_err(|_| {
        Problem::bad_request(
            "malformed_json",
            "There is something after the end of the JSON value.",
        )
    })?;
    Ok(value)
}

fn json_problem(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let field = error.path().to_string();
    let inner = error.inner();
    let message = inner.to_string();
    if let Some(name) = message
        .strip_prefix("unknown field `")
        .and_then(|rest| rest.split('`').next())
    {
        return Problem::bad_request(
            "unknown_field",
            format!("There is no field named {name:?} here."),
        );
    }
    if inner.is_data() {
        if let Some(name) = message
            .strip_prefix("missing field `")
            .and_then(|rest| rest.split('`').next())
        {
            return Problem::invalid(name, "required", "This field is required.");
        }
        return Problem::invalid(&field, "invalid", "This value is not of the right kind.");
    }
    Problem::bad_request("malformed_json", "The body is not well-formed JSON.")
}

/// A query string, held to the same rules as a body.
pub struct QueryOf<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for QueryOf<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(value)) => Ok(Self(value)),
            Err(error) => {
                let message = error.body_text();
                let problem = if message.contains("unknown field") {
                    let name = message.split('`').nth(1).unwrap_or_default().to_owned();
                    Problem::bad_request(
                        "unknown_field",
                        format!("There is no query parameter named {name:?} here."),
                    )
                } else {
                    let field = message.split(": ").nth(1).unwrap_or_default().to_owned();
                    Problem::invalid(
                        &field,
                        "invalid",
                        "A query parameter is not of the right kind.",
                    )
                };
                Err(problem.into_response())
            }
        }
    }
}

/// The `{id}` of a path. What is no UUID names nothing: 404.
#[derive(Debug, Clone, Copy)]
pub struct PathId(pub Uuid);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        match Path::<Uuid>::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(_) => Err(Problem::not_found().into_response()),
        }
    }
}
