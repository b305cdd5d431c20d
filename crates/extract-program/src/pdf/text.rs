//! The text a PDF holds, page by page.

use std::panic::{AssertUnwindSafe, catch_unwind};

use docuvault_extract::protocol::Failure;
use docuvault_extract::{Limits, Properties};
use xberg_native_pdf::PdfDocument;

use crate::office;

/// Text per page, with pages without text present and empty.
pub struct DocumentText {
    pub page_count: u32,
    /// Page number, counted from 1, and text; complete and in order up to the page limit.
    pub pages: Vec<(u32, String)>,
    pub properties: Properties,
    pub truncated: bool,
}

impl DocumentText {
    /// A document whose pages hold no readable text.
    pub fn without_text(page_count: u32) -> Self {
        let pages = (1..=page_count)
            .map(|number| (number, String::new()))
            .collect();
        Self {
            page_count,
            pages,
            properties: Properties::default(),
            truncated: false,
        }
    }
}

/// Reads the text. `page_count` is what the drawing engine counted, if it could open the document.
pub fn read(
    bytes: &[u8],
    password: Option<&str>,
    page_count: Option<u32>,
    limits: &Limits,
) -> Result<DocumentText, Failure> {
    if page_count.is_some_and(|count| count > limits.text_pages) {
        return read_first_pages(bytes, password, limits.text_pages);
    }
    let mut document = office::extract(bytes.to_vec(), "application/pdf", password, limits)?;
    let properties = office::properties(&mut document);
    let found = document.pages.unwrap_or_default();
    let last_found = found.iter().map(|page| page.page_number).max().unwrap_or(0);
    let page_count = page_count.unwrap_or(last_found).max(1);
    let readable = page_count.min(limits.text_pages);
    let mut text = DocumentText {
        properties,
        truncated: readable < page_count,
        ..DocumentText::without_text(readable)
    };
    text.page_count = page_count;
    for page in found {
        let slot = page
            .page_number
            .checked_sub(1)
            .and_then(|index| text.pages.get_mut(index as usize));
        if let Some((_, slot)) = slot {
            *slot = page.content;
        }
    }
    Ok(text)
}

/// The text of the first page alone, if it has any.
pub fn first_page(bytes: &[u8], password: Option<&str>) -> Option<String> {
    let document = PdfDocument::from_bytes(bytes.to_vec()).ok()?;
    if let Some(password) = password {
        document.authenticate(password.as_bytes()).ok()?;
    }
    let page = catch_unwind(AssertUnwindSafe(|| document.extract_text(0)));
    page.ok()?.ok().filter(|text| !text.trim().is_empty())
}

/// `xberg` takes a document whole or not at all; of a very long one, its engine is asked for the first pages alone.
fn read_first_pages(
    bytes: &[u8],
    password: Option<&str>,
    readable: u32,
) -> Result<DocumentText, Failure> {
    let document = PdfDocument::from_bytes(bytes.to_vec()).map_err(|_| Failure::Damaged)?;
    if !document
        .authenticate(password.unwrap_or_default().as_bytes())
        .unwrap_or(false)
    {
        return Err(Failure::Encrypted);
    }
    let page_count = document.page_count().map_err(|_| Failure::Damaged)? as u32;
    let mut text = DocumentText {
        truncated: true,
        ..DocumentText::without_text(readable.min(page_count))
    };
    text.page_count = page_count;
    for (number, slot) in &mut text.pages {
        let page = catch_unwind(AssertUnwindSafe(|| {
            document.extract_text(*number as usize - 1)
        }));
        *slot = page.ok().and_then(Result::ok).unwrap_or_default();
    }
    Ok(text)
}
