//! What is stored, read and listed.

use std::{fmt, io};

use bytes::Bytes;
use futures::stream::BoxStream;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{ObjectKey, Sha256Digest};

/// Bytes on their way. An error ends the stream: coming in, it means the client went away.
pub type ByteStream = BoxStream<'static, io::Result<Bytes>>;

/// An object about to be written by `put_stream`.
#[derive(Debug, Clone)]
pub struct NewObject {
    /// Its name.
    pub key: ObjectKey,
    /// Exact length; a stream of any other length stores nothing.
    pub size_bytes: u64,
    /// Digest the bytes must have, if it is known.
    pub expected_sha256: Option<Sha256Digest>,
    /// What to do when the key is taken.
    pub existing: Existing,
}

/// What to do with an object that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Refuse: a user's file is written once.
    Keep,
    /// Replace it in one step: for derived objects such as thumbnails, which a repeated job writes again.
    Replace,
}

/// What `put_stream` has stored, durably.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Length, as announced.
    pub size_bytes: u64,
    /// Digest of the bytes that passed through.
    pub sha256: Sha256Digest,
    /// The store's mark of this content, without quotes.
    pub etag: String,
}

/// What the store holds under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectStat {
    /// Real length.
    pub size_bytes: u64,
    /// The store's mark of this content, without quotes; changes when the content is replaced.
    pub etag: String,
    /// Digest, where the store itself computed one.
    pub sha256: Option<Sha256Digest>,
}

/// An object being read: its stat and the bytes of the wanted range.
pub struct ObjectRead {
    /// The whole object, also when only a range of it is read.
    pub stat: ObjectStat,
    /// The bytes; ends with an error if the store cannot deliver all of them.
    pub bytes: ByteStream,
}

impl fmt::Debug for ObjectRead {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ObjectRead")
            .field("stat", &self.stat)
            .finish_non_exhaustive()
    }
}

/// Bytes `first..=last`, counted from 0, both included, as in a `Range` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    first: u64,
    last: u64,
}

impl ByteRange {
    /// `None` if `last` lies before `first`.
    pub fn new(first: u64, last: u64) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// First byte wanted.
    pub fn first(self) -> u64 {
        self.first
    }

    /// Last byte wanted.
    pub fn last(self) -> u64 {
        self.last
    }

    /// How many bytes that is.
    pub fn length_bytes(self) -> u64 {
        (self.last - self.first).saturating_add(1)
    }

    /// The part of this range that an object of `size_bytes` has; `None` if it has none of it.
    pub fn within(self, size_bytes: u64) -> Option<Self> {
        Self::new(self.first, self.last.min(size_bytes.checked_sub(1)?))
    }
}

/// Which objects to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListScope {
    /// Everything in the store.
    All,
    /// All objects of one user.
    User(Uuid),
    /// All objects of one document.
    Document {
        /// Its owner.
        user_id: Uuid,
        /// The document.
        document_id: Uuid,
    },
}

impl ListScope {
    /// Whether `key` is in it.
    pub fn contains(self, key: &ObjectKey) -> bool {
        match self {
            Self::All => true,
            Self::User(user_id) => key.user_id() == user_id,
            Self::Document {
                user_id,
                document_id,
            } => key.user_id() == user_id && key.document_id() == document_id,
        }
    }
}

/// One object of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedObject {
    /// Its name.
    pub key: ObjectKey,
    /// Its length.
    pub size_bytes: u64,
    /// When its content was written.
    pub modified_at: OffsetDateTime,
}

/// A page of a listing, in an order of the store's own choosing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListPage {
    /// At most as many as asked for.
    pub objects: Vec<ListedObject>,
    /// Names met on this page that are not object keys: not ours, never touched.
    pub unrecognised: u64,
    /// Hand this back for the next page; `None` at the end.
    pub next_cursor: Option<String>,
}
