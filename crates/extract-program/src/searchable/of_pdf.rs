//! A scanned PDF, page by page.

use std::sync::Arc;

use docuvault_extract::protocol::{Failure, Job, OcrProgram};
use secrecy::{ExposeSecret, SecretString};

use super::Copy;
use super::overlay::Overlay;
use crate::ocr::Ocr;
use crate::pdf;

pub fn make(bytes: &Arc<Vec<u8>>, job: &Job, program: &OcrProgram) -> Result<Copy, Failure> {
    let scanned = pdf::Scanned::open(bytes, job)?;
    let password = job.password.as_ref().map(SecretString::expose_secret);
    let mut overlay = Overlay::open(bytes, password.unwrap_or_default(), &job.limits)?;
    // Two engines that do not count alike would not mean the same page.
    if overlay.page_count() != scanned.page_count() {
        return Err(Failure::Damaged);
    }
    let mut laid = Ok(());
    let ocr = Ocr::new(program, &job.limits).with_places();
    let notes = scanned.recognise(job, Some(&ocr), &mut |number, found| {
        let words = found
            .and_then(|(found, dpi)| Some((found.layer?, scanned.page_from_pixels(number, dpi)?)));
        if let (Some((layer, from_pixels)), Ok(())) = (words, &laid) {
            laid = overlay.lay(number, &layer, from_pixels);
        }
    });
    laid?;
    Ok(Copy {
        pdf: overlay.finish()?,
        notes,
    })
}
