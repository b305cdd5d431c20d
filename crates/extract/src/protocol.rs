//! What parent and child say to each other. The job travels as one JSON argument, the document as standard
//! input, and the answer as frames on standard output: length of a JSON header (u32, big endian), header, body.
//! Text comes first, then each page recognised in a picture, then the thumbnail, so that what kills the child on the
//! way costs only itself and what would have followed.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::clean_text::{clean_text, prefix};
use crate::limits::Limits;
use crate::read_error::ReadError;
use crate::reading::{Note, PageText, Properties, Reading, TextSource, Thumbnail};
use crate::sniff::{known_content_type, sniff};

/// First argument of a child that reads a document; the second is a [`Job`] as JSON.
pub const READ_COMMAND: &str = "read";
/// First argument of a child that hands out what is attached to a message; the second is a [`Job`] as JSON.
pub const ATTACHMENTS_COMMAND: &str = "attachments";
/// First argument of a child that makes the searchable copy of a scan; the second is a [`Job`] as JSON.
pub const SEARCHABLE_COMMAND: &str = "searchable";
/// First argument of a child that reports what its sandbox lets it do; the second is a [`Job`] as JSON.
pub const PROBE_COMMAND: &str = "--probe";

/// Variable of the child's environment with the document's password; arguments can be seen by everyone on the machine.
pub const PASSWORD_VARIABLE: &str = "DOCUVAULT_DOCUMENT_PASSWORD";

pub(crate) const PROPERTY_BYTES: usize = 500;

/// What the child is asked to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Job {
    /// The process that must stay alive for the child to go on.
    pub parent_pid: u32,
    /// When set, the user and group id the child takes on before it reads a byte.
    pub run_as: Option<u32>,
    /// File name extension without the dot, lower case; it only tells text-like types apart.
    pub extension: Option<String>,
    /// How to recognise text in pictures, if at all.
    pub ocr: Option<OcrProgram>,
    /// Width of the thumbnail; 0 for none.
    pub thumbnail_width_px: u32,
    /// What opens the document, if it asks for a password. Travels as [`PASSWORD_VARIABLE`].
    #[serde(skip)]
    pub password: Option<SecretString>,
    /// What the child may use.
    pub limits: Limits,
}

/// The OCR program of this machine and the languages to use for this document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OcrProgram {
    /// Path of `tesseract`.
    pub program: PathBuf,
    /// Its language data.
    pub data_directory: Option<PathBuf>,
    /// Installed and wanted, best first; never empty.
    pub languages: Vec<String>,
    /// Whether the orientation data (`osd`) is installed.
    pub detects_orientation: bool,
}

/// Head of one frame.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "frame", rename_all = "snake_case")]
pub(crate) enum Header {
    /// The first page of a long document, before the others are read; only for who is watching.
    Preview {
        page_count: u32,
        page: PageHeader,
    },
    Text(TextHeader),
    Recognised(PageHeader),
    /// A page was looked at, and no text was recognised on it.
    NothingRecognised {
        number: u32,
    },
    Complete(Completion),
    Attachment {
        name: Option<String>,
        bytes: u32,
    },
    Thumbnail {
        content_type: String,
        width: u32,
        height: u32,
        bytes: u32,
    },
    Failed(Failure),
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TextHeader {
    content_type: String,
    pub(crate) page_count: u32,
    /// Pages that are pictures and will be recognised one after the other.
    pub(crate) scan_count: u32,
    properties: Properties,
    pub(crate) pages: Vec<PageHeader>,
}

/// What is known once all pages are read.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Completion {
    /// See [`Reading::language`].
    pub language: Option<String>,
    /// See [`Reading::notes`].
    pub notes: Vec<Note>,
    /// Whether a thumbnail will be attempted.
    pub thumbnail_follows: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PageHeader {
    number: u32,
    source: TextSource,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    confidence: Option<u8>,
    pub(crate) bytes: u32,
}

impl PageHeader {
    fn of(page: &PageText) -> Self {
        Self {
            number: page.number,
            source: page.source,
            confidence: page.confidence,
            bytes: page.text.len() as u32,
        }
    }
}

/// A reason the child found by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// See [`ReadError::Encrypted`].
    Encrypted,
    /// See [`ReadError::WrongPassword`].
    WrongPassword,
    /// See [`ReadError::Damaged`].
    Damaged,
    /// See [`ReadError::Unsupported`].
    Unsupported,
    /// See [`ReadError::OutOfMemory`].
    OutOfMemory,
    /// See [`ReadError::LimitExceeded`].
    LimitExceeded(String),
}

