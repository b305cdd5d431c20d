//! The XML that S3 stores answer with, read by local name: stores differ in namespaces and root names.
//!
//! The store is not trusted: no document types, no entities but the five of XML, and bounds on everything.

use percent_encoding::percent_decode_str;
use quick_xml::{
    Reader,
    events::{BytesRef, Event},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::errors::Trouble;
use crate::StoredPart;

/// Longest answer that is read: a page of 1,000 names with all that stores add takes less than one.
pub(super) const LONGEST_ANSWER: usize = 4 * 1024 * 1024;
const MOST_ELEMENTS: usize = 40_000;
const DEEPEST: usize = 16;
const LONGEST_CODE: usize = 64;

type Read<T> = Result<T, Trouble>;

/// An element without its attributes, which mean nothing here.
#[derive(Debug, Default)]
struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

impl Element {
    fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    fn required(&self, name: &str) -> Read<&str> {
        self.text_of(name)
            .filter(|text| !text.is_empty())
            .ok_or(Trouble::Nonsense("something is missing in its XML"))
    }

    fn number(&self, name: &str) -> Read<u64> {
        let number = self.required(name)?.trim().parse();
        number.map_err(|_| Trouble::Nonsense("no number where one belongs"))
    }

    fn time(&self, name: &str) -> Read<OffsetDateTime> {
        OffsetDateTime::parse(self.required(name)?.trim(), &Rfc3339)
            .map_err(|_| Trouble::Nonsense("no time where one belongs"))
    }

    fn is_truncated(&self) -> bool {
        self.text_of("IsTruncated")
            .is_some_and(|text| text.trim().eq_ignore_ascii_case("true"))
    }
}

/// The whole document; one that was cut short is none.
fn parse(body: &[u8]) -> Read<Element> {
    const BROKEN: Trouble = Trouble::Nonsense("broken XML");
    if body.len() > LONGEST_ANSWER {
        return Err(Trouble::Nonsense("a very long answer"));
    }
    let text = std::str::from_utf8(body).map_err(|_| BROKEN)?;
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = vec![Element::default()];
    let mut elements = 0;
    loop {
        match reader.read_event().map_err(|_| BROKEN)? {
            Event::Start(start) => {
                elements += 1;
                if elements > MOST_ELEMENTS || open.len() > DEEPEST {
                    return Err(Trouble::Nonsense("XML beyond measure"));
                }
                open.push(named(start.local_name().as_ref()));
            }
            Event::Empty(start) => {
                elements += 1;
                if elements > MOST_ELEMENTS {
                    return Err(Trouble::Nonsense("XML beyond measure"));
                }
                let element = named(start.local_name().as_ref());
                open.last_mut().ok_or(BROKEN)?.children.push(element);
            }
            Event::End(_) => {
                let element = open.pop().ok_or(BROKEN)?;
                open.last_mut().ok_or(BROKEN)?.children.push(element);
            }
            Event::Text(text) => {
                let content = text.xml10_content();
                open.last_mut().ok_or(BROKEN)?.text.push_str(&content);
            }
            Event::CData(text) => {
                let content = text.xml10_content();
                open.last_mut().ok_or(BROKEN)?.text.push_str(&content);
            }
            Event::GeneralRef(reference) => {
                open.last_mut()
                    .ok_or(BROKEN)?
                    .text
                    .push(char_of(&reference)?);
            }
            Event::DocType(_) => return Err(Trouble::Nonsense("XML with a document type")),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    let mut document = open.pop().filter(|_| open.is_empty()).ok_or(BROKEN)?;
    document.children.pop().ok_or(BROKEN)
}

fn named(name: &str) -> Element {
    Element {
        name: name.to_owned(),
        ..Element::default()
    }
}

fn char_of(reference: &BytesRef<'_>) -> Read<char> {
    const UNKNOWN: Trouble = Trouble::Nonsense("XML with entities of its own");
    if let Some(char) = reference.resolve_char_ref().map_err(|_| UNKNOWN)? {
        return Ok(char);
    }
    match &**reference {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(UNKNOWN),
    }
}

/// The code of an error, if the body is one and the code looks like one.
pub(super) fn error_code(body: &[u8]) -> Option<String> {
    let root = parse(body).ok()?;
    let error = if root.name == "Error" {
        &root
    } else {
        root.child("Error")?
    };
    let code = error.text_of("Code")?.trim();
    let is_code = (1..=LONGEST_CODE).contains(&code.len())
        && code
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    is_code.then(|| code.to_owned())
}

/// The id of an upload that the store has opened.
pub(super) fn upload_id(body: &[u8]) -> Read<String> {
    Ok(parse(body)?.required("UploadId")?.trim().to_owned())
}

/// Whether the body of a success says that there was none.
pub(super) fn is_success(body: &[u8]) -> Read<bool> {
    let root = parse(body)?;
    Ok(root.name != "Error" && root.child("Error").is_none())
}

/// A page of the parts that have arrived.
pub(super) struct PartsPage {
    pub parts: Vec<StoredPart>,
    /// The number to go on after.
    pub next: Option<u32>,
}

pub(super) fn parts(body: &[u8]) -> Read<PartsPage> {
    let root = parse(body)?;
    let parts = root.all("Part").map(|part| {
        Ok(StoredPart {
            number: part_number(part, "PartNumber")?,
            size_bytes: part.number("Size")?,
            etag: unquoted(part.required("ETag")?),
        })
    });
    let parts = parts.collect::<Read<Vec<_>>>()?;
    let next = if root.is_truncated() {
        Some(part_number(&root, "NextPartNumberMarker")?)
    } else {
        None
    };
    Ok(PartsPage { parts, next })
}

fn part_number(element: &Element, name: &str) -> Read<u32> {
    element
        .number(name)?
        .try_into()
        .map_err(|_| Trouble::Nonsense("a part number beyond measure"))
}

/// An object as a listing names it: any name there is.
pub(super) struct NamedObject {
    pub name: String,
    pub size_bytes: u64,
    pub modified_at: OffsetDateTime,
}

/// A page of a listing.
pub(super) struct ObjectsPage {
    pub objects: Vec<NamedObject>,
    pub next_token: Option<String>,
}

pub(super) fn objects(body: &[u8]) -> Read<ObjectsPage> {
    let root = parse(body)?;
    if root.name == "Error" {
        return Err(Trouble::Nonsense("an error where a listing belongs"));
    }
    let objects = root.all("Contents").map(|object| {
        Ok(NamedObject {
            name: decoded(object.required("Key")?),
            size_bytes: object.number("Size")?,
            modified_at: object.time("LastModified")?,
        })
    });
    let objects = objects.collect::<Read<Vec<_>>>()?;
    // A listing that broke off here would make every object behind it look lost.
    let next_token = if root.is_truncated() {
        Some(root.required("NextContinuationToken")?.to_owned())
    } else {
        None
    };
    Ok(ObjectsPage {
        objects,
        next_token,
    })
}

/// An upload that was opened and not ended.
pub(super) struct NamedUpload {
    pub name: String,
    pub store_upload_id: String,
    pub started_at: OffsetDateTime,
}

/// A page of them.
pub(super) struct UploadsPage {
    pub uploads: Vec<NamedUpload>,
    /// Key and upload id to go on after.
    pub next: Option<(String, String)>,
}

pub(super) fn uploads(body: &[u8]) -> Read<UploadsPage> {
    let root = parse(body)?;
    if root.name == "Error" {
        return Err(Trouble::Nonsense("an error where a listing belongs"));
    }
    let uploads = root.all("Upload").map(|upload| {
        Ok(NamedUpload {
            name: upload.required("Key")?.to_owned(),
            store_upload_id: upload.required("UploadId")?.trim().to_owned(),
            started_at: upload.time("Initiated")?,
        })
    });
    let uploads = uploads.collect::<Read<Vec<_>>>()?;
    let next = if root.is_truncated() {
        let id = root.text_of("NextUploadIdMarker").unwrap_or_default();
        Some((root.required("NextKeyMarker")?.to_owned(), id.to_owned()))
    } else {
        None
    };
    Ok(UploadsPage { uploads, next })
}

/// Asked for with `encoding-type=url`, for names that XML cannot hold. Ours look the same either way.
fn decoded(name: &str) -> String {
    percent_decode_str(name).decode_utf8_lossy().into_owned()
}

/// An ETag without its quotes.
pub(super) fn unquoted(etag: &str) -> String {
    etag.trim().trim_matches('"').to_owned()
}

#[cfg(test)]
#[path = "answers_tests.rs"]
mod tests;
