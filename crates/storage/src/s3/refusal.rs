//! A store's no, in our words. Of its answer only the code is kept: the rest may repeat keys and signatures.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use reqwest::Response;

use super::{answers, http::text};
use crate::StorageError;

/// The answer, if it is a yes.
pub(super) async fn check(answer: Response) -> Result<Response, StorageError> {
    if answer.status().is_success() {
        return Ok(answer);
    }
    let (status, headers) = (answer.status(), answer.headers().clone());
    // A HEAD has no body, and one that breaks off changes nothing: the status is a no.
    let code = text(answer)
        .await
        .ok()
        .and_then(|body| answers::error_code(&body));
    Err(read(status, &headers, code.as_deref()))
}

/// A yes whose body says no.
pub(super) fn of_code(code: &str) -> StorageError {
    read(StatusCode::BAD_GATEWAY, &HeaderMap::new(), Some(code))
}

fn read(status: StatusCode, headers: &HeaderMap, code: Option<&str>) -> StorageError {
    let code = code.unwrap_or_default();
    match (status.as_u16(), code) {
        (_, "NoSuchKey" | "NoSuchUpload" | "NoSuchVersion" | "NotFound") => StorageError::NotFound,
        (_, "PreconditionFailed") | (412, _) => StorageError::AlreadyExists,
        (_, "InvalidPart" | "InvalidPartOrder" | "EntityTooSmall" | "MalformedXML") => {
            StorageError::InvalidParts
        }
        (_, "BadDigest" | "XAmzContentSHA256Mismatch" | "XAmzContentChecksumMismatch") => {
            StorageError::ChecksumMismatch
        }
        (507, _)
        | (
            _,
            "XMinioStorageFull"
            | "QuotaExceeded"
            | "InsufficientStorage"
            | "EntityTooLarge"
            | "XMinioAdminBucketQuotaExceeded",
        ) => StorageError::NoSpace,
        (_, "RequestTimeTooSkewed") => {
            StorageError::unavailable("the store's clock differs from this machine's")
        }
        (_, "NoSuchBucket") => StorageError::unavailable("there is no such bucket"),
        (404, _) => StorageError::NotFound,
        (401 | 403, _) => StorageError::CredentialsRefused,
        (status, code) => StorageError::Unavailable {
            retry_after: retry_after(headers),
            source: format!("the store answered {status} {}", plain(code)).into(),
        },
    }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    Some(Duration::from_secs(seconds.parse().ok()?))
}

/// Codes are words; anything else is none of ours to repeat.
fn plain(code: &str) -> &str {
    let is_word = code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_word { code } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, code: &str) -> StorageError {
        let code = (!code.is_empty()).then_some(code);
        read(
            StatusCode::from_u16(status).unwrap(),
            &HeaderMap::new(),
            code,
        )
    }

    #[test]
    fn refusals_become_what_the_product_acts_on() {
        assert!(matches!(of(404, ""), StorageError::NotFound));
        assert!(matches!(of(400, "NoSuchUpload"), StorageError::NotFound));
        assert!(matches!(of(412, ""), StorageError::AlreadyExists));
        assert!(matches!(of(400, "InvalidPart"), StorageError::InvalidParts));
        assert!(matches!(
            of(403, "SignatureDoesNotMatch"),
            StorageError::CredentialsRefused
        ));
        assert!(of(403, "RequestTimeTooSkewed").is_temporary());
        assert!(
            of(404, "NoSuchBucket").is_temporary(),
            "a bucket is not an object"
        );
        assert!(matches!(of(507, ""), StorageError::NoSpace));
        assert!(of(503, "SlowDown").is_temporary() && of(500, "").is_temporary());
    }

    #[test]
    fn a_code_that_is_no_word_is_not_repeated() {
        let error = of(500, "<b>secret=abc</b>");
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
    }
}
