//! Pictures: the text recognised in them, the right way up.

mod heic;
mod tiff_pages;

use std::io::Cursor;
use std::time::Instant;

use docuvault_extract::protocol::{Failure, Job};
use docuvault_extract::{Limits, Note};
use image::{DynamicImage, ImageDecoder, ImageError, ImageReader};

use crate::findings::{Findings, FoundOnScan};
use crate::ocr::Ocr;
use crate::ocr_words::Recognised;
pub use tiff_pages::Pages;

/// Smaller pictures of text are doubled: the OCR program wants letters of some 20 pixels or more.
const SMALL_SIDE_PX: u32 = 1_000;
/// Fewer letters than this in a doubled picture may be the fault of doubling it.
const LITTLE_TEXT_LETTERS: usize = 40;
/// Long side of a sheet of A4, for guessing how many dots an inch has.
pub const SHEET_INCHES: f64 = 11.7;

/// Whether this is a type of picture that can be decoded.
pub fn reads(content_type: &str) -> bool {
    matches!(
        content_type,
        "image/bmp"
            | "image/gif"
            | "image/heic"
            | "image/jpeg"
            | "image/png"
            | "image/tiff"
            | "image/webp"
    )
}

/// Reads a picture as a document of one page, or of as many as a TIFF file holds.
pub fn read(bytes: Vec<u8>, job: &Job) -> Result<Findings, Failure> {
    let picture = decode(&bytes, &job.limits)?;
    let pages = Pages::of(bytes, job.limits.text_pages);
    let mut findings = Findings {
        page_count: pages.count(),
        ..Findings::default()
    };
    if job.ocr.is_some() {
        let (first, job) = (picture.clone(), job.clone());
        findings.scan_count = findings.page_count;
        findings.scans = Some(Box::new(move |found| {
            found(1, recognise(&first, &job).map(|page| page.into_page(1)));
            recognise_further(pages, &job, found)
        }));
    } else {
        findings.notes.push(Note::OcrMissing);
    }
    findings.first_page = Some(Box::new(move |_| Some(picture)));
    Ok(findings)
}

/// The pages of a TIFF file after the first one, as far as the limits go.
fn recognise_further(mut pages: Pages, job: &Job, found: &mut FoundOnScan<'_>) -> Vec<Note> {
    let deadline = Instant::now() + job.limits.ocr_budget;
    for number in 2..=pages.count() {
        if number > job.limits.ocr_pages || Instant::now() > deadline {
            return vec![Note::OcrIncomplete];
        }
        let page = decode(pages.page(number), &job.limits)
            .ok()
            .and_then(|picture| recognise(&picture, job));
        found(number, page.map(|page| page.into_page(number)));
    }
    Vec::new()
}

fn recognise(picture: &DynamicImage, job: &Job) -> Option<Recognised> {
    let recogniser = Recogniser {
        ocr: Ocr::new(job.ocr.as_ref()?, &job.limits),
        raster_pixels: job.limits.raster_pixels,
    };
    recogniser.recognise(picture).map(|(found, _)| found)
}

/// Reads pictures of any size.
pub struct Recogniser<'a> {
    pub ocr: Ocr<'a>,
    /// Of the raster that is read, at most.
    pub raster_pixels: u64,
}

impl Recogniser<'_> {
    /// Small pictures are read doubled and, if that yields little, as they are: some are small, others of small letters. Answers the
    /// scale, too: pixels of the raster for one of the picture.
    pub fn recognise(&self, picture: &DynamicImage) -> Option<(Recognised, f64)> {
        let small = picture.width().max(picture.height()) < SMALL_SIDE_PX;
        let found = self.recognise_prepared(picture, small);
        let letters = |found: &Option<(Recognised, f64)>| {
            found.as_ref().map_or(0, |(found, _)| found.sure_letters)
        };
        if !small || letters(&found) >= LITTLE_TEXT_LETTERS {
            return found;
        }
        let other = self.recognise_prepared(picture, false);
        if letters(&other) > letters(&found) {
            other
        } else {
            found
        }
    }

    fn recognise_prepared(
        &self,
        picture: &DynamicImage,
        doubled: bool,
    ) -> Option<(Recognised, f64)> {
        let (page, dpi) = prepare(picture, self.raster_pixels, doubled);
        let scale = f64::from(page.width()) / f64::from(picture.width());
        Some((self.ocr.recognise(&page, dpi)?, scale))
    }
}

/// Decodes the first frame and turns it as its EXIF data says, after looking at its size.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<DynamicImage, Failure> {
    if heic::is_heic(bytes) {
        return heic::decode(bytes, limits);
    }
    let too_large = || Failure::LimitExceeded("image_pixels".to_owned());
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| Failure::Damaged)?;
    let mut allocation = image::Limits::default();
    allocation.max_alloc = Some(limits.memory_bytes / 2);
    reader.limits(allocation);
    let failure = |error| match error {
        ImageError::Limits(_) => too_large(),
        ImageError::Unsupported(_) => Failure::Unsupported,
        _ => Failure::Damaged,
    };
    let mut decoder = reader.into_decoder().map_err(failure)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > limits.picture_pixels {
        return Err(too_large());
    }
    let orientation = decoder.orientation();
    let mut picture = DynamicImage::from_decoder(decoder).map_err(failure)?;
    if let Ok(orientation) = orientation {
        picture.apply_orientation(orientation);
    }
    Ok(picture)
}

/// Grey on white paper, of a size that suits OCR, with the dots per inch if it shows a whole sheet.
fn prepare(picture: &DynamicImage, max_pixels: u64, doubled: bool) -> (DynamicImage, f32) {
    let page = if picture.color().has_alpha() {
        crate::thumbnail::flatten(picture).into()
    } else {
        picture.clone()
    };
    let (width, height) = (page.width(), page.height());
    let shrink = (max_pixels as f32 / (width as f32 * height as f32)).sqrt();
    let scale = if shrink < 1.0 {
        shrink
    } else if doubled {
        2.0
    } else {
        1.0
    };
    let scaled = |side: u32| ((side as f32 * scale) as u32).max(1);
    let page = DynamicImage::ImageLuma8(page.to_luma8());
    let page = match scale {
        1.0 => page,
        _ => page.resize_exact(
            scaled(width),
            scaled(height),
            image::imageops::FilterType::Triangle,
        ),
    };
    let dpi = page.width().max(page.height()) as f32 / SHEET_INCHES as f32;
    (page, dpi)
}
