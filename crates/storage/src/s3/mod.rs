//! Any store that speaks S3: clients send to it and fetch from it themselves, by URLs we sign.
//!
//! | file | holds |
//! | --- | --- |
//! | `config`, `features` | where the store is; what it turned out to enforce |
//! | `plans` | the URLs clients get |
//! | `put`, `outgoing` | writing a stream, none of it visible before all of it has proved right |
//! | `get`, `stat`, `list` | reading, looking, removing, listing |
//! | `multipart` | uploads in parts |
//! | `signing`, `client`, `breaker` | requests: signed, in bounded time and memory, not at all while the store is down |
//! | `answers`, `errors` | what the store says, and what that means |

mod answers;
mod breaker;
mod client;
mod config;
mod errors;
mod features;
mod get;
mod list;
mod multipart;
mod outgoing;
mod plans;
mod put;
mod signing;
mod stat;

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use async_trait::async_trait;

use self::{
    client::Client,
    errors::{Trouble, later},
    signing::Signer,
};
use crate::{
    ByteRange, ByteStream, Capabilities, CompletedPart, DownloadAs, DownloadPlan, ListPage,
    ListScope, NewObject, NewUpload, ObjectKey, ObjectRead, ObjectStat, PartToUpload, SignedUpload,
    StorageBackend, StorageError, Stored, StoredPart, UnfinishedUpload, UploadPlan,
};

pub use client::S3Patience;
pub(crate) use client::http_client;
pub use config::{S3Config, S3ConfigError, S3Keys};
pub use features::S3Features;

const MIB: u64 = 1024 * 1024;
/// Of all parts but the last.
const MIN_PART_BYTES: u64 = 5 * MIB;
/// Also of a PUT of a whole object.
const MAX_PART_BYTES: u64 = 5 * 1024 * MIB;
const MAX_PARTS: u32 = 10_000;
/// What a thousand parts hold.
const LARGEST_OBJECT_BYTES: u64 = 1000 * MAX_PART_BYTES;
/// When to ask again for what has to wait for the acceptance test.
const ACCEPTANCE_WAIT: Duration = Duration::from_secs(5);

/// A bucket of a store that speaks S3.
///
/// Hands out no URL before [`S3::accept`] was told what the store enforces: until then it answers [`StorageError::Unavailable`].
pub struct S3 {
    client: Arc<Client>,
    part_size_bytes: u64,
    largest_put_bytes: u64,
    features: OnceLock<S3Features>,
}

impl S3 {
    /// Without asking the store anything.
    pub fn open(config: S3Config) -> Result<Self, S3ConfigError> {
        Self::open_with(config, S3Patience::default())
    }

    /// The same, for a store that may take longer or shorter than others.
    pub fn open_with(config: S3Config, patience: S3Patience) -> Result<Self, S3ConfigError> {
        Ok(Self {
            client: Arc::new(Client::new(Signer::new(&config)?, patience)?),
            part_size_bytes: config.part_size_bytes.clamp(MIN_PART_BYTES, MAX_PART_BYTES),
            largest_put_bytes: MAX_PART_BYTES,
            features: OnceLock::new(),
        })
    }

    /// For a store, or a proxy before it, that takes less in one request than S3 does: [`StorageBackend::put_stream`] then sends parts.
    #[must_use]
    pub fn with_largest_put_bytes(mut self, bytes: u64) -> Self {
        self.largest_put_bytes = bytes.min(MAX_PART_BYTES);
        self
    }

    /// Tells what the acceptance test has found. The first word counts: capabilities do not change while a process runs.
    pub fn accept(&self, features: S3Features) {
        let _ = self.features.set(features);
    }

    fn features(&self) -> Option<S3Features> {
        self.features.get().copied()
    }

    fn accepted(&self) -> Result<S3Features, StorageError> {
        self.features()
            .ok_or_else(|| later(Trouble::NotAccepted, ACCEPTANCE_WAIT))
    }
}

impl fmt::Debug for S3 {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("S3")
            .field("features", &self.features())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl StorageBackend for S3 {
    fn capabilities(&self) -> Capabilities {
        let found = self.features().unwrap_or_default();
        Capabilities {
            presigned_put: true,
            presigned_get: true,
            presigned_multipart: true,
            range_read: true,
            min_part_bytes: MIN_PART_BYTES,
            max_part_bytes: MAX_PART_BYTES,
            max_parts: MAX_PARTS,
            max_single_put_bytes: MAX_PART_BYTES,
            needs_known_length: true,
            if_none_match: found.if_none_match,
            server_checksum: found.checksum_sha256,
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
        self.signed_part(key, store_upload_id, part, expires_in)
    }

    async fn list_parts(
        &self,
        key: &ObjectKey,
        store_upload_id: &str,
    ) -> Result<Vec<StoredPart>, StorageError> {
        self.arrived(key, store_upload_id).await
    }

    async fn complete_upload(
        &self,
        key: &ObjectKey,
        store_upload_id: &str,
        parts: &[CompletedPart],
    ) -> Result<ObjectStat, StorageError> {
        self.join(key, store_upload_id, parts).await
    }

    async fn abort_upload(
        &self,
        key: &ObjectKey,
        store_upload_id: &str,
    ) -> Result<(), StorageError> {
        self.client.abort_upload(key, store_upload_id).await
    }

    async fn list_unfinished_uploads(&self) -> Result<Vec<UnfinishedUpload>, StorageError> {
        self.unfinished(None).await
    }

    async fn unfinished_uploads_of(
        &self,
        key: &ObjectKey,
    ) -> Result<Vec<UnfinishedUpload>, StorageError> {
        let mut unfinished = self.unfinished(Some(&key.to_string())).await?;
        unfinished.retain(|upload| upload.key == *key);
        Ok(unfinished)
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
        self.look(key).await
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
        self.read(key, range).await
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), StorageError> {
        self.remove(key).await
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
        self.require_bucket().await
    }
}
