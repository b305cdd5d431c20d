//! The pages of a PDF that are pictures.

use std::sync::Arc;
use std::time::Instant;

use docuvault_extract::Note;
use docuvault_extract::protocol::{Failure, Job};
use hayro::kurbo::Affine;
use secrecy::{ExposeSecret, SecretString};

use super::drawing::Drawing;
use super::text;
use crate::findings::count_letters;
use crate::ocr::Ocr;
use crate::ocr_words::Recognised;

/// A page with fewer letters than this is a scan, at most with a stamp or a page number on it.
const MIN_LETTERS: usize = 20;

/// A document that can be drawn, and which of its pages hold hardly any text.
pub struct Scanned {
    drawing: Drawing,
    /// Their numbers, counted from 1, and how many letters they have.
    scans: Vec<(u32, usize)>,
}

/// Takes over each page that is a picture: its number, and what was recognised at how many dots per inch.
pub type FoundOnPage<'a> = dyn FnMut(u32, Option<(Recognised, f32)>) + 'a;

impl Scanned {
    pub fn new(drawing: Drawing, pages: &[(u32, String)]) -> Self {
        let scans = pages
            .iter()
            .map(|(number, text)| (*number, count_letters(text)))
            .filter(|(_, letters)| *letters < MIN_LETTERS)
            .collect();
        Self { drawing, scans }
    }

    /// Opens a document for its scans alone.
    pub fn open(bytes: &Arc<Vec<u8>>, job: &Job) -> Result<Self, Failure> {
        let password = job.password.as_ref().map(SecretString::expose_secret);
        let drawing = Drawing::open(bytes, password.unwrap_or_default())?;
        let page_count = drawing.page_count();
        let text = text::read(bytes, password, Some(page_count), &job.limits)
            .unwrap_or_else(|_| text::DocumentText::without_text(page_count));
        Ok(Self::new(drawing, &text.pages))
    }

    pub fn page_count(&self) -> u32 {
        self.drawing.page_count()
    }

    pub fn scan_count(&self) -> u32 {
        self.scans.len() as u32
    }

    /// See [`Drawing::draw_to_width`].
    pub fn draw_first_page(&self, width_px: u32) -> Option<image::DynamicImage> {
        self.drawing.draw_to_width(0, width_px)
    }

    /// From the pixels of a page drawn with that many dots per inch to the page's own coordinates.
    pub fn page_from_pixels(&self, number: u32, dpi: f32) -> Option<Affine> {
        self.drawing.page_from_pixels(number - 1, dpi)
    }

    /// Draws each scan and reads the picture, as far as the limits go, and answers what had to be left out. Without `ocr` nothing is read.
    pub fn recognise(
        &self,
        job: &Job,
        ocr: Option<&Ocr<'_>>,
        found: &mut FoundOnPage<'_>,
    ) -> Vec<Note> {
        let deadline = Instant::now() + job.limits.ocr_budget;
        let mut recognised_pages = 0;
        for (number, letters) in &self.scans {
            if recognised_pages >= job.limits.ocr_pages || Instant::now() > deadline {
                return vec![Note::OcrIncomplete];
            }
            let drawn = self
                .drawing
                .draw_for_ocr(number - 1, job.limits.raster_pixels);
            let Some((picture, dpi)) = drawn else {
                found(*number, None);
                continue;
            };
            let Some(ocr) = ocr else {
                return vec![Note::OcrMissing];
            };
            recognised_pages += 1;
            let recognised = ocr
                .recognise(&picture, dpi)
                .filter(|page| count_letters(&page.text) > *letters);
            found(*number, recognised.map(|page| (page, dpi)));
        }
        Vec::new()
    }
}