/// Writes the first page of a long document, which may be looked at while the others are read.
pub fn write_preview(out: &mut impl Write, page_count: u32, page: &PageText) -> io::Result<()> {
    let header = Header::Preview {
        page_count,
        page: PageHeader::of(page),
    };
    write_header(out, &header)?;
    out.write_all(page.text.as_bytes())?;
    out.flush()
}

/// Writes what the document holds as text, and what it states about itself.
pub fn write_text(
    out: &mut impl Write,
    content_type: &str,
    page_count: u32,
    scan_count: u32,
    properties: &Properties,
    pages: &[PageText],
) -> io::Result<()> {
    write_header(
        out,
        &Header::Text(TextHeader {
            content_type: content_type.to_owned(),
            page_count,
            scan_count,
            properties: properties.clone(),
            pages: pages.iter().map(PageHeader::of).collect(),
        }),
    )?;
    for page in pages {
        out.write_all(page.text.as_bytes())?;
    }
    out.flush()
}

/// Writes a page recognised after the text was written; it takes the place of the page of that number.
pub fn write_recognised(out: &mut impl Write, page: &PageText) -> io::Result<()> {
    write_header(out, &Header::Recognised(PageHeader::of(page)))?;
    out.write_all(page.text.as_bytes())?;
    out.flush()
}

/// Writes that no text was recognised on a page.
pub fn write_nothing_recognised(out: &mut impl Write, number: u32) -> io::Result<()> {
    write_header(out, &Header::NothingRecognised { number })?;
    out.flush()
}

/// Writes that all pages are read.
pub fn write_completion(out: &mut impl Write, completion: &Completion) -> io::Result<()> {
    write_header(out, &Header::Complete(completion.clone()))?;
    out.flush()
}

/// Writes the thumbnail, after the text.
pub fn write_thumbnail(out: &mut impl Write, thumbnail: &Thumbnail) -> io::Result<()> {
    write_header(
        out,
        &Header::Thumbnail {
            content_type: thumbnail.content_type.clone(),
            width: thumbnail.width,
            height: thumbnail.height,
            bytes: thumbnail.bytes.len() as u32,
        },
    )?;
    out.write_all(&thumbnail.bytes)?;
    out.flush()
}

/// Writes the reason why there is no text.
pub fn write_failure(out: &mut impl Write, failure: &Failure) -> io::Result<()> {
    write_header(out, &Header::Failed(failure.clone()))?;
    out.flush()
}

pub(crate) fn write_header(out: &mut impl Write, header: &Header) -> io::Result<()> {
    let json = serde_json::to_vec(header)?;
    out.write_all(&(json.len() as u32).to_be_bytes())?;
    out.write_all(&json)
}

/// Reads the child's answer. The child may have been taken over by the document, so nothing in it is trusted:
/// lengths, content types and characters are checked. `None` means that no usable answer arrived.
///
/// A child that died recognising or drawing has already handed over what it had read until then.
pub(crate) fn parse_answer(
    mut answer: &[u8],
    limits: &Limits,
) -> Option<Result<Reading, ReadError>> {
    let header = loop {
        match take_header(&mut answer)? {
            Header::Failed(failure) => return Some(Err(failure.into())),
            Header::Text(header) => break header,
            Header::Preview { page, .. } => take(&mut answer, page.bytes as usize)?,
            _ => return None,
        };
    };
    let mut pages = BTreeMap::new();
    for header in &header.pages {
        pages.insert(header.number, take_page(&mut answer, header)?);
    }
    let (completion, thumbnail) = take_rest(&mut answer, &mut pages);
    let mut reading = Reading {
        content_type: known_content_type(&header.content_type)?.to_owned(),
        pages: clean_pages(pages, limits.text_bytes),
        page_count: header.page_count,
        language: None,
        properties: clean_properties(header.properties),
        thumbnail,
        notes: Vec::new(),
    };
    match completion {
        Some(completion) => {
            let is_code = |code: &String| {
                code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_lowercase())
            };
            reading.language = completion.language.filter(is_code);
            reading.notes = completion.notes;
            if completion.thumbnail_follows && reading.thumbnail.is_none() {
                reading.notes.push(Note::ThumbnailFailed);
            }
        }
        None if reading.pages.is_empty() => return None,
        None => reading.notes.push(Note::OcrIncomplete),
    }
    Some(Ok(reading))
}

