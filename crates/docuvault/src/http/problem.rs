//! What a request gets when it cannot be served: RFC 9457 `application/problem+json` with a stable `code`.
//!
//! Use cases return `Problem` for everything a user can cause. What we caused ourselves becomes `internal`: logged once,
//! here, with its cause and the request id, and answered without any detail.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::is_unavailable;

/// An error as its reader sees it.
#[derive(Debug)]
pub struct Problem {
    pub status: StatusCode,
    /// A stable `snake_case` word that clients act on and translate.
    pub code: &'static str,
    pub detail: String,
    pub fields: Vec<FieldError>,
    /// Further members of the body, such as `existing_id`.
    pub members: serde_json::Map<String, serde_json::Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<anyhow::Error>,
}

/// What is wrong with one field of the request.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldError {
    pub field: String,
    pub code: String,
    pub detail: String,
}

/// The body of every error answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    /// A stable word that clients act on, such as `quota_exceeded`.
    pub code: String,
    pub detail: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    pub request_id: String,
    #[serde(flatten)]
    #[schema(ignore)]
    pub members: serde_json::Map<String, serde_json::Value>,
}

/// Rides on an error answer so that the outermost layer can fill in the request id and write the one log line.
#[derive(Clone)]
pub(crate) struct Unfinished(pub(crate) std::sync::Arc<Problem>);

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            fields: Vec::new(),
            members: serde_json::Map::new(),
            headers: Vec::new(),
            cause: None,
        }
    }

    /// Not there, or not yours: the two are told apart by nothing.
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "There is nothing here, or it is not yours.",
        )
    }

    pub fn unauthenticated() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "Sign in first.",
        )
        .with_header(header::WWW_AUTHENTICATE, "Bearer")
    }

    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// One field of the body or query is not acceptable.
    pub fn invalid(field: &str, code: &str, detail: impl Into<String>) -> Self {
        let mut problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "validation_failed",
            "Some of what was sent cannot be accepted.",
        );
        problem.fields.push(FieldError {
            field: field.to_owned(),
            code: code.to_owned(),
            detail: detail.into(),
        });
        problem
    }

    /// All fields that are not acceptable, at once.
    pub fn invalid_fields(fields: Vec<FieldError>) -> Self {
        let mut problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "validation_failed",
            "Some of what was sent cannot be accepted.",
        );
        problem.fields = fields;
        problem
    }

    pub fn storage_unavailable(cause: impl Into<anyhow::Error>) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "storage_unavailable",
            "The store cannot be reached just now. Nothing is lost; try again shortly.",
        )
        .with_header(header::RETRY_AFTER, "5")
        .caused_by(cause)
    }

    pub fn database_unavailable(cause: impl Into<anyhow::Error>) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "database_unavailable",
            "The database cannot be reached just now. Nothing is lost; try again shortly.",
        )
        .with_header(header::RETRY_AFTER, "2")
        .caused_by(cause)
    }

    /// Our own fault. The cause goes to the log, never to the reader.
    pub fn internal(cause: impl Into<anyhow::Error>) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong on our side. It has been noted under this request id.",
        )
        .caused_by(cause)
    }

    pub fn with_header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.push((name, HeaderValue::from_static(value)));
        self
    }

    pub fn with_header_value(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    pub fn with(mut self, member: &str, value: impl Into<serde_json::Value>) -> Self {
        self.members.insert(member.to_owned(), value.into());
        self
    }

    pub fn caused_by(mut self, cause: impl Into<anyhow::Error>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// The cause, for the one log line.
    pub(crate) fn cause(&self) -> Option<&anyhow::Error> {
        self.cause.as_ref()
    }

    pub(crate) fn body(&self, request_id: &str) -> ProblemBody {
        ProblemBody {
            kind: "about:blank".to_owned(),
            title: self.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: self.status.as_u16(),
            code: self.code.to_owned(),
            detail: self.detail.clone(),
            errors: self.fields.clone(),
            request_id: request_id.to_owned(),
            members: self.members.clone(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        for (name, value) in &self.headers {
            response.headers_mut().insert(name, value.clone());
        }
        response
            .extensions_mut()
            .insert(Unfinished(std::sync::Arc::new(self)));
        response
    }
}

/// Database errors: an unreachable or overloaded database is a 503, a full disk a 507, the rest is ours.
impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            away if is_unavailable(away) => Self::database_unavailable(error),
            sqlx::Error::Database(inner) => match inner.code().as_deref() {
                // NUL, which JSON can carry and PostgreSQL's text cannot.
                Some("22021") => Self::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "validation_failed",
                    "Text must not hold the NUL character.",
                ),
                Some("53100") => Self::new(
                    StatusCode::INSUFFICIENT_STORAGE,
                    "out_of_space",
                    "The server's disk is full. Nothing was changed.",
                )
                .caused_by(error),
                _ => Self::internal(error),
            },
            _ => Self::internal(error),
        }
    }
}

impl From<getrandom::Error> for Problem {
    fn from(error: getrandom::Error) -> Self {
        Self::internal(anyhow::anyhow!("no randomness: {error}"))
    }
}

impl From<crate::db::SessionError> for Problem {
    fn from(error: crate::db::SessionError) -> Self {
        match error {
            crate::db::SessionError::Ended => Self::unauthenticated(),
            crate::db::SessionError::Database(error) => error.into(),
        }
    }
}
