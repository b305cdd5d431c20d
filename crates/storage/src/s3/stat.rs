//! What is there, whether the store is there, and removing.

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use rusty_s3::Method;

use super::{S3, answers, errors::nonsense, signing::ToSign};
use crate::{ObjectKey, ObjectStat, Sha256Digest, StorageError};

impl S3 {
    /// The object, without a look at whether the bucket is there.
    pub(super) async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectStat>, StorageError> {
        let name = key.to_string();
        let mut what = ToSign::object(Method::Head, &name);
        let checks = self.features().is_some_and(|found| found.checksum_sha256);
        if checks {
            what = what.header("x-amz-checksum-mode", "ENABLED");
        }
        let answer = self.client.call(&what).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let answer = answer.success()?;
        let sha256 = checks.then(|| checked_sha256(&answer.headers)).flatten();
        Ok(Some(ObjectStat {
            size_bytes: length(&answer.headers)
                .ok_or_else(|| nonsense("an object without a length"))?,
            etag: etag(&answer.headers)?,
            sha256,
        }))
    }

    /// A missing object is told from a missing bucket: "it is gone" has consequences.
    pub(super) async fn look(&self, key: &ObjectKey) -> Result<Option<ObjectStat>, StorageError> {
        let found = self.head(key).await?;
        if found.is_none() {
            self.require_bucket().await?;
        }
        Ok(found)
    }

    pub(super) async fn require_bucket(&self) -> Result<(), StorageError> {
        let what = ToSign::bucket(Method::Head);
        let answer = self
            .client
            .call_with(&what, Bytes::new(), self.client.patience.check)
            .await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Err(super::errors::Trouble::NoBucket.into());
        }
        answer.success().map(drop)
    }

    pub(super) async fn remove(&self, key: &ObjectKey) -> Result<(), StorageError> {
        let name = key.to_string();
        let answer = self
            .client
            .call(&ToSign::object(Method::Delete, &name))
            .await?;
        match answer.success() {
            Ok(_) | Err(StorageError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

pub(super) fn length(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

pub(super) fn etag(headers: &HeaderMap) -> Result<String, StorageError> {
    headers
        .get(header::ETAG)
        .and_then(|etag| etag.to_str().ok())
        .map(answers::unquoted)
        .filter(|etag| !etag.is_empty())
        .ok_or_else(|| nonsense("an object without an ETag"))
}

/// Of the whole object: what stores make of the digests of parts ends in `-N`, which is no digest.
fn checked_sha256(headers: &HeaderMap) -> Option<Sha256Digest> {
    if headers
        .get("x-amz-checksum-type")
        .is_some_and(|kind| kind != "FULL_OBJECT")
    {
        return None;
    }
    let digest = headers.get("x-amz-checksum-sha256")?;
    BASE64_STANDARD.decode(digest).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn only_a_digest_of_the_whole_object_counts() {
        const DIGEST: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        let of = |pairs: &[(&'static str, &str)]| checked_sha256(&headers(pairs)).is_some();
        assert!(of(&[("x-amz-checksum-sha256", DIGEST)]));
        assert!(of(&[
            ("x-amz-checksum-sha256", DIGEST),
            ("x-amz-checksum-type", "FULL_OBJECT")
        ]));
        assert!(!of(&[
            ("x-amz-checksum-sha256", DIGEST),
            ("x-amz-checksum-type", "COMPOSITE")
        ]));
        let composite = format!("{DIGEST}-3");
        assert!(!of(&[("x-amz-checksum-sha256", composite.as_str())]));
        assert!(!of(&[("x-amz-checksum-sha256", "c2hvcnQ=")]));
        assert!(!of(&[]));
    }

    #[test]
    fn an_etag_loses_its_quotes() {
        assert_eq!(etag(&headers(&[("etag", "\"ab-2\"")])).unwrap(), "ab-2");
        assert!(etag(&headers(&[("etag", "\"\"")])).is_err());
        assert!(etag(&headers(&[])).is_err());
    }
}
