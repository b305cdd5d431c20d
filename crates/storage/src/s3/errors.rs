//! What an S3 store's refusals mean. Only its error code is ever repeated: its texts hold keys, and our URLs hold signatures.

use std::{error::Error, time::Duration};

use http::{HeaderMap, StatusCode, header};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

use super::{MAX_PART_BYTES, answers};
use crate::StorageError;

/// Nobody waits longer because a store says so.
const LONGEST_WAIT: Duration = Duration::from_hours(1);
/// Stores refuse signatures from clocks that differ by 15 minutes, and ours live for 5.
const CLOCK_TOLERANCE: time::Duration = time::Duration::minutes(4);

/// Why a store is unavailable.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("the S3 store cannot be reached: {0}")]
    Connection(String),
    #[error("the S3 store did not answer in time")]
    TimedOut,
    #[error("the S3 store answered {status} {code}")]
    Refused { status: u16, code: String },
    #[error("the S3 store answered nonsense: {0}")]
    Nonsense(&'static str),
    #[error("the S3 store has failed several times in a row and is left alone for a moment")]
    Resting,
    #[error("the clock of the S3 store and the clock of this machine differ")]
    ClocksDiffer,
    #[error("the S3 store has no such bucket")]
    NoBucket,
    #[error("the S3 store has not passed its acceptance test yet")]
    NotAccepted,
}

impl From<Trouble> for StorageError {
    fn from(trouble: Trouble) -> Self {
        Self::unavailable(trouble)
    }
}

/// An answer no S3 store gives.
pub(super) fn nonsense(what: &'static str) -> StorageError {
    Trouble::Nonsense(what).into()
}

/// Not now; try again after `wait`.
pub(super) fn later(trouble: Trouble, wait: Duration) -> StorageError {
    StorageError::Unavailable {
        retry_after: Some(wait),
        source: Box::new(trouble),
    }
}

/// A request that got no answer.
pub(super) fn no_answer(error: reqwest::Error) -> Trouble {
    if error.is_timeout() {
        return Trouble::TimedOut;
    }
    let error = error.without_url();
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    Trouble::Connection(causes.join(": "))
}

/// What a status that is no success means, and the body that came with it.
pub(super) fn refusal(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> StorageError {
    let code = answers::error_code(body).unwrap_or_default();
    by_code(&code, body)
        .or_else(|| by_status(status, headers))
        .unwrap_or_else(|| StorageError::Unavailable {
            retry_after: retry_after(headers),
            source: Box::new(Trouble::Refused {
                status: status.as_u16(),
                code,
            }),
        })
}

fn by_code(code: &str, body: &[u8]) -> Option<StorageError> {
    let full = [
        "StorageFull",
        "QuotaExceeded",
        "NoSpace",
        "InsufficientStorage",
    ];
    if full.iter().any(|word| code.contains(word)) || says_no_space(body) {
        return Some(StorageError::NoSpace);
    }
    Some(match code {
        "NoSuchKey" | "NoSuchUpload" => StorageError::NotFound,
        "NoSuchBucket" => Trouble::NoBucket.into(),
        "RequestTimeTooSkewed" => Trouble::ClocksDiffer.into(),
        "PreconditionFailed" => StorageError::AlreadyExists,
        "InvalidPart" | "InvalidPartOrder" | "EntityTooSmall" => StorageError::InvalidParts,
        "BadDigest" | "XAmzContentChecksumMismatch" | "XAmzContentSHA256Mismatch" => {
            StorageError::ChecksumMismatch
        }
        "EntityTooLarge" => too_large(),
        _ => return None,
    })
}

fn by_status(status: StatusCode, headers: &HeaderMap) -> Option<StorageError> {
    Some(match status {
        StatusCode::NOT_FOUND => StorageError::NotFound,
        StatusCode::PRECONDITION_FAILED => StorageError::AlreadyExists,
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        StatusCode::INSUFFICIENT_STORAGE => StorageError::NoSpace,
        // Our requests are signed as they must be, so it is the key or the clock.
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN if clocks_differ(headers) => {
            Trouble::ClocksDiffer.into()
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => StorageError::CredentialsRefused,
        _ => return None,
    })
}

fn too_large() -> StorageError {
    StorageError::TooLarge {
        max_bytes: MAX_PART_BYTES,
    }
}

/// Stores on a plain file system hand its words on, with a code that only says "internal".
fn says_no_space(body: &[u8]) -> bool {
    String::from_utf8_lossy(body)
        .to_ascii_lowercase()
        .contains("no space left on device")
}

/// Whether the answer counts as a failure of the store itself.
pub(super) fn is_failure(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS
        || (status.is_server_error()
            && !matches!(
                status,
                StatusCode::NOT_IMPLEMENTED | StatusCode::INSUFFICIENT_STORAGE
            ))
}

/// `Retry-After`, in seconds or as a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    let wait = match value.trim().parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => (http_date(value)? - OffsetDateTime::now_utc())
            .try_into()
            .unwrap_or_default(),
    };
    Some(wait.min(LONGEST_WAIT))
}

