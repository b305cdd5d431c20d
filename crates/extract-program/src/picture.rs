//! Pictures: the text recognised in them, the right way up.

use std::io::Cursor;

use docuvault_extract::protocol::{Failure, Job};
use docuvault_extract::{Limits, Note};
use image::{DynamicImage, ImageDecoder, ImageError, ImageReader};

use crate::findings::{Findings, RecogniseScans};
use crate::ocr::Ocr;

/// Smaller pictures of text are doubled: the OCR program wants letters of some 20 pixels or more.
const SMALL_SIDE_PX: u32 = 1_000;
/// Long side of a sheet of A4, for guessing how many dots an inch has.
const SHEET_INCHES: f32 = 11.7;

/// Reads a picture as a document of one page.
pub fn read(bytes: &[u8], job: &Job) -> Result<Findings, Failure> {
    let picture = decode(bytes, &job.limits)?;
    let mut findings = match &job.ocr {
        Some(program) => {
            let (page, dpi) = prepare(&picture, job.limits.raster_pixels);
            let (program, limits) = (program.clone(), job.limits.clone());
            let scans: RecogniseScans = Box::new(move |found| {
                let recognised = Ocr::new(&program, &limits).recognise(&page, dpi);
                found(1, recognised.map(|page| page.into_page(1)));
                Vec::new()
            });
            Findings {
                page_count: 1,
                scan_count: 1,
                scans: Some(scans),
                ..Findings::default()
            }
        }
        None => Findings {
            page_count: 1,
            notes: vec![Note::OcrMissing],
            ..Findings::default()
        },
    };
    findings.first_page = Some(Box::new(move |_| Some(picture)));
    Ok(findings)
}

/// Decodes the first frame and turns it as its EXIF data says, after looking at its size.
fn decode(bytes: &[u8], limits: &Limits) -> Result<DynamicImage, Failure> {
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
fn prepare(picture: &DynamicImage, max_pixels: u64) -> (DynamicImage, f32) {
    let page = if picture.color().has_alpha() {
        crate::thumbnail::flatten(picture).into()
    } else {
        picture.clone()
    };
    let (width, height) = (page.width(), page.height());
    let shrink = (max_pixels as f32 / (width as f32 * height as f32)).sqrt();
    let scale = if shrink < 1.0 {
        shrink
    } else if width.max(height) < SMALL_SIDE_PX {
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
    let dpi = page.width().max(page.height()) as f32 / SHEET_INCHES;
    (page, dpi)
}
