//! Documents that came attached to a message, and how a child hands them out: a frame for each, then the frame of completion.

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
pub(crate) fn parse_attachments(mut answer: &[u8]) -> Option<Result<Attachments, ReadError>> {
    let mut found = Attachments::default();
    loop {
        match take_header(&mut answer)? {
            Header::Failed(failure) => return Some(Err(failure.into())),
            Header::Attachment { name, bytes } => {
                let bytes = take(&mut answer, bytes as usize)?.to_vec();
                let name = name.map(|name| clean_text(&name).replace(['\n', '\t'], " "));
                let name = name.map(|name| prefix(name.trim(), PROPERTY_BYTES).to_owned());
                found.documents.push(Attached {
                    name: name.filter(|name| !name.is_empty()),
                    bytes,
                });
            }
            Header::Complete(completion) => {
                found
                    .documents
                    .retain(|document| !document.bytes.is_empty());
                found.is_cut = completion.notes.contains(&Note::Truncated);
                return Some(Ok(found));
            }
            _ => return None,
        }
    }
}
