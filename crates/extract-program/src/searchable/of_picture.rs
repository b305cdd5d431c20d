//! A photograph or a scan that is a picture: a PDF with the picture on a page, and a page for each that a TIFF file holds.

use std::time::Instant;

use docuvault_extract::Note;
use docuvault_extract::protocol::{Failure, Job, OcrProgram};
use hayro::kurbo::Affine;
use lopdf::{Dictionary, Document, Object, ObjectId, Stream};

use super::picture_page::{PicturePage, picture_page};
use super::{Copy, damaged};
use crate::ocr::Ocr;
use crate::picture::{self, Pages, Recogniser};

const POINTS_PER_INCH: f64 = 72.0;

pub fn make(bytes: Vec<u8>, job: &Job, program: &OcrProgram) -> Result<Copy, Failure> {
    let ocr = Ocr::new(program, &job.limits).with_places();
    let recogniser = Recogniser {
        ocr,
        raster_pixels: job.limits.raster_pixels,
    };
    let deadline = Instant::now() + job.limits.ocr_budget;
    let mut pdf = Document::with_version("1.5");
    let pages_id = pdf.new_object_id();
    let (mut kids, mut has_words, mut notes) = (Vec::new(), false, Vec::new());
    let mut pages = Pages::of(bytes, job.limits.text_pages);
    for number in 1..=pages.count() {
        let page = picture_page(pages.page(number), &job.limits)?;
        let is_within = number <= job.limits.ocr_pages && Instant::now() <= deadline;
        if !is_within {
            notes = vec![Note::OcrIncomplete];
        }
        let (page_id, is_recognised) =
            add_page(&mut pdf, pages_id, page, is_within.then_some(&recogniser))
                .map_err(damaged)?;
        has_words |= is_recognised;
        kids.push(Object::Reference(page_id));
    }
    if !has_words {
        return Ok(Copy { pdf: None, notes });
    }
    let mut tree = Dictionary::new();
    tree.set("Type", "Pages");
    tree.set("Count", kids.len() as i64);
    tree.set("Kids", kids);
    pdf.set_object(pages_id, tree);
    let mut catalog = Dictionary::new();
    catalog.set("Type", "Catalog");
    catalog.set("Pages", pages_id);
    let catalog = pdf.add_object(catalog);
    pdf.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    pdf.save_to(&mut bytes).map_err(|_| Failure::Damaged)?;
    Ok(Copy {
        pdf: Some(bytes),
        notes,
    })
}

/// Answers the page, and whether words were recognised on it.
fn add_page(
    pdf: &mut Document,
    parent: ObjectId,
    page: PicturePage,
    recogniser: Option<&Recogniser<'_>>,
) -> lopdf::Result<(ObjectId, bool)> {
    let size_px = (
        f64::from(page.picture.width()),
        f64::from(page.picture.height()),
    );
    let recognised = recogniser.and_then(|recogniser| recogniser.recognise(&page.picture));
    let points = POINTS_PER_INCH * picture::SHEET_INCHES / size_px.0.max(size_px.1);
    let (width, height) = (size_px.0 * points, size_px.1 * points);

    let mut content = format!("q {width:.3} 0 0 {height:.3} 0 0 cm /Picture Do Q\n");
    let mut forms = Dictionary::new();
    let layer = recognised.and_then(|(found, scale)| Some((found.layer?, scale)));
    let has_words = layer.is_some();
    if let Some((layer, scale)) = layer {
        let scale = points / scale;
        let from_pixels = Affine::new([scale, 0.0, 0.0, -scale, 0.0, height]);
        let placed = layer.add_to(pdf, from_pixels)?;
        content.push_str(&placed.content("Words"));
        forms.set("Words", placed.form);
    }
    forms.set("Picture", pdf.add_object(page.stream));
    let mut resources = Dictionary::new();
    resources.set("XObject", forms);
    let content = pdf.add_object(Stream::new(Dictionary::new(), content.into_bytes()));
    let mut dictionary = Dictionary::new();
    dictionary.set("Type", "Page");
    dictionary.set("Parent", parent);
    let media_box: Vec<Object> = [0.0, 0.0, width, height]
        .map(|side| Object::Real(side as f32))
        .into();
    dictionary.set("MediaBox", media_box);
    dictionary.set("Resources", resources);
    dictionary.set("Contents", content);
    Ok((pdf.add_object(dictionary), has_words))
}
