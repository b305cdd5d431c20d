//! What an upload looks like from outside.

use std::collections::BTreeMap;

use docuvault_storage::StoredPart;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::{db::UploadId, storage_backends::UploadUrl};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// One request sends the whole file.
    Single,
    /// A request for each part, in any order, several at a time.
    Multipart,
}

impl Strategy {
    pub fn of_name(name: &str) -> Self {
        if name == "multipart" {
            Self::Multipart
        } else {
            Self::Single
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UploadState {
    /// Bytes are still to come.
    Waiting,
    /// All of it is in the store as one object, and only has to be completed.
    Received,
    Completed,
}

/// An upload that was started.
#[derive(Serialize, ToSchema)]
pub struct Upload {
    pub id: UploadId,
    pub strategy: Strategy,
    /// Until then the addresses are good; new ones can be had as long as the upload is open.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub single: Option<SingleUpload>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multipart: Option<MultipartUpload>,
}

/// One request that sends the whole file.
#[derive(Serialize, ToSchema)]
pub struct SingleUpload {
    /// `PUT`
    method: &'static str,
    url: String,
    /// To be sent exactly so.
    headers: BTreeMap<String, String>,
}

impl From<UploadUrl> for SingleUpload {
    fn from(url: UploadUrl) -> Self {
        Self {
            method: "PUT",
            url: url.url,
            headers: url.headers,
        }
    }
}

/// All parts of a file, each to be PUT to its address.
#[derive(Serialize, ToSchema)]
pub struct MultipartUpload {
    /// Length of every part but the last.
    pub part_size_bytes: u64,
    pub parts: Vec<PartUrl>,
}

/// Where to PUT one part.
#[derive(Serialize, ToSchema)]
pub struct PartUrl {
    pub part_number: u32,
    pub url: String,
    /// Exactly so many bytes.
    pub size_bytes: u64,
}

/// Fresh addresses for parts.
#[derive(Serialize, ToSchema)]
pub struct PartUrls {
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    /// Length of every part but the last.
    pub part_size_bytes: u64,
    pub parts: Vec<PartUrl>,
}

/// An upload as it stands.
#[derive(Serialize, ToSchema)]
pub struct UploadProgress {
    pub id: UploadId,
    pub strategy: Strategy,
    pub state: UploadState,
    pub size_bytes: i64,
    /// As it was announced, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Not completed by then, it is given up.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    /// A fresh address, while bytes are missing and the caller may send them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub single: Option<SingleUpload>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multipart: Option<PartsOfUpload>,
    /// What has arrived of an upload in parts.
    pub parts: Vec<ArrivedPart>,
}

#[derive(Serialize, ToSchema)]
pub struct PartsOfUpload {
    /// Length of every part but the last.
    pub part_size_bytes: u64,
    pub part_count: u32,
}

#[derive(Serialize, ToSchema)]
pub struct ArrivedPart {
    part_number: u32,
    size_bytes: u64,
    etag: String,
}

impl From<StoredPart> for ArrivedPart {
    fn from(part: StoredPart) -> Self {
        Self {
            part_number: part.number,
            size_bytes: part.size_bytes,
            etag: part.etag,
        }
    }
}

/// A part as its sender knows it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SentPart {
    pub part_number: u32,
    /// What the store answered to it, with or without its quotes.
    pub etag: String,
}
