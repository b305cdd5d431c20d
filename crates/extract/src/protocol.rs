//! What parent and child say to each other. The job travels as one JSON argument, the document as standard
//! input, and the answer as frames on standard output: length of a JSON header (u32, big endian), header, body.
//! Text comes in a frame of its own before the thumbnail, so that a picture that kills the child costs no text.

use std::io::{self, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::clean_text::{clean_text, prefix};
use crate::limits::Limits;
use crate::read_error::ReadError;
use crate::reading::{Note, PageText, Properties, Reading, TextSource, Thumbnail};
use crate::sniff::{known_content_type, sniff};

/// First argument of a child that reads a document; the second is a [`Job`] as JSON.
pub const READ_COMMAND: &str = "read";
/// First argument of a child that reports what its sandbox lets it do; the second is a [`Job`] as JSON.
pub const PROBE_COMMAND: &str = "--probe";

const PROPERTY_BYTES: usize = 500;

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
enum Header {
    Text(TextHeader),
    Thumbnail {
        content_type: String,
        width: u32,
        height: u32,
        bytes: u32,
    },
    Failed(Failure),
}

#[derive(Debug, Serialize, Deserialize)]
struct TextHeader {
    content_type: String,
    page_count: u32,
    language: Option<String>,
    properties: Properties,
    notes: Vec<Note>,
    pages: Vec<PageHeader>,
    thumbnail_follows: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct PageHeader {
    number: u32,
    source: TextSource,
    bytes: u32,
}

/// A reason the child found by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// See [`ReadError::Encrypted`].
    Encrypted,
    /// See [`ReadError::Damaged`].
    Damaged,
    /// See [`ReadError::Unsupported`].
    Unsupported,
    /// See [`ReadError::OutOfMemory`].
    OutOfMemory,
    /// See [`ReadError::LimitExceeded`].
    LimitExceeded(String),
}

/// Writes the text of a document. `thumbnail_follows` says that a thumbnail will be attempted.
pub fn write_text(
    out: &mut impl Write,
    reading: &Reading,
    thumbnail_follows: bool,
) -> io::Result<()> {
    let pages = reading.pages.iter().map(|page| PageHeader {
        number: page.number,
        source: page.source,
        bytes: page.text.len() as u32,
    });
    write_header(
        out,
        &Header::Text(TextHeader {
            content_type: reading.content_type.clone(),
            page_count: reading.page_count,
            language: reading.language.clone(),
            properties: reading.properties.clone(),
            notes: reading.notes.clone(),
            pages: pages.collect(),
            thumbnail_follows,
        }),
    )?;
    for page in &reading.pages {
        out.write_all(page.text.as_bytes())?;
    }
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

fn write_header(out: &mut impl Write, header: &Header) -> io::Result<()> {
    let json = serde_json::to_vec(header)?;
    out.write_all(&(json.len() as u32).to_be_bytes())?;
    out.write_all(&json)
}

/// Reads the child's answer. The child may have been taken over by the document, so nothing in it is trusted:
/// lengths, content types and characters are checked. `None` means that no whole answer arrived.
pub(crate) fn parse_answer(
    mut answer: &[u8],
    limits: &Limits,
) -> Option<Result<Reading, ReadError>> {
    let header = match take_header(&mut answer)? {
        Header::Failed(failure) => return Some(Err(failure.into())),
        Header::Thumbnail { .. } => return None,
        Header::Text(header) => header,
    };
    let mut reading = Reading {
        content_type: known_content_type(&header.content_type)?.to_owned(),
        pages: take_pages(&mut answer, &header.pages, limits)?,
        page_count: header.page_count,
        language: header
            .language
            .filter(|code| code.len() == 2 && code.bytes().all(|b| b.is_ascii_lowercase())),
        properties: clean_properties(header.properties),
        thumbnail: take_thumbnail(&mut answer),
        notes: header.notes,
    };
    if header.thumbnail_follows && reading.thumbnail.is_none() {
        reading.notes.push(Note::ThumbnailFailed);
    }
    reading.notes.dedup();
    Some(Ok(reading))
}

fn take<'a>(answer: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = answer.split_at_checked(count)?;
    *answer = rest;
    Some(taken)
}

fn take_header(answer: &mut &[u8]) -> Option<Header> {
    let length = u32::from_be_bytes(take(answer, 4)?.try_into().ok()?);
    serde_json::from_slice(take(answer, length as usize)?).ok()
}

fn take_pages(
    answer: &mut &[u8],
    headers: &[PageHeader],
    limits: &Limits,
) -> Option<Vec<PageText>> {
    let mut room = limits.text_bytes;
    let mut pages = Vec::new();
    for header in headers {
        let raw = String::from_utf8_lossy(take(answer, header.bytes as usize)?);
        let clean = clean_text(&raw);
        let text = prefix(clean.trim(), room);
        room -= text.len();
        if !text.is_empty() {
            pages.push(PageText {
                number: header.number,
                text: text.to_owned(),
                source: header.source,
            });
        }
    }
    pages
        .is_sorted_by(|a, b| a.number < b.number)
        .then_some(pages)
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
mod tests {
    use super::*;

    fn reading() -> Reading {
        Reading {
            content_type: "application/pdf".to_owned(),
            pages: vec![
                PageText {
                    number: 1,
                    text: "first".to_owned(),
                    source: TextSource::Text,
                },
                PageText {
                    number: 3,
                    text: "dritte Seite ü".to_owned(),
                    source: TextSource::Ocr,
                },
            ],
            page_count: 3,
            language: Some("de".to_owned()),
            properties: Properties {
                title: Some("Rechnung".to_owned()),
                ..Properties::default()
            },
            thumbnail: None,
            notes: vec![Note::Truncated],
        }
    }

    fn parse(answer: &[u8]) -> Option<Result<Reading, ReadError>> {
        parse_answer(answer, &Limits::default())
    }

    #[test]
    fn text_and_thumbnail_survive_the_journey() {
        let thumbnail = Thumbnail {
            content_type: "image/jpeg".to_owned(),
            width: 3,
            height: 4,
            bytes: b"\xff\xd8\xff\xe0jpeg".to_vec(),
        };
        let mut answer = Vec::new();
        write_text(&mut answer, &reading(), true).unwrap();
        write_thumbnail(&mut answer, &thumbnail).unwrap();
        let expected = Reading {
            thumbnail: Some(thumbnail),
            ..reading()
        };
        assert_eq!(parse(&answer).unwrap().unwrap(), expected);
    }

    #[test]
    fn a_child_that_dies_drawing_the_thumbnail_costs_no_text() {
        let mut answer = Vec::new();
        write_text(&mut answer, &reading(), true).unwrap();
        let found = parse(&answer).unwrap().unwrap();
        assert_eq!(found.pages, reading().pages);
        assert_eq!(found.notes, [Note::Truncated, Note::ThumbnailFailed]);
    }

    #[test]
    fn every_cut_before_the_end_of_the_text_is_no_answer() {
        let mut answer = Vec::new();
        write_text(&mut answer, &reading(), false).unwrap();
        for length in 0..answer.len() {
            assert!(parse(&answer[..length]).is_none(), "cut at {length}");
        }
    }

    #[test]
    fn lies_in_the_answer_are_refused_or_washed_out() {
        let forged = |change: fn(&mut Reading)| {
            let mut reading = reading();
            change(&mut reading);
            let mut answer = Vec::new();
            write_text(&mut answer, &reading, false).unwrap();
            parse(&answer)
        };
        assert!(forged(|r| r.content_type = "text/evil".to_owned()).is_none());
        assert!(forged(|r| r.pages[1].number = 1).is_none());
        let washed = forged(|r| {
            r.pages[0].text = "a\u{e000}b\0c".to_owned();
            r.language = Some("<script>".to_owned());
            r.properties.title = Some("x\n".repeat(2_000));
        });
        let washed = washed.unwrap().unwrap();
        assert_eq!(washed.pages[0].text, "abc");
        assert_eq!(washed.language, None);
        assert!(washed.properties.title.unwrap().len() <= PROPERTY_BYTES);
    }

    #[test]
    fn text_beyond_the_limit_is_dropped() {
        let mut answer = Vec::new();
        write_text(&mut answer, &reading(), false).unwrap();
        let limits = Limits {
            text_bytes: 7,
            ..Limits::default()
        };
        let found = parse_answer(&answer, &limits).unwrap().unwrap();
        assert_eq!(
            found
                .pages
                .iter()
                .map(|p| p.text.as_str())
                .collect::<Vec<_>>(),
            ["first", "dr"]
        );
    }

    #[test]
    fn a_failure_keeps_its_kind() {
        let mut answer = Vec::new();
        write_failure(
            &mut answer,
            &Failure::LimitExceeded("expanded_size".to_owned()),
        )
        .unwrap();
        let Some(Err(ReadError::LimitExceeded { what })) = parse(&answer) else {
            panic!("wrong kind")
        };
        assert_eq!(what, "expanded_size");
    }
}
