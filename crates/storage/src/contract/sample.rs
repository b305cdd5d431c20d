//! Keys, bytes and streams the cases work with.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Broken, Store};
use crate::{
    ByteRange, ByteStream, Existing, NewObject, ObjectKey, Sha256Digest, StorageError, Stored,
};

/// A key nobody else uses, of a user nobody else uses.
pub(super) fn key() -> ObjectKey {
    key_of(Uuid::new_v4(), Uuid::new_v4())
}

pub(super) fn key_of(user_id: Uuid, document_id: Uuid) -> ObjectKey {
    ObjectKey::new(user_id, document_id, Uuid::new_v4(), "bin")
}

/// `length` bytes without a period that a wrong offset could hide in.
pub(super) fn bytes(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ length as u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut bytes: Vec<u8> = (0..length.div_ceil(8))
        .flat_map(|_| next().to_le_bytes())
        .collect();
    bytes.truncate(length);
    bytes
}

pub(super) fn sha256(bytes: &[u8]) -> Sha256Digest {
    Sha256::digest(bytes).into()
}

pub(super) fn object(key: &ObjectKey, size_bytes: usize) -> NewObject {
    NewObject {
        key: key.clone(),
        size_bytes: size_bytes as u64,
        expected_sha256: None,
        existing: Existing::Keep,
    }
}

/// `bytes` in chunks of uneven lengths, as a network delivers them.
pub(super) fn stream_of(bytes: &[u8]) -> ByteStream {
    let mut rest = Bytes::copy_from_slice(bytes);
    let mut chunks = Vec::new();
    for length in [1, 7, 4096, 65_537, 300_001].into_iter().cycle() {
        if rest.is_empty() {
            break;
        }
        chunks.push(Ok(rest.split_to(rest.len().min(length))));
    }
    stream::iter(chunks).boxed()
}

/// `bytes`, then a broken connection.
pub(super) fn stream_cut_after(bytes: &[u8]) -> ByteStream {
    let cut = stream::once(async { Err(io::Error::from(io::ErrorKind::ConnectionReset)) });
    stream_of(bytes).chain(cut).boxed()
}

/// `bytes`, then silence.
pub(super) fn stream_stuck_after(bytes: &[u8]) -> ByteStream {
    stream_of(bytes).chain(stream::pending()).boxed()
}

pub(super) async fn put(
    store: &Store,
    key: &ObjectKey,
    bytes: &[u8],
) -> Result<Stored, StorageError> {
    store
        .put_stream(&object(key, bytes.len()), stream_of(bytes))
        .await
}

pub(super) async fn get(
    store: &Store,
    key: &ObjectKey,
    range: Option<ByteRange>,
) -> Result<Vec<u8>, Broken> {
    let read = store.get_stream(key, range).await?;
    read.bytes
        .try_fold(Vec::new(), |mut all, chunk| async move {
            all.extend_from_slice(&chunk);
            Ok(all)
        })
        .await
        .map_err(|error| Broken::Promise(format!("reading broke off: {error}")))
}

/// How many of the chunks handed to a driver it has not let go of.
#[derive(Clone, Default)]
pub(super) struct HeldBytes {
    now: Arc<AtomicU64>,
    most: Arc<AtomicU64>,
}

impl HeldBytes {
    /// The most that was held at any time.
    pub(super) fn most(&self) -> u64 {
        self.most.load(Ordering::SeqCst)
    }

    /// `count` chunks of `chunk`, made one by one and counted while they live.
    pub(super) fn stream(&self, chunk: &[u8], count: usize) -> ByteStream {
        let (held, chunk) = (self.clone(), chunk.to_vec());
        stream::iter(0..count)
            .map(move |_| Ok(Bytes::from_owner(held.hold(chunk.clone()))))
            .boxed()
    }

    fn hold(&self, bytes: Vec<u8>) -> Held {
        let length = bytes.len() as u64;
        let now = self.now.fetch_add(length, Ordering::SeqCst) + length;
        self.most.fetch_max(now, Ordering::SeqCst);
        Held {
            bytes,
            now: Arc::clone(&self.now),
        }
    }
}

struct Held {
    bytes: Vec<u8>,
    now: Arc<AtomicU64>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.now
            .fetch_sub(self.bytes.len() as u64, Ordering::SeqCst);
    }
}
