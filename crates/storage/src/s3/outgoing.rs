//! Bytes on their way to the store: counted and hashed, the last of them held back until all have proved right.
//!
//! A store publishes an object when it has as many bytes as were announced. So a stream that turns out short, long, cut or other than
//! its digest must never get that far.

use std::{
    io, mem,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures::{
    StreamExt,
    stream::{self, AbortHandle},
};
use reqwest::Body;
use sha2::{Digest, Sha256};
use tokio::time::sleep;

use super::client::OurBodyFailed;
use crate::{ByteStream, NewObject, Sha256Digest, StorageError};

/// A source and what has become of it.
struct Source {
    bytes: ByteStream,
    size_bytes: u64,
    expected: Option<Sha256Digest>,
    received_bytes: u64,
    hasher: Sha256,
    /// The last chunk so far; goes out when the next one has come, or when all is right.
    held: Option<Bytes>,
    /// What may go out already.
    cleared: Bytes,
    proved: Option<Sha256Digest>,
    fault: Option<StorageError>,
}

impl Source {
    /// Bytes that may go out; `None` at a good end.
    async fn next(&mut self) -> Result<Option<Bytes>, StorageError> {
        if !self.cleared.is_empty() {
            return Ok(Some(mem::take(&mut self.cleared)));
        }
        while self.proved.is_none() {
            match self.bytes.next().await {
                Some(Ok(chunk)) if chunk.is_empty() => {}
                Some(Ok(chunk)) => {
                    self.received_bytes += chunk.len() as u64;
                    if self.received_bytes > self.size_bytes {
                        return Err(self.of_another_size());
                    }
                    self.hasher.update(&chunk);
                    if let Some(before) = self.held.replace(chunk) {
                        return Ok(Some(before));
                    }
                }
                Some(Err(error)) => return Err(StorageError::SourceFailed(error)),
                None => self.prove()?,
            }
        }
        Ok(self.held.take())
    }

    fn prove(&mut self) -> Result<(), StorageError> {
        if self.received_bytes != self.size_bytes {
            return Err(self.of_another_size());
        }
        let sha256: Sha256Digest = mem::take(&mut self.hasher).finalize().into();
        if self.expected.is_some_and(|expected| expected != sha256) {
            return Err(StorageError::ChecksumMismatch);
        }
        self.proved = Some(sha256);
        Ok(())
    }

    fn of_another_size(&self) -> StorageError {
        StorageError::SizeMismatch {
            expected_bytes: self.size_bytes,
            received_bytes: self.received_bytes,
        }
    }

    /// At most `most` bytes that may go out.
    async fn take(&mut self, most: u64) -> Result<Option<Bytes>, StorageError> {
        let Some(mut chunk) = self.next().await? else {
            return Ok(None);
        };
        if chunk.len() as u64 > most {
            self.cleared = chunk.split_off(most as usize);
        }
        Ok(Some(chunk))
    }
}

/// When bytes last went out, and whether it is the source that is slow.
struct Progress {
    at: Mutex<Instant>,
    waiting_for_source: AtomicBool,
}

impl Progress {
    fn idle_for(&self) -> Duration {
        if self.waiting_for_source.load(Ordering::Acquire) {
            return Duration::ZERO;
        }
        let at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        at.elapsed()
    }

    fn wait_for_source(&self, waiting: bool) {
        *self.at.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.waiting_for_source.store(waiting, Ordering::Release);
    }
}

/// One object's bytes, to be sent in one body or in several.
pub(super) struct Outgoing {
    source: Arc<tokio::sync::Mutex<Source>>,
    progress: Arc<Progress>,
}

impl Outgoing {
    pub fn new(object: &NewObject, bytes: ByteStream) -> Self {
        let source = Source {
            bytes,
            size_bytes: object.size_bytes,
            expected: object.expected_sha256,
            received_bytes: 0,
            hasher: Sha256::new(),
            held: None,
            cleared: Bytes::new(),
            proved: None,
            fault: None,
        };
        let progress = Progress {
            at: Mutex::new(Instant::now()),
            waiting_for_source: AtomicBool::new(false),
        };
        Self {
            source: Arc::new(tokio::sync::Mutex::new(source)),
            progress: Arc::new(progress),
        }
    }

    /// The next `length` bytes. The source is let go when the second value is dropped, however the request went.
    pub fn body(&self, length: u64) -> (Body, LetGo) {
        let state = (Arc::clone(&self.source), Arc::clone(&self.progress), length);
        let bytes = stream::try_unfold(state, |(source, progress, left)| async move {
            if left == 0 {
                return Ok(None);
            }
            progress.wait_for_source(true);
            let mut locked = source.lock().await;
            let taken = locked.take(left).await;
            progress.wait_for_source(false);
            let chunk = match taken {
                Ok(chunk) => chunk,
                Err(fault) => {
                    locked.fault = Some(fault);
                    return Err(io::Error::other(OurBodyFailed));
                }
            };
            drop(locked);
            Ok(chunk.map(|chunk| {
                let left = left - chunk.len() as u64;
                (chunk, (source, progress, left))
            }))
        });
        let (bytes, abort) = stream::abortable(bytes);
        (Body::wrap_stream(bytes), LetGo(abort))
    }

    /// Reads a source that must have nothing to its end.
    pub async fn prove_empty(&self) -> Result<(), StorageError> {
        self.source.lock().await.next().await.map(drop)
    }

    /// Over when the store has taken no bytes and given no answer for `idle`. A slow source does not count.
    pub async fn stalled(&self, idle: Duration) {
        loop {
            let waited = self.progress.idle_for();
            if waited >= idle {
                return;
            }
            sleep(idle - waited).await;
        }
    }

    /// What was wrong with the source, if anything was.
    pub fn fault(&self) -> Option<StorageError> {
        self.source.try_lock().ok()?.fault.take()
    }

    /// The digest, once all bytes have come and were right.
    pub fn proved(&self) -> Option<Sha256Digest> {
        self.source.try_lock().ok()?.proved
    }
}

/// Ends a body when dropped.
pub(super) struct LetGo(AbortHandle);

impl Drop for LetGo {
    fn drop(&mut self) {
        self.0.abort();
    }
}
