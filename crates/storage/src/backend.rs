//! The trait every place for bytes implements, and how a driver says what it can do.

use std::time::Duration;

use async_trait::async_trait;

use crate::{
    ByteRange, ByteStream, CompletedPart, DownloadAs, DownloadPlan, ListPage, ListScope, NewObject,
    NewUpload, ObjectKey, ObjectRead, ObjectStat, PartToUpload, SignedUpload, StorageError, Stored,
    StoredPart, UnfinishedUpload, UploadPlan,
};

/// What a store can do. Plans follow from it; callers never ask which driver it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// A client can PUT an object to a URL we sign.
    pub presigned_put: bool,
    /// A client can GET an object from a URL we sign.
    pub presigned_get: bool,
    /// A client can PUT parts to URLs we sign.
    pub presigned_multipart: bool,
    /// `get_stream` with a range reads only that range.
    pub range_read: bool,
    /// Smallest part but the last; 0 without multipart.
    pub min_part_bytes: u64,
    /// Largest part; 0 without multipart.
    pub max_part_bytes: u64,
    /// Most parts per object; 0 without multipart.
    pub max_parts: u32,
    /// Largest object of one `put_stream` or one presigned PUT.
    pub max_single_put_bytes: u64,
    /// The store itself must be told the length before the first byte.
    pub needs_known_length: bool,
    /// The store itself refuses to overwrite when asked to, without a race.
    pub if_none_match: bool,
    /// The store itself refuses bytes that do not have the announced SHA-256.
    pub server_checksum: bool,
    /// A deleted object is gone and its space free, not moved to a bin.
    pub durable_delete: bool,
}

/// A place for bytes. Knows keys and bytes; knows no documents, users' names or database.
///
/// Promises every driver keeps, checked by [`crate::contract::run`]:
/// an object is visible whole or not at all; `put_stream` returns when the bytes are durable; a dropped or failed
/// `put_stream` leaves nothing behind; memory per transfer is bounded by one chunk; no error holds a secret.
#[async_trait]
pub trait StorageBackend: Send + Sync {
    /// What this store can do. Does not change while the process runs.
    fn capabilities(&self) -> Capabilities;

    /// How the client is to send the bytes. May open a multipart upload at the store; writes nothing else.
    async fn begin_upload(&self, upload: &NewUpload) -> Result<UploadPlan, StorageError>;

    /// A signed PUT for one part of an upload that `begin_upload` opened.
    async fn part_url(
        &self,
        _key: &ObjectKey,
        _store_upload_id: &str,
        _part: PartToUpload,
        _expires_in: Duration,
    ) -> Result<SignedUpload, StorageError> {
        Err(StorageError::Unsupported("uploads in parts"))
    }

    /// The parts that have arrived, by number.
    async fn list_parts(
        &self,
        _key: &ObjectKey,
        _store_upload_id: &str,
    ) -> Result<Vec<StoredPart>, StorageError> {
        Err(StorageError::Unsupported("uploads in parts"))
    }

    /// Joins the parts into the object. Completing what is complete already answers as the first time did.
    async fn complete_upload(
        &self,
        _key: &ObjectKey,
        _store_upload_id: &str,
        _parts: &[CompletedPart],
    ) -> Result<ObjectStat, StorageError> {
        Err(StorageError::Unsupported("uploads in parts"))
    }

    /// Throws away the parts. Fine if there are none, or no such upload.
    async fn abort_upload(
        &self,
        _key: &ObjectKey,
        _store_upload_id: &str,
    ) -> Result<(), StorageError> {
        Ok(())
    }

    /// Multipart uploads that were neither completed nor aborted, for the sweeper.
    async fn list_unfinished_uploads(&self) -> Result<Vec<UnfinishedUpload>, StorageError> {
        Ok(Vec::new())
    }

    /// The same for one object: also on stores that list unfinished uploads only by their whole name.
    async fn unfinished_uploads_of(
        &self,
        key: &ObjectKey,
    ) -> Result<Vec<UnfinishedUpload>, StorageError> {
        let mut unfinished = self.list_unfinished_uploads().await?;
        unfinished.retain(|upload| upload.key == *key);
        Ok(unfinished)
    }

    /// How the client is to fetch the bytes. Does not check that the object exists.
    async fn begin_download(
        &self,
        key: &ObjectKey,
        download: &DownloadAs,
        expires_in: Duration,
    ) -> Result<DownloadPlan, StorageError>;

    /// What the store holds under `key`; `None` if nothing. The truth about an upload, whatever the client said.
    async fn stat(&self, key: &ObjectKey) -> Result<Option<ObjectStat>, StorageError>;

    /// Stores exactly `object.size_bytes` bytes, hashing them on the way, and returns once they are durable.
    async fn put_stream(
        &self,
        object: &NewObject,
        bytes: ByteStream,
    ) -> Result<Stored, StorageError>;

    /// Reads an object or a range of it. A range that ends behind the object is shortened; one that starts behind it
    /// is [`StorageError::RangeNotSatisfiable`].
    async fn get_stream(
        &self,
        key: &ObjectKey,
        range: Option<ByteRange>,
    ) -> Result<ObjectRead, StorageError>;

    /// Removes the object for good. A missing object is fine.
    async fn delete(&self, key: &ObjectKey) -> Result<(), StorageError>;

    /// Up to `limit` objects of `scope`, after the page that handed out `cursor`. An object that is there from the
    /// first page to the last is listed exactly once.
    async fn list(
        &self,
        scope: ListScope,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<ListPage, StorageError>;

    /// Whether the store can be read and written right now; cheap enough for a readiness probe.
    async fn check(&self) -> Result<(), StorageError>;
}
