//! PDF: its text, and the text recognised on pages that are pictures.

mod drawing;
mod text;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use docuvault_extract::protocol::{Failure, Job};
use docuvault_extract::{Note, PageText, TextSource};
use secrecy::{ExposeSecret, SecretString};

use crate::findings::{Findings, FoundOnScan, Preview, count_letters};
use crate::ocr::Ocr;
use drawing::Drawing;

/// A page with fewer letters than this is a scan, at most with a stamp or a page number on it.
const MIN_LETTERS: usize = 20;
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
        let scans: Vec<_> = text
            .pages
            .iter()
            .filter(|(_, text)| count_letters(text) < MIN_LETTERS)
            .cloned()
            .collect();
        findings.scan_count = scans.len() as u32;
        let drawing = Rc::new(drawing);
        let (drawing_scans, job) = (Rc::clone(&drawing), job.clone());
        findings.scans = Some(Box::new(move |found| {
            recognise_scans(&drawing_scans, &scans, &job, found)
        }));
        findings.first_page = Some(Box::new(move |width_px| drawing.draw_to_width(0, width_px)));
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

/// Draws each page with hardly any text and reads the picture, as far as the limits go.
fn recognise_scans(
    drawing: &Drawing,
    scans: &[(u32, String)],
    job: &Job,
    found: &mut FoundOnScan<'_>,
) -> Vec<Note> {
    let deadline = Instant::now() + job.limits.ocr_budget;
    let mut recognised_pages = 0;
    for (number, text) in scans {
        if recognised_pages >= job.limits.ocr_pages || Instant::now() > deadline {
            return vec![Note::OcrIncomplete];
        }
        let Some((picture, dpi)) = drawing.draw_for_ocr(number - 1, job.limits.raster_pixels)
        else {
            found(*number, None);
            continue;
        };
        let Some(program) = &job.ocr else {
            return vec![Note::OcrMissing];
        };
        recognised_pages += 1;
        let recognised = Ocr::new(program, &job.limits).recognise(&picture, dpi);
        let page = recognised
            .filter(|page| count_letters(&page.text) > count_letters(text))
            .map(|page| page.into_page(*number));
        found(*number, page);
    }
    Vec::new()
}
