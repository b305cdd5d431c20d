//! What a client is told: which URLs, with which headers, for how long.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use rusty_s3::Method;
use time::OffsetDateTime;

use super::{
    MAX_PART_BYTES, MAX_PARTS, S3, S3Features,
    signing::{Sender, ToSign},
};
use crate::{
    DirectParts, DownloadAs, DownloadPlan, NewUpload, ObjectKey, PartToUpload, SignedUpload,
    SignedUrl, StorageError, UploadPlan, gateway::content_disposition,
};

/// A URL for sending is good for no longer.
const UPLOAD_URL_LIFE: Duration = Duration::from_mins(15);
/// More would make an answer of many URLs unwieldy; parts grow instead.
const MOST_PARTS: u64 = 1000;
const MIB: u64 = 1024 * 1024;

impl S3 {
    /// One PUT where it can be made only once, parts everywhere else: their URLs are of no use once the upload is over.
    pub(super) async fn plan_upload(&self, upload: &NewUpload) -> Result<UploadPlan, StorageError> {
        let features = self.must_be_accepted()?;
        let part_size_bytes = part_size(self.config.part_size_bytes, upload.size_bytes);
        if part_size_bytes > MAX_PART_BYTES {
            return Err(StorageError::TooLarge {
                max_bytes: MAX_PART_BYTES * MOST_PARTS,
            });
        }
        if features.if_none_match && upload.size_bytes <= part_size_bytes {
            return Ok(UploadPlan::Direct(self.sign_single(upload, features)));
        }
        let store_upload_id = self.open_parts(&upload.key).await?;
        Ok(UploadPlan::DirectParts(DirectParts {
            store_upload_id,
            part_size_bytes,
            // At most MOST_PARTS.
            part_count: upload.size_bytes.div_ceil(part_size_bytes).max(1) as u32,
            expires_at: OffsetDateTime::now_utc() + upload.expires_in.min(UPLOAD_URL_LIFE),
        }))
    }

    fn sign_single(&self, upload: &NewUpload, features: S3Features) -> SignedUpload {
        let (key, length) = (upload.key.to_string(), upload.size_bytes.to_string());
        let mut put = ToSign::object(Method::Put, &key)
            .header("content-length", &length)
            .header("content-type", &upload.content_type)
            .header("if-none-match", "*");
        let mut headers = vec![
            ("content-type".to_owned(), upload.content_type.clone()),
            ("if-none-match".to_owned(), "*".to_owned()),
        ];
        if let Some(sha256) = upload.sha256.filter(|_| features.checksum_sha256) {
            let digest = STANDARD.encode(sha256);
            put = put.header("x-amz-checksum-sha256", digest.clone());
            headers.push(("x-amz-checksum-sha256".to_owned(), digest));
        }
        self.sign(&put, headers, upload.expires_in)
    }

    pub(super) fn sign_part(
        &self,
        key: &ObjectKey,
        store_upload_id: &str,
        part: PartToUpload,
        expires_in: Duration,
    ) -> Result<SignedUpload, StorageError> {
        self.must_be_accepted()?;
        if !(1..=MAX_PARTS).contains(&part.number) {
            return Err(StorageError::InvalidParts);
        }
        let (key, length) = (key.to_string(), part.size_bytes.to_string());
        let put = ToSign::object(Method::Put, &key)
            .query("partNumber", part.number.to_string())
            .query("uploadId", store_upload_id)
            .header("content-length", &length);
        // A part of a file has no type of its own, and browsers send none for it.
        Ok(self.sign(&put, Vec::new(), expires_in))
    }

    /// The length is signed, but not among the headers to send: a client sends it anyway, and browsers refuse to be told.
    fn sign(
        &self,
        put: &ToSign<'_>,
        headers: Vec<(String, String)>,
        expires_in: Duration,
    ) -> SignedUpload {
        let life = expires_in.min(UPLOAD_URL_LIFE);
        SignedUpload {
            url: SignedUrl::new(self.signer.by(Sender::Uploader, put, life).into()),
            headers,
            expires_at: OffsetDateTime::now_utc() + life,
        }
    }

    /// Type and disposition are signed, whatever the store remembers of the object.
    pub(super) fn plan_download(
        &self,
        key: &ObjectKey,
        download: &DownloadAs,
        expires_in: Duration,
    ) -> Result<DownloadPlan, StorageError> {
        self.must_be_accepted()?;
        let key = key.to_string();
        let get = ToSign::object(Method::Get, &key)
            .query(
                "response-content-disposition",
                content_disposition(download.disposition, &download.file_name),
            )
            .query("response-content-type", &download.content_type)
            .query("response-cache-control", "private, no-store");
        Ok(DownloadPlan::Direct {
            url: SignedUrl::new(self.signer.by(Sender::Downloader, &get, expires_in).into()),
            expires_at: OffsetDateTime::now_utc() + expires_in,
        })
    }
}

/// As configured, or larger, in whole MiB, where a file would have too many parts.
fn part_size(configured: u64, size_bytes: u64) -> u64 {
    configured.max(size_bytes.div_ceil(MOST_PARTS).next_multiple_of(MIB))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_grow_with_the_file() {
        let usual = 16 * MIB;
        assert_eq!(part_size(usual, 1), usual);
        assert_eq!(part_size(usual, 5 * 1024 * MIB), usual);
        for size in [16 * 1000 * MIB + 1, 5_000_000 * MIB, 123_456_789_012_345] {
            let part = part_size(usual, size);
            assert!(
                part.is_multiple_of(MIB) && size.div_ceil(part) <= MOST_PARTS,
                "{size}: {part}"
            );
        }
    }
}
