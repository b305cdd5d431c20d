//! PDF: its text, and the text recognised on pages that are pictures.

mod drawing;
mod scanned;
mod text;

use std::rc::Rc;
use std::sync::Arc;

use docuvault_extract::protocol::{Failure, Job};
use docuvault_extract::{Note, PageText, TextSource};
use secrecy::{ExposeSecret, SecretString};

use crate::findings::{Findings, FoundOnScan, Preview};
use crate::ocr::Ocr;
use drawing::Drawing;
pub use scanned::Scanned;

/// Of a document this long the first page is shown before the others are read.
const PREVIEWED_FROM_PAGES: u32 = 30;

/// Reads a PDF, with the password of the job if it asks for one. Two engines look at it, one for text and one for drawing; what one of them can open is read.
pub fn read(
    bytes: &Arc<Vec<u8>>,
    job: &Job,
    preview: &mut Preview<'_>,
) -> Result<Findings, Failure> {
    let password = job.password.as_ref().map(SecretString::expose_secret);
    let drawing = Drawing::open(bytes, password.unwrap_or_default());
    let page_count = match &drawing {
        Ok(drawing) => Some(drawing.page_count()),
        Err(Failure::Encrypted) if password.is_some() => return Err(Failure::WrongPassword),
        Err(Failure::Encrypted) => return Err(Failure::Encrypted),
        Err(_) => None,
    };
    if let Some(page_count) =
        page_count.filter(|count| (PREVIEWED_FROM_PAGES..=job.limits.text_pages).contains(count))
        && let Some(text) = text::first_page(bytes, password)
    {
        preview(page_count, text);
    }
    let text = match (
        text::read(bytes, password, page_count, &job.limits),
        page_count,
    ) {
        (Ok(text), _) => text,
        (Err(Failure::Encrypted), None) if password.is_some() => {
            return Err(Failure::WrongPassword);
        }
        // Of what opens for drawing, the pages can be looked at.
        (Err(Failure::Damaged | Failure::Encrypted), Some(page_count)) => {
            text::DocumentText::without_text(page_count)
        }
        (Err(failure), _) => return Err(failure),
    };
    let mut findings = Findings {
        page_count: text.page_count,
        properties: text.properties,
        notes: if text.truncated {
            vec![Note::Truncated]
        } else {
            Vec::new()
        },
        ..Findings::default()
    };
    if let Ok(drawing) = drawing {
        let scanned = Rc::new(Scanned::new(drawing, &text.pages));
        findings.scan_count = scanned.scan_count();
        let (drawing, job) = (Rc::clone(&scanned), job.clone());
        findings.scans = Some(Box::new(move |found| {
            recognise_scans(&scanned, &job, found)
        }));
        findings.first_page = Some(Box::new(move |width_px| drawing.draw_first_page(width_px)));
    }
    findings.pages = text.pages.into_iter().map(from_text).collect();
    Ok(findings)
}

fn from_text((number, text): (u32, String)) -> PageText {
    PageText {
        number,
        text,
        source: TextSource::Text,
        confidence: None,
    }
}

/// Reads each page that is a picture, and hands over what is more than its own text.
fn recognise_scans(scanned: &Scanned, job: &Job, found: &mut FoundOnScan<'_>) -> Vec<Note> {
    let ocr = job
        .ocr
        .as_ref()
        .map(|program| Ocr::new(program, &job.limits));
    scanned.recognise(job, ocr.as_ref(), &mut |number, recognised| {
        found(number, recognised.map(|(page, _)| page.into_page(number)));
    })
}

/// How many pages there are, if it opens.
pub fn page_count(bytes: &Arc<Vec<u8>>, password: &str) -> Option<u32> {
    Drawing::open(bytes, password)
        .ok()
        .map(|drawing| drawing.page_count())
}
