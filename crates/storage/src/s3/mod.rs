//! Any store that speaks S3: clients send to it and fetch from it themselves, by URLs we sign.
//!
//! | file | holds |
//! | --- | --- |
//! | `config`, `signing` | where the store is, and signed requests to it |
//! | `plans` | what a client is told: which URLs, for how long |
//! | `put`, `get`, `multipart`, `list` | our own calls, one file for each kind |
//! | `http`, `breaker` | how a call is sent, and when none is |
//! | `answers`, `refusal` | what the store says, read by name and without trust |

mod answers;
mod breaker;
mod config;
mod features;
mod get;
mod http;
mod list;
mod multipart;
mod plans;
mod put;
mod refusal;
mod signing;

use std::{sync::OnceLock, time::Duration};

use ::http::header;
use async_trait::async_trait;
use rusty_s3::Method;

pub use config::{S3Config, S3ConfigError, S3Keys};
pub use features::S3Features;
use http::{Http, QUICK};
use signing::{Signer, ToSign};

use crate::{
    ByteRange, ByteStream, Capabilities, CompletedPart, DownloadAs, DownloadPlan, ListPage,
    ListScope, NewObject, NewUpload, ObjectKey, ObjectRead, ObjectStat, PartToUpload, SignedUpload,
    StorageBackend, StorageError, Stored, StoredPart, UnfinishedUpload, UploadPlan,
};

const MIN_PART_BYTES: u64 = 5 * 1024 * 1024;
const MAX_PART_BYTES: u64 = 5 * 1024 * 1024 * 1024;
const MAX_PARTS: u32 = 10_000;
const MAX_SINGLE_PUT_BYTES: u64 = 5 * 1024 * 1024 * 1024;
/// Of a probe of health, which must be quick to say no.
const CHECK_TIME: Duration = Duration::from_secs(3);

/// One bucket of an S3 store.
pub struct S3 {
    config: S3Config,
    signer: Signer,
    http: Http,
    features: OnceLock<S3Features>,
}

impl S3 {
    /// Asks the store nothing. Until [`S3::accept`] was called, clients get no URLs.
    pub fn open(config: S3Config) -> Result<Self, S3ConfigError> {
        Ok(Self {
            signer: Signer::new(&config)?,
            http: Http::new()?,
            features: OnceLock::new(),
            config,
        })
    }

    /// The store was tested: from now on clients may be sent to it. The first call counts.
    pub fn accept(&self, features: S3Features) {
        let _ = self.features.set(features);
    }

    /// Whether it was.
    pub fn is_accepted(&self) -> bool {
        self.features.get().is_some()
    }

    /// What it enforces; nothing, as long as that is not known.
    fn features(&self) -> S3Features {
        self.features.get().copied().unwrap_or_default()
    }

    fn must_be_accepted(&self) -> Result<S3Features, StorageError> {
        self.features
            .get()
            .copied()
            .ok_or_else(|| StorageError::unavailable("the store has not passed its test yet"))
    }
}

#[async_trait]
impl StorageBackend for S3 {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            presigned_put: true,
            presigned_get: true,
            presigned_multipart: true,
            range_read: true,
            min_part_bytes: MIN_PART_BYTES,
            max_part_bytes: MAX_PART_BYTES,
            max_parts: MAX_PARTS,
            max_single_put_bytes: MAX_SINGLE_PUT_BYTES,
            needs_known_length: true,
            if_none_match: self.features().if_none_match,
            server_checksum: self.features().checksum_sha256,
            durable_delete: true,
        }
    }

    async fn begin_upload(&self, upload: &NewUpload) -> Result<UploadPlan, StorageError> {
        self.plan_upload(upload).await
    }

    async fn part_url(
        &self,
        key: &ObjectKey,
        store_upload_id: &str,
        part: PartToUpload,
        expires_in: Duration,
    ) -> Result<SignedUpload, StorageError> {
        self.sign_part(key, store_upload_id, part, expires_in)
    }

    async fn list_parts(
        &self,
        key: &ObjectKey,
        store_upload_id: &str,
    ) -> Result<Vec<StoredPart>, StorageError> {
        self.stored_parts(key, store_upload_id).await
    }

    async fn complete_upload(
        &self,
        key: &ObjectKey,
        store_upload_id: &str,
        parts: &[CompletedPart],
    ) -> Result<ObjectStat, StorageError> {
        self.join_parts(key, store_upload_id, parts).await
    }

    async fn abort_upload(
        &self,
        key: &ObjectKey,
        store_upload_id: &str,
    ) -> Result<(), StorageError> {
        self.drop_parts(key, store_upload_id).await
    }

    async fn list_unfinished_uploads(&self) -> Result<Vec<UnfinishedUpload>, StorageError> {
        self.unfinished("").await
    }

    async fn unfinished_uploads_of(
        &self,
        key: &ObjectKey,
    ) -> Result<Vec<UnfinishedUpload>, StorageError> {
        // Some stores list uploads only for a whole key.
        self.unfinished(&key.to_string()).await
    }

    async fn begin_download(
        &self,
        key: &ObjectKey,
        download: &DownloadAs,
        expires_in: Duration,
    ) -> Result<DownloadPlan, StorageError> {
        self.plan_download(key, download, expires_in)
    }

    async fn stat(&self, key: &ObjectKey) -> Result<Option<ObjectStat>, StorageError> {
        self.head(key).await
    }

    async fn put_stream(
        &self,
        object: &NewObject,
        bytes: ByteStream,
    ) -> Result<Stored, StorageError> {
        self.put(object, bytes).await
    }

    async fn get_stream(
        &self,
        key: &ObjectKey,
        range: Option<ByteRange>,
    ) -> Result<ObjectRead, StorageError> {
        self.get(key, range).await
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), StorageError> {
        let name = key.to_string();
        let url = self.signer.own(&ToSign::object(Method::Delete, &name));
        let answer = self.http.send(self.http.delete(url), QUICK).await?;
        match refusal::check(answer).await {
            Ok(_) | Err(StorageError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn list(
        &self,
        scope: ListScope,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<ListPage, StorageError> {
        self.page(scope, cursor, limit).await
    }

    async fn check(&self) -> Result<(), StorageError> {
        let url = self.signer.own(&ToSign::bucket(Method::Head));
        let answer = self.http.send(self.http.head(url), CHECK_TIME).await?;
        match refusal::check(answer).await {
            Ok(_) => Ok(()),
            Err(StorageError::NotFound) => {
                Err(StorageError::unavailable("there is no such bucket"))
            }
            Err(error) => Err(error),
        }
    }
}

/// The store's mark of some content, without quotes.
fn etag_of(headers: &::http::HeaderMap) -> Option<String> {
    let value = headers.get(header::ETAG)?.to_str().ok()?;
    Some(value.trim_start_matches("W/").trim_matches('"').to_owned())
}
