//! The searchable copy of a scan: the document as it is, with the words recognised on its pages laid over them, invisible.

mod of_pdf;
mod of_picture;
mod overlay;
mod picture_page;

use std::io::{self, Write};
use std::sync::Arc;

use docuvault_extract::protocol::{Completion, Failure, Job, write_completion, write_failure};
use docuvault_extract::{Limits, Note, sniff, write_attachment};
use hayro::kurbo::Affine;

use crate::picture;
use crate::read_document::read_input;
use crate::word_layer::WordLayer;
use overlay::Overlay;

/// A PDF, unless there was nothing to recognise, and what had to be left out.
#[derive(Default)]
struct Copy {
    pdf: Option<Vec<u8>>,
    notes: Vec<Note>,
}

/// Reads the scan on standard input and writes its searchable copy to `out`.
pub fn make_searchable(job: &Job, out: &mut impl Write) -> io::Result<()> {
    match make(job) {
        Ok(Copy { pdf, notes }) => {
            if let Some(pdf) = pdf {
                write_attachment(out, None, &pdf)?;
            }
            let completion = Completion {
                notes,
                ..Completion::default()
            };
            write_completion(out, &completion)
        }
        Err(failure) => write_failure(out, &failure),
    }
}

fn make(job: &Job) -> Result<Copy, Failure> {
    let bytes = read_input(job.limits.input_bytes)?;
    let Some(program) = &job.ocr else {
        return Ok(Copy {
            pdf: None,
            notes: vec![Note::OcrMissing],
        });
    };
    match sniff(&bytes, job.extension.as_deref()) {
        "application/pdf" => of_pdf::make(&Arc::new(bytes), job, program),
        content_type if picture::reads(content_type) => of_picture::make(bytes, job, program),
        _ => Err(Failure::Unsupported),
    }
}

/// Lays the same words (a PDF of one page) over every page of a PDF. For what throws bad documents at it.
pub fn lay_words_over(bytes: &[u8], words: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
    let layer = WordLayer {
        pdf: words.to_vec(),
        size_px: (100, 100),
        on_page: Affine::IDENTITY,
    };
    let mut overlay = Overlay::open(bytes, "", &Limits::default())?;
    for page in 1..=overlay.page_count() {
        overlay.lay(page, &layer, Affine::IDENTITY)?;
    }
    overlay.finish()
}

/// What goes wrong with a document that could be opened is the document's fault.
fn damaged(_: lopdf::Error) -> Failure {
    Failure::Damaged
}
