//! What a document looks like from outside, and the rules for what a user may write into it.

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::{DocumentId, TopicId, UserId};

/// How far a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Its bytes are still to come.
    Uploading,
    /// It is being read.
    Processing,
    Ready,
    /// It could not be read; the file itself can be downloaded all the same.
    Failed,
}

impl Status {
    pub fn of_state(state: &str) -> Self {
        match state {
            "reserved" => Self::Uploading,
            "ready" => Self::Ready,
            "failed" => Self::Failed,
            _ => Self::Processing,
        }
    }

    /// The states a row has while it is shown as this.
    pub fn states(self) -> Vec<String> {
        let states: &[&str] = match self {
            Self::Uploading => &["reserved"],
            Self::Processing => &["stored", "processing"],
            Self::Ready => &["ready"],
            Self::Failed => &["failed"],
        };
        states.iter().map(|&state| state.to_owned()).collect()
    }
}

/// A topic on a document.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DocumentTopic {
    pub id: TopicId,
    pub name: String,
    pub color: String,
    /// `user`, or `device` when filing put it there.
    pub source: String,
}

/// What a paper states for its payment, as far as it was found in it.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct PaymentFacts {
    pub amount: Option<Amount>,
    /// Without blanks; its check digits are right.
    pub iban: Option<String>,
    pub invoice_number: Option<String>,
}

/// A sum of money.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Amount {
    /// With two decimals, such as `1234.50`; negative for a credit.
    pub value: String,
    /// ISO 4217.
    pub currency: String,
}

impl Amount {
    pub fn of_hundredths(hundredths: i64, currency: String) -> Self {
        let sign = if hundredths < 0 { "-" } else { "" };
        let digits = hundredths.unsigned_abs();
        Self {
            value: format!("{sign}{}.{:02}", digits / 100, digits % 100),
            currency,
        }
    }
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Owner {
    pub id: UserId,
    pub display_name: String,
}

/// What is known of a document that was reserved just now.
pub struct NewlyReserved<'a> {
    pub id: DocumentId,
    pub title: &'a str,
    pub filename: &'a str,
    pub content_type: &'a str,
    pub size_bytes: i64,
    pub folder_id: Option<Uuid>,
    pub owner: Owner,
    pub created_at: OffsetDateTime,
}

impl Document {
    /// As reading it would show it, without reading it.
    pub fn reserved(new: NewlyReserved<'_>) -> Self {
        Self {
            id: new.id,
            title: new.title.to_owned(),
            filename: new.filename.to_owned(),
            content_type: new.content_type.to_owned(),
            size_bytes: new.size_bytes,
            sha256: None,
            status: Status::Uploading,
            folder_id: new.folder_id,
            backend_id: None,
            topics: Vec::new(),
            document_date: None,
            correspondent: None,
            language: None,
            page_count: None,
            summary: None,
            payment: PaymentFacts::default(),
            owner: new.owner,
            permission: "owner".to_owned(),
            created_at: new.created_at,
            updated_at: new.created_at,
            trashed_at: None,
            attached_to: None,
            searchable_copy_of: None,
            thumbnail_url: None,
            processing_error: None,
            storage_problem: None,
            ocr_missing: false,
            version: 1,
        }
    }
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Document {
    pub id: DocumentId,
    pub title: String,
    pub filename: String,
    /// Found by looking at the content, once it was looked at.
    pub content_type: String,
    pub size_bytes: i64,
    /// Hexadecimal; null until the bytes are there.
    pub sha256: Option<String>,
    pub status: Status,
    pub folder_id: Option<Uuid>,
    pub backend_id: Option<Uuid>,
    pub topics: Vec<DocumentTopic>,
    #[schema(value_type = Option<String>, format = Date)]
    pub document_date: Option<Date>,
    pub correspondent: Option<String>,
    /// ISO 639-1.
    pub language: Option<String>,
    pub page_count: Option<i32>,
    pub summary: Option<String>,
    pub payment: PaymentFacts,
    pub owner: Owner,
    /// `owner`, `edit` or `view`.
    pub permission: String,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    pub trashed_at: Option<OffsetDateTime>,
    /// The message it came with, as one of its attachments.
    pub attached_to: Option<DocumentId>,
    /// The scan it is the searchable copy of.
    pub searchable_copy_of: Option<DocumentId>,
    /// Signed, good for some minutes.
    pub thumbnail_url: Option<String>,
    /// Why it could not be read, such as `password_needed` or `damaged`.
    pub processing_error: Option<String>,
    /// `missing` or `damaged`: the store does not have the bytes that were sent. The document is kept all the same.
    pub storage_problem: Option<String>,
    /// True when pages were left unread because no OCR is installed on the server.
    pub ocr_missing: bool,
    #[serde(skip)]
    pub version: i32,
}
