//! How bytes go up and down, as told to a client: straight to the store, or through our gateway.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{ObjectKey, Sha256Digest};

/// A URL that is itself a permission. It goes to its user and nowhere else, so `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedUrl(String);

impl SignedUrl {
    /// Wraps a URL that carries its own authority.
    pub fn new(url: String) -> Self {
        Self(url)
    }

    /// The URL, for the answer to the client. Never log it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SignedUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("SignedUrl(…)")
    }
}

/// What is about to be uploaded.
#[derive(Debug, Clone)]
pub struct NewUpload {
    /// Where it will live; not taken yet.
    pub key: ObjectKey,
    /// Exact length; signed wherever the store can enforce it.
    pub size_bytes: u64,
    /// Content type to store; `application/octet-stream` unless there is a reason.
    pub content_type: String,
    /// Digest the client announced, signed where the store enforces it.
    pub sha256: Option<Sha256Digest>,
    /// How long the client may start sending.
    pub expires_in: Duration,
}

/// How the client sends the bytes.
#[derive(Debug, Clone)]
pub enum UploadPlan {
    /// One PUT straight to the store.
    Direct(SignedUpload),
    /// Parts straight to the store: `part_url` for each, then `complete_upload`.
    DirectParts(DirectParts),
    /// The client sends to our gateway, which calls `put_stream`.
    Gateway,
}

/// A PUT the store accepts: exactly this URL with exactly these headers.
#[derive(Debug, Clone)]
pub struct SignedUpload {
    /// Where to PUT.
    pub url: SignedUrl,
    /// Headers that are part of the signature and must be sent as they are.
    pub headers: Vec<(String, String)>,
    /// The URL is refused from then on.
    pub expires_at: OffsetDateTime,
}

/// An upload in parts that the store has opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectParts {
    /// The store's own id of this upload; keep it with the reservation.
    pub store_upload_id: String,
    /// Length of every part but the last.
    pub part_size_bytes: u64,
    /// How many parts the object has.
    pub part_count: u32,
    /// No part URL will be valid after this.
    pub expires_at: OffsetDateTime,
}

/// One part a client is about to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartToUpload {
    /// From 1.
    pub number: u32,
    /// Exact length; signed.
    pub size_bytes: u64,
}

/// A part the store holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPart {
    /// From 1.
    pub number: u32,
    /// Length as stored.
    pub size_bytes: u64,
    /// The store's mark of this part, without quotes; empty where a store tells it only to whoever sends the part.
    pub etag: String,
}

/// A part the client says it has sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompletedPart {
    /// From 1.
    pub number: u32,
    /// What the store answered to its PUT, without quotes.
    pub etag: String,
}

/// A multipart upload nobody has completed or aborted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfinishedUpload {
    /// Where it would have gone.
    pub key: ObjectKey,
    /// To abort it with.
    pub store_upload_id: String,
    /// When it was opened.
    pub started_at: OffsetDateTime,
}

/// Shown in the browser, or saved to disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// Shown; only for types of [`crate::gateway::served_as`].
    Inline,
    /// Saved.
    Attachment,
}

/// How the bytes present themselves to a browser.
#[derive(Clone, PartialEq, Eq)]
pub struct DownloadAs {
    /// Shown or saved.
    pub disposition: Disposition,
    /// The user's own file name: private, so `Debug` hides it.
    pub file_name: String,
    /// From our record, through [`crate::gateway::served_as`]; never what the store remembers.
    pub content_type: String,
}

impl fmt::Debug for DownloadAs {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("DownloadAs")
            .field("disposition", &self.disposition)
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}

/// How the client fetches the bytes.
#[derive(Debug, Clone)]
pub enum DownloadPlan {
    /// Straight from the store.
    Direct {
        /// Where to GET; ranges allowed.
        url: SignedUrl,
        /// The URL is refused from then on.
        expires_at: OffsetDateTime,
    },
    /// From our gateway, which calls `get_stream`.
    Gateway,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_keeps_urls_and_names_private() {
        let url = SignedUrl::new("https://store/x?X-Amz-Signature=abc".to_owned());
        let down = DownloadAs {
            disposition: Disposition::Inline,
            file_name: "Divorce.pdf".into(),
            content_type: "a/b".into(),
        };
        let text = format!(
            "{:?} {down:?}",
            DownloadPlan::Direct {
                url,
                expires_at: OffsetDateTime::UNIX_EPOCH
            }
        );
        assert!(
            !text.contains("Signature") && !text.contains("Divorce"),
            "{text}"
        );
    }
}
