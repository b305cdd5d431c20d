//! How clients send and fetch bytes themselves: signed URLs that allow one thing, for a while.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use rusty_s3::Method;
use time::OffsetDateTime;

use super::{
    LARGEST_OBJECT_BYTES, MAX_PART_BYTES, MAX_PARTS, S3,
    signing::{Sender, ToSign},
};
use crate::{
    DirectParts, DownloadAs, DownloadPlan, NewUpload, ObjectKey, PartToUpload, SignedUpload,
    SignedUrl, StorageError, UploadPlan, gateway,
};

const MIB: u64 = 1024 * 1024;
/// An upload has no more parts than fit on one page of a listing, and in one answer of ours.
const PARTS_PER_UPLOAD: u64 = 1000;
/// S3 refuses what is signed for longer.
const LONGEST_LIFE: Duration = Duration::from_hours(7 * 24);

/// The wanted size of parts, or what an object of `size_bytes` needs.
pub(super) fn part_size_for(size_bytes: u64, wanted_bytes: u64) -> Result<u64, StorageError> {
    let needed = size_bytes
        .div_ceil(PARTS_PER_UPLOAD)
        .div_ceil(MIB)
        .saturating_mul(MIB);
    let part_size_bytes = wanted_bytes.max(needed);
    if part_size_bytes > MAX_PART_BYTES || size_bytes > LARGEST_OBJECT_BYTES {
        return Err(StorageError::TooLarge {
            max_bytes: LARGEST_OBJECT_BYTES,
        });
    }
    Ok(part_size_bytes)
}

impl S3 {
    /// One PUT only where its URL, used again, cannot change what has been stored. The URL of a part is dead once the parts are joined.
    pub(super) async fn plan_upload(&self, upload: &NewUpload) -> Result<UploadPlan, StorageError> {
        let features = self.accepted()?;
        let part_size_bytes = part_size_for(upload.size_bytes, self.part_size_bytes)?;
        if features.if_none_match && upload.size_bytes <= part_size_bytes {
            let sha256 = upload.sha256.filter(|_| features.checksum_sha256);
            let sha256 = sha256.map(|digest| BASE64_STANDARD.encode(digest));
            return Ok(UploadPlan::Direct(self.signed_put(upload, sha256)));
        }
        let id = self
            .client
            .open_upload(&upload.key, &upload.content_type)
            .await?;
        Ok(UploadPlan::DirectParts(DirectParts {
            store_upload_id: id,
            part_size_bytes,
            part_count: upload.size_bytes.div_ceil(part_size_bytes).max(1) as u32,
            expires_at: OffsetDateTime::now_utc() + upload.expires_in,
        }))
    }

    fn signed_put(&self, upload: &NewUpload, sha256: Option<String>) -> SignedUpload {
        let name = upload.key.to_string();
        let mut headers = vec![
            ("content-type", upload.content_type.clone()),
            ("if-none-match", "*".to_owned()),
        ];
        headers.extend(sha256.map(|digest| ("x-amz-checksum-sha256", digest)));
        let mut what = ToSign::object(Method::Put, &name)
            .header("content-length", upload.size_bytes.to_string());
        for (name, value) in &headers {
            what = what.header(name, value);
        }
        let (url, expires_at) = self.signed(Sender::Uploader, &what, upload.expires_in);
        SignedUpload {
            url,
            // Every client sends the length of its own accord, and browsers let nobody set it.
            headers: headers
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            expires_at,
        }
    }

    pub(super) fn signed_part(
        &self,
        key: &ObjectKey,
        upload_id: &str,
        part: PartToUpload,
        expires_in: Duration,
    ) -> Result<SignedUpload, StorageError> {
        self.accepted()?;
        if !(1..=MAX_PARTS).contains(&part.number) || part.size_bytes > MAX_PART_BYTES {
            return Err(StorageError::InvalidParts);
        }
        let name = key.to_string();
        let what = ToSign::object(Method::Put, &name)
            .query("partNumber", part.number.to_string())
            .query("uploadId", upload_id)
            .header("content-length", part.size_bytes.to_string());
        let (url, expires_at) = self.signed(Sender::Uploader, &what, expires_in);
        Ok(SignedUpload {
            url,
            headers: Vec::new(),
            expires_at,
        })
    }

    pub(super) fn plan_download(
        &self,
        key: &ObjectKey,
        download: &DownloadAs,
        expires_in: Duration,
    ) -> Result<DownloadPlan, StorageError> {
        self.accepted()?;
        let name = key.to_string();
        let disposition = gateway::content_disposition(download.disposition, &download.file_name);
        let what = ToSign::object(Method::Get, &name)
            .query("response-cache-control", "private, no-store")
            .query("response-content-disposition", disposition)
            .query("response-content-type", &download.content_type);
        let (url, expires_at) = self.signed(Sender::Downloader, &what, expires_in);
        Ok(DownloadPlan::Direct { url, expires_at })
    }

    fn signed(
        &self,
        sender: Sender,
        what: &ToSign<'_>,
        expires_in: Duration,
    ) -> (SignedUrl, OffsetDateTime) {
        let expires_in = expires_in.min(LONGEST_LIFE);
        // Before signing, so that no URL is said to live longer than it does.
        let expires_at = OffsetDateTime::now_utc() + expires_in;
        let url = self.client.signer.by(sender, what, expires_in);
        (SignedUrl::new(url.into()), expires_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1024 * MIB;

    #[test]
    fn parts_are_as_wanted_until_there_would_be_too_many() {
        let size = |bytes| part_size_for(bytes, 16 * MIB).unwrap();
        assert_eq!(size(0), 16 * MIB);
        assert_eq!(size(1000 * 16 * MIB), 16 * MIB);
        assert_eq!(size(1000 * 16 * MIB + 1), 17 * MIB);
        for bytes in [1, 5 * GIB, 100 * GIB, 123_456_789_012, LARGEST_OBJECT_BYTES] {
            assert!(bytes.div_ceil(size(bytes)) <= PARTS_PER_UPLOAD, "{bytes}");
            assert_eq!(size(bytes) % MIB, 0);
        }
    }

    #[test]
    fn what_no_store_takes_is_refused_with_the_limit() {
        for bytes in [LARGEST_OBJECT_BYTES + 1, u64::MAX] {
            let refused = part_size_for(bytes, 16 * MIB);
            assert!(matches!(
                refused,
                Err(StorageError::TooLarge {
                    max_bytes: LARGEST_OBJECT_BYTES
                })
            ));
        }
    }
}
