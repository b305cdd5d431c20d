//! The XML that stores answer, read by the names of its elements: namespaces and the root's name differ from store to store.

use quick_xml::{Reader, events::Event};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{StorageError, StoredPart};

/// No answer nests deeper.
const MAX_DEPTH: usize = 12;

/// One step through a document.
enum Step {
    /// An element without elements in it, such as `<Key>…</Key>`.
    Leaf { name: String, text: String },
    /// The end of an element with others in it, such as `</Contents>`.
    End(String),
}

pub(super) fn error_code(xml: &str) -> Option<String> {
    let steps = steps(xml).ok()?;
    let is_error = matches!(steps.last(), Some(Step::End(root)) if root == "Error");
    is_error.then(|| find(&steps, "Code").unwrap_or_default().to_owned())
}

pub(super) fn upload_id(xml: &str) -> Result<String, StorageError> {
    match find(&steps(xml)?, "UploadId") {
        Some(id) if !id.is_empty() => Ok(id.to_owned()),
        _ => Err(StorageError::unavailable("the store named no upload")),
    }
}

/// A page of something, and where the next one begins, if there is one.
pub(super) struct Page<T> {
    pub entries: Vec<T>,
    pub is_last: bool,
    /// Markers by the names the store gave them.
    pub next: Vec<(&'static str, String)>,
}

pub(super) fn parts(xml: &str) -> Result<Page<StoredPart>, StorageError> {
    page(xml, "Part", &["NextPartNumberMarker"], |fields| {
        Some(StoredPart {
            number: fields.get("PartNumber")?.parse().ok()?,
            size_bytes: fields.get("Size")?.parse().ok()?,
            etag: fields.get("ETag")?.trim_matches('"').to_owned(),
        })
    })
}

/// An object as listed, by whatever name.
pub(super) struct Entry {
    pub name: String,
    pub size_bytes: u64,
    pub modified_at: OffsetDateTime,
}

pub(super) fn objects(xml: &str) -> Result<Page<Entry>, StorageError> {
    page(xml, "Contents", &[], |fields| {
        Some(Entry {
            name: fields.get("Key")?.to_owned(),
            size_bytes: fields.get("Size")?.parse().ok()?,
            modified_at: time(fields.get("LastModified")?)?,
        })
    })
}

/// An upload that was begun, by whatever name.
pub(super) struct Begun {
    pub name: String,
    pub store_upload_id: String,
    pub started_at: OffsetDateTime,
}

pub(super) fn uploads(xml: &str) -> Result<Page<Begun>, StorageError> {
    page(
        xml,
        "Upload",
        &["NextKeyMarker", "NextUploadIdMarker"],
        |fields| {
            Some(Begun {
                name: fields.get("Key")?.to_owned(),
                store_upload_id: fields.get("UploadId")?.to_owned(),
                // A store that does not say when cannot be told that it was long ago.
                started_at: fields
                    .get("Initiated")
                    .and_then(time)
                    .unwrap_or_else(OffsetDateTime::now_utc),
            })
        },
    )
}

/// The leaves of one entry.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn get(&self, name: &str) -> Option<&str> {
        let (_, text) = self.0.iter().find(|(known, _)| known == name)?;
        Some(text)
    }
}

fn page<T>(
    xml: &str,
    entry: &str,
    markers: &[&'static str],
    read: impl Fn(&Fields) -> Option<T>,
) -> Result<Page<T>, StorageError> {
    let steps = steps(xml)?;
    let mut page = Page {
        entries: Vec::new(),
        is_last: find(&steps, "IsTruncated") != Some("true"),
        next: Vec::new(),
    };
    for marker in markers {
        if let Some(value) = find(&steps, marker) {
            page.next.push((marker, value.to_owned()));
        }
    }
    let mut fields = Fields(Vec::new());
    for step in steps {
        match step {
            Step::Leaf { name, text } => fields.0.push((name, text)),
            Step::End(name) => {
                // An owner or initiator within an entry is part of it.
                if name == entry {
                    page.entries.push(read(&fields).ok_or_else(garbage)?);
                }
                if !matches!(name.as_str(), "Owner" | "Initiator") {
                    fields.0.clear();
                }
            }
        }
    }
    Ok(page)
}

fn find<'a>(steps: &'a [Step], wanted: &str) -> Option<&'a str> {
    steps.iter().find_map(|step| match step {
        Step::Leaf { name, text } if name == wanted => Some(text.as_str()),
        _ => None,
    })
}

/// Document types and entities other than the five of XML are refused: nothing here needs them, and bombs are made of them.
fn steps(xml: &str) -> Result<Vec<Step>, StorageError> {
    let mut reader = Reader::from_str(xml);
    let mut steps = Vec::new();
    // The text of each open element, and whether it has elements in it.
    let mut open: Vec<(String, bool)> = Vec::new();
    loop {
        match reader.read_event().map_err(|_| garbage())? {
            Event::Start(_) => {
                if let Some((_, has_elements)) = open.last_mut() {
                    *has_elements = true;
                }
                if open.len() == MAX_DEPTH {
                    return Err(garbage());
                }
                open.push((String::new(), false));
            }
            Event::Empty(tag) => {
                if let Some((_, has_elements)) = open.last_mut() {
                    *has_elements = true;
                }
                steps.push(Step::Leaf {
                    name: tag.local_name().as_ref().to_owned(),
                    text: String::new(),
                });
            }
            Event::Text(text) => append(&mut open, &text.xml10_content()),
            Event::CData(text) => append(&mut open, &text.xml10_content()),
            Event::GeneralRef(reference) => {
                let char = match reference.resolve_char_ref().map_err(|_| garbage())? {
                    Some(char) => char,
                    None => known_entity(&reference)?,
                };
                append(&mut open, char.encode_utf8(&mut [0; 4]));
            }
            Event::End(tag) => {
                let (text, has_elements) = open.pop().ok_or_else(garbage)?;
                let name = tag.local_name().as_ref().to_owned();
                steps.push(if has_elements {
                    Step::End(name)
                } else {
                    Step::Leaf { name, text }
                });
            }
            Event::DocType(_) => return Err(garbage()),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            // Cut short, it is not an answer.
            Event::Eof if open.is_empty() && !steps.is_empty() => return Ok(steps),
            Event::Eof => return Err(garbage()),
        }
    }
}

fn append(open: &mut [(String, bool)], text: &str) {
    if let Some((so_far, _)) = open.last_mut() {
        so_far.push_str(text);
    }
}

fn known_entity(name: &str) -> Result<char, StorageError> {
    match name {
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "amp" => Ok('&'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(garbage()),
    }
}

fn time(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}

fn garbage() -> StorageError {
    StorageError::unavailable("the store answered something that is not understood")
}

#[cfg(test)]
#[path = "answers_tests.rs"]
mod tests;
