//! Writing an object ourselves. The last chunk is held back until everything before it is known to be right: a store never gets a whole
//! body of wrong bytes, and so publishes nothing.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use ::http::header;
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use reqwest::Body;
use rusty_s3::Method;
use sha2::{Digest, Sha256};

use super::{MAX_SINGLE_PUT_BYTES, S3, refusal, signing::ToSign};
use crate::{ByteStream, Existing, NewObject, Sha256Digest, StorageError, Stored};

/// Besides the time that its bytes may take.
const ANSWER_TIME: Duration = Duration::from_mins(2);
/// A store that takes less is as good as away.
const SLOWEST_BYTES_PER_SECOND: u64 = 128 * 1024;

/// What was found out about the bytes, once it is certain.
type Verdict = Arc<Mutex<Option<Result<Sha256Digest, StorageError>>>>;

impl S3 {
    pub(super) async fn put(
        &self,
        object: &NewObject,
        bytes: ByteStream,
    ) -> Result<Stored, StorageError> {
        if object.size_bytes > MAX_SINGLE_PUT_BYTES {
            return Err(StorageError::TooLarge {
                max_bytes: MAX_SINGLE_PUT_BYTES,
            });
        }
        // For stores without conditional writes; elsewhere it only saves the sending.
        if object.existing == Existing::Keep && self.head(&object.key).await?.is_some() {
            return Err(StorageError::AlreadyExists);
        }
        let verdict = Verdict::default();
        let body = if object.size_bytes == 0 {
            // An empty body is sent without being asked for.
            let mut checked = Box::pin(checked(object, bytes, Arc::clone(&verdict)));
            while checked.next().await.is_some() {}
            if let Some(Err(error)) = take(&verdict) {
                return Err(error);
            }
            Body::from(Bytes::new())
        } else {
            Body::wrap_stream(checked(object, bytes, Arc::clone(&verdict)))
        };
        let sent = self.send_object(object, body).await;
        match take(&verdict) {
            Some(Err(error)) => Err(error),
            digest => {
                sent?;
                let sha256 = match digest {
                    Some(Ok(sha256)) => sha256,
                    _ if object.size_bytes == 0 => Sha256::digest(b"").into(),
                    _ => {
                        return Err(StorageError::unavailable(
                            "the store took it before it had it",
                        ));
                    }
                };
                self.confirm(object, sha256).await
            }
        }
    }

    async fn send_object(&self, object: &NewObject, body: Body) -> Result<(), StorageError> {
        let (key, length) = (object.key.to_string(), object.size_bytes.to_string());
        let features = self.features();
        let mut put = ToSign::object(Method::Put, &key)
            .header("content-length", &length)
            .header("content-type", "application/octet-stream");
        let mut extra = Vec::new();
        if object.existing == Existing::Keep && features.if_none_match {
            put = put.header("if-none-match", "*");
            extra.push(("if-none-match", "*".to_owned()));
        }
        if let Some(sha256) = object.expected_sha256.filter(|_| features.checksum_sha256) {
            let digest = STANDARD.encode(sha256);
            put = put.header("x-amz-checksum-sha256", digest.clone());
            extra.push(("x-amz-checksum-sha256", digest));
        }
        let mut request = self
            .http
            .put(self.signer.own(&put))
            .header(header::CONTENT_LENGTH, object.size_bytes)
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .body(body);
        for (name, value) in extra {
            request = request.header(name, value);
        }
        let time = Duration::from_secs(object.size_bytes / SLOWEST_BYTES_PER_SECOND);
        let answer = self.http.send(request, ANSWER_TIME + time).await?;
        refusal::check(answer).await.map(drop)
    }

    /// A yes is believed when the object is there.
    async fn confirm(
        &self,
        object: &NewObject,
        sha256: Sha256Digest,
    ) -> Result<Stored, StorageError> {
        match self.head(&object.key).await? {
            Some(stat) if stat.size_bytes == object.size_bytes => Ok(Stored {
                size_bytes: object.size_bytes,
                sha256,
                etag: stat.etag,
            }),
            _ => Err(StorageError::unavailable(
                "the store took an object and does not have it",
            )),
        }
    }
}

fn take(verdict: &Verdict) -> Option<Result<Sha256Digest, StorageError>> {
    verdict
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take()
}

struct Checking {
    source: ByteStream,
    hash: Sha256,
    expected_bytes: u64,
    expected_sha256: Option<Sha256Digest>,
    received_bytes: u64,
    held: Option<Bytes>,
    is_over: bool,
    verdict: Verdict,
}

/// The bytes as they may be sent: one chunk behind, the last one only when all of them are right. A fault ends the stream with an error,
/// which breaks the connection off.
fn checked(
    object: &NewObject,
    source: ByteStream,
    verdict: Verdict,
) -> impl Stream<Item = io::Result<Bytes>> + Send + use<> {
    let checking = Checking {
        source,
        hash: Sha256::new(),
        expected_bytes: object.size_bytes,
        expected_sha256: object.expected_sha256,
        received_bytes: 0,
        held: None,
        is_over: false,
        verdict,
    };
    stream::unfold(checking, |mut checking| async move {
        let next = checking.next().await?;
        Some((next, checking))
    })
}

impl Checking {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        while !self.is_over {
            match self.source.next().await {
                Some(Ok(chunk)) if chunk.is_empty() => {}
                Some(Ok(chunk)) => {
                    self.received_bytes += chunk.len() as u64;
                    if self.received_bytes > self.expected_bytes {
                        return Some(self.fail(self.size_mismatch()));
                    }
                    self.hash.update(&chunk);
                    if let Some(before) = self.held.replace(chunk) {
                        return Some(Ok(before));
                    }
                }
                Some(Err(error)) => return Some(self.fail(StorageError::SourceFailed(error))),
                None => return self.finish(),
            }
        }
        None
    }

    fn finish(&mut self) -> Option<io::Result<Bytes>> {
        if self.received_bytes != self.expected_bytes {
            return Some(self.fail(self.size_mismatch()));
        }
        let digest: Sha256Digest = std::mem::take(&mut self.hash).finalize().into();
        if self
            .expected_sha256
            .is_some_and(|expected| expected != digest)
        {
            return Some(self.fail(StorageError::ChecksumMismatch));
        }
        self.decide(Ok(digest));
        self.held.take().map(Ok)
    }

    fn fail(&mut self, error: StorageError) -> io::Result<Bytes> {
        self.decide(Err(error));
        Err(io::Error::from(io::ErrorKind::InvalidData))
    }

    fn decide(&mut self, verdict: Result<Sha256Digest, StorageError>) {
        self.is_over = true;
        *self.verdict.lock().unwrap_or_else(PoisonError::into_inner) = Some(verdict);
    }

    fn size_mismatch(&self) -> StorageError {
        StorageError::SizeMismatch {
            expected_bytes: self.expected_bytes,
            received_bytes: self.received_bytes,
        }
    }
}