/// The frames after the text, as far as they arrived whole.
fn take_rest(
    answer: &mut &[u8],
    pages: &mut BTreeMap<u32, PageText>,
) -> (Option<Completion>, Option<Thumbnail>) {
    while let Some(header) = take_header(answer) {
        match header {
            Header::Recognised(header) => match take_page(answer, &header) {
                Some(page) => pages.insert(header.number, page),
                None => break,
            },
            Header::NothingRecognised { .. } => None,
            Header::Complete(completion) => return (Some(completion), take_thumbnail(answer)),
            _ => break,
        };
    }
    (None, None)
}

pub(crate) fn take<'a>(answer: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = answer.split_at_checked(count)?;
    *answer = rest;
    Some(taken)
}

pub(crate) fn take_header(answer: &mut &[u8]) -> Option<Header> {
    let length = u32::from_be_bytes(take(answer, 4)?.try_into().ok()?);
    serde_json::from_slice(take(answer, length as usize)?).ok()
}

pub(crate) fn take_page(answer: &mut &[u8], header: &PageHeader) -> Option<PageText> {
    let raw = String::from_utf8_lossy(take(answer, header.bytes as usize)?);
    Some(PageText {
        number: header.number,
        text: clean_text(&raw),
        source: header.source,
        confidence: header.confidence.map(|percent| percent.min(100)),
    })
}

/// Pages in order, without empty ones, up to the limit on text.
fn clean_pages(pages: BTreeMap<u32, PageText>, mut room_bytes: usize) -> Vec<PageText> {
    let mut clean = Vec::new();
    for page in pages.into_values() {
        let text = prefix(page.text.trim(), room_bytes);
        room_bytes -= text.len();
        if !text.is_empty() {
            clean.push(PageText {
                text: text.to_owned(),
                ..page
            });
        }
    }
    clean
}

fn take_thumbnail(answer: &mut &[u8]) -> Option<Thumbnail> {
    let Header::Thumbnail {
        content_type,
        width,
        height,
        bytes,
    } = take_header(answer)?
    else {
        return None;
    };
    let bytes = take(answer, bytes as usize)?.to_vec();
    let is_picture = matches!(content_type.as_str(), "image/jpeg" | "image/webp");
    (is_picture && sniff(&bytes, None) == content_type).then_some(Thumbnail {
        content_type,
        width,
        height,
        bytes,
    })
}

fn clean_properties(raw: Properties) -> Properties {
    let clean = |value: Option<String>| {
        let value = clean_text(&value?).replace(['\n', '\t'], " ");
        let value = prefix(value.trim(), PROPERTY_BYTES).trim_end().to_owned();
        (!value.is_empty()).then_some(value)
    };
    Properties {
        title: clean(raw.title),
        author: clean(raw.author),
        subject: clean(raw.subject),
        sender: clean(raw.sender),
        created: clean(raw.created),
    }
}

impl From<Failure> for ReadError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Encrypted => Self::Encrypted,
            Failure::WrongPassword => Self::WrongPassword,
            Failure::Damaged => Self::Damaged,
            Failure::Unsupported => Self::Unsupported,
            Failure::OutOfMemory => Self::OutOfMemory,
            Failure::LimitExceeded(what)
                if what.bytes().all(|b| b == b'_' || b.is_ascii_lowercase()) =>
            {
                Self::LimitExceeded {
                    what: prefix(&what, 40).to_owned(),
                }
            }
            Failure::LimitExceeded(_) => Self::Crashed,
        }
    }
}

#[cfg(test)]
#[path = "protocol_tests.rs"]
mod tests;
