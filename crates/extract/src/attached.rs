//! Documents that a child hands out, which came attached to a message or were made of a scan: a frame for each, then the frame of
//! completion.

use std::io::{self, Write};

use crate::clean_text::{clean_text, prefix};
use crate::protocol::{Header, PROPERTY_BYTES, take, take_header, write_header};
use crate::read_error::ReadError;
use crate::reading::Note;

/// One of them, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// Its file name; a message goes by its subject. Without control characters, and may be `None`.
    pub name: Option<String>,
    /// Its bytes; never empty.
    pub bytes: Vec<u8>,
}

/// The attachments of a message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attachments {
    /// In their order.
    pub documents: Vec<Attached>,
    /// Whether some were left out: too many, or too large together.
    pub is_cut: bool,
}

/// The searchable copy of a scan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchableCopy {
    /// A PDF; `None` when no page of the document is a picture with text.
    pub pdf: Option<Vec<u8>>,
    /// [`Note::OcrIncomplete`]: not all pages were read. [`Note::OcrMissing`]: none could be.
    pub notes: Vec<Note>,
}

/// Writes a document that is attached to a message.
pub fn write_attachment(out: &mut impl Write, name: Option<&str>, bytes: &[u8]) -> io::Result<()> {
    let header = Header::Attachment {
        name: name.map(str::to_owned),
        bytes: bytes.len() as u32,
    };
    write_header(out, &header)?;
    out.write_all(bytes)
}

/// Reads the answer of a child that hands out attachments; `None` when it did not get to its end.
pub(crate) fn parse_attachments(answer: &[u8]) -> Option<Result<Attachments, ReadError>> {
    Some(
        parse_documents(answer)?.map(|(documents, notes)| Attachments {
            documents,
            is_cut: notes.contains(&Note::Truncated),
        }),
    )
}

/// Reads the answer of a child that made a searchable copy; `None` when it did not get to its end.
pub(crate) fn parse_searchable(answer: &[u8]) -> Option<Result<SearchableCopy, ReadError>> {
    Some(
        parse_documents(answer)?.map(|(documents, notes)| SearchableCopy {
            pdf: documents.into_iter().next().map(|document| document.bytes),
            notes,
        }),
    )
}

type Documents = (Vec<Attached>, Vec<Note>);

fn parse_documents(mut answer: &[u8]) -> Option<Result<Documents, ReadError>> {
    let mut documents = Vec::new();
    loop {
        match take_header(&mut answer)? {
            Header::Failed(failure) => return Some(Err(failure.into())),
            Header::Attachment { name, bytes } => {
                let bytes = take(&mut answer, bytes as usize)?.to_vec();
                let name = name.map(|name| clean_text(&name).replace(['\n', '\t'], " "));
                let name = name.map(|name| prefix(name.trim(), PROPERTY_BYTES).to_owned());
                documents.push(Attached {
                    name: name.filter(|name| !name.is_empty()),
                    bytes,
                });
            }
            Header::Complete(completion) => {
                documents.retain(|document: &Attached| !document.bytes.is_empty());
                return Some(Ok((documents, completion.notes)));
            }
            _ => return None,
        }
    }
}
