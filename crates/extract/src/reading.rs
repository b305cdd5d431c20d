//! What a reading yields: text per page, what the document says about itself, and a small picture.

use serde::{Deserialize, Serialize};

/// Everything learnt from one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The content type found by looking at the bytes.
    pub content_type: String,
    /// Text of the pages, in page order; pages without text are left out.
    pub pages: Vec<PageText>,
    /// Pages (slides, sheets) of the document, also those without text.
    pub page_count: u32,
    /// ISO 639-1 code of the main language, when there is enough text to be sure.
    pub language: Option<String>,
    /// What the document states about itself.
    pub properties: Properties,
    /// A picture of the first page.
    pub thumbnail: Option<Thumbnail>,
    /// What the reading had to leave out.
    pub notes: Vec<Note>,
}

/// The text of one page: no control characters but `\n` and `\t`, no U+E000 or U+E001.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageText {
    /// Counted from 1.
    pub number: u32,
    /// Never empty.
    pub text: String,
    /// Where the text came from.
    pub source: TextSource,
    /// How sure the OCR program was of its words, from 0 to 100 on average; `None` where the document holds the text.
    pub confidence: Option<u8>,
}

/// Where the text of a page came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextSource {
    /// The document holds it as text.
    Text,
    /// Recognised in a picture of the page.
    Ocr,
}

/// What a document states about itself; untrusted, cleaned, at most 500 characters each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Properties {
    /// Title, or the subject of an e-mail.
    pub title: Option<String>,
    /// Authors, separated by commas.
    pub author: Option<String>,
    /// Subject.
    pub subject: Option<String>,
    /// Sender of an e-mail, as `Name <address>`.
    pub sender: Option<String>,
    /// When it was written, as the document puts it: RFC 3339 where the format has real dates.
    pub created: Option<String>,
}

/// A small picture of the first page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thumbnail {
    /// `image/jpeg` or `image/webp`; checked against the bytes.
    pub content_type: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The encoded picture.
    pub bytes: Vec<u8>,
}

/// Something a reading had to leave out; the rest of it is sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// Pages need OCR and no OCR program (or none of its languages) is installed.
    OcrMissing,
    /// Some pages that need OCR were not recognised: too many, or out of time.
    OcrIncomplete,
    /// Text or pages beyond the limits were dropped.
    Truncated,
    /// The first page could not be drawn within its limits.
    ThumbnailFailed,
}