fn clocks_differ(headers: &HeaderMap) -> bool {
    headers
        .get(header::DATE)
        .and_then(|value| value.to_str().ok())
        .and_then(http_date)
        .is_some_and(|theirs| (theirs - OffsetDateTime::now_utc()).abs() > CLOCK_TOLERANCE)
}

fn http_date(value: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(value.trim(), &Rfc2822).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(code: &str) -> Vec<u8> {
        format!("<Error><Code>{code}</Code><Message>m</Message></Error>").into_bytes()
    }

    fn meaning(status: u16, code: &str, headers: &[(header::HeaderName, &str)]) -> StorageError {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.clone(), value.parse().unwrap()))
            .collect();
        let status = StatusCode::from_u16(status).unwrap();
        refusal(status, &headers, &body(code))
    }

    #[test]
    fn codes_and_statuses_are_understood() {
        use StorageError as E;
        type Wanted = fn(&E) -> bool;
        let table: [(u16, &str, Wanted); 16] = [
            (404, "NoSuchKey", |e| matches!(e, E::NotFound)),
            (404, "", |e| matches!(e, E::NotFound)),
            (404, "NoSuchUpload", |e| matches!(e, E::NotFound)),
            (404, "NoSuchBucket", E::is_temporary),
            (412, "PreconditionFailed", |e| matches!(e, E::AlreadyExists)),
            (400, "InvalidPart", |e| matches!(e, E::InvalidParts)),
            (400, "EntityTooSmall", |e| matches!(e, E::InvalidParts)),
            (400, "BadDigest", |e| matches!(e, E::ChecksumMismatch)),
            (403, "SignatureDoesNotMatch", |e| {
                matches!(e, E::CredentialsRefused)
            }),
            (403, "RequestTimeTooSkewed", E::is_temporary),
            (507, "XMinioStorageFull", |e| matches!(e, E::NoSpace)),
            (403, "QuotaExceeded", |e| matches!(e, E::NoSpace)),
            (507, "", |e| matches!(e, E::NoSpace)),
            (503, "SlowDown", E::is_temporary),
            (500, "InternalError", E::is_temporary),
            (301, "PermanentRedirect", E::is_temporary),
        ];
        for (status, code, wanted) in table {
            let error = meaning(status, code, &[]);
            assert!(wanted(&error), "{status} {code}: {error:?}");
        }
    }

    #[test]
    fn a_full_disk_behind_an_internal_error_is_seen() {
        let body = b"<Error><Code>InternalError</Code><Message>write: no space left on device</Message></Error>";
        let error = refusal(StatusCode::INTERNAL_SERVER_ERROR, &HeaderMap::new(), body);
        assert!(matches!(error, StorageError::NoSpace));
    }

    #[test]
    fn a_refusal_from_another_time_names_the_clocks() {
        let error = meaning(403, "", &[(header::DATE, "Tue, 15 Nov 1994 08:12:31 GMT")]);
        let StorageError::Unavailable { source, .. } = error else {
            panic!("{error:?}")
        };
        assert!(source.to_string().contains("clock"), "{source}");
    }

    #[test]
    fn the_wish_to_be_left_alone_is_heard_within_reason() {
        let wait = |value| match meaning(503, "SlowDown", &[(header::RETRY_AFTER, value)]) {
            StorageError::Unavailable { retry_after, .. } => retry_after,
            other => panic!("{other:?}"),
        };
        assert_eq!(wait("7"), Some(Duration::from_secs(7)));
        assert_eq!(wait("99999999999"), Some(LONGEST_WAIT));
        assert_eq!(wait("Tue, 15 Nov 1994 08:12:31 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("soon"), None);
    }

    #[test]
    fn a_code_is_repeated_only_if_it_looks_like_one() {
        let text = meaning(500, "https://store/x?X-Amz-Signature=abc", &[]);
        let StorageError::Unavailable { source, .. } = text else {
            panic!()
        };
        assert_eq!(source.to_string(), "the S3 store answered 500 ");
    }
}
