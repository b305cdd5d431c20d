//! `ETag` and `If-Match` for single resources that carry a version number.

use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::Problem;

/// The `ETag` of a resource at `version`.
pub fn etag(version: i32) -> HeaderValue {
    HeaderValue::try_from(format!("\"v{version}\""))
        .unwrap_or_else(|_| HeaderValue::from_static("\"v0\""))
}

/// 412 `precondition_failed` when the request names a version other than the present one.
pub fn check_if_match(headers: &HeaderMap, version: i32) -> Result<(), Problem> {
    let Some(wanted) = headers.get(header::IF_MATCH) else {
        return Ok(());
    };
    let present = etag(version);
    let matches = wanted.to_str().is_ok_and(|list| {
        list.split(',')
            .map(str::trim)
            .any(|tag| tag == "*" || tag.as_bytes() == present.as_bytes())
    });
    if matches {
        Ok(())
    } else {
        Err(Problem::new(
            StatusCode::PRECONDITION_FAILED,
            "precondition_failed",
            "It was changed meanwhile. Load it again, then repeat your change.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_present_version_or_a_star_passes() {
        let with = |value: &'static str| {
            HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static(value))])
        };
        assert!(check_if_match(&HeaderMap::new(), 3).is_ok());
        assert!(check_if_match(&with("\"v3\""), 3).is_ok());
        assert!(check_if_match(&with("\"v1\", \"v3\""), 3).is_ok());
        assert!(check_if_match(&with("*"), 3).is_ok());
        assert_eq!(
            check_if_match(&with("\"v2\""), 3).unwrap_err().code,
            "precondition_failed"
        );
    }
}
