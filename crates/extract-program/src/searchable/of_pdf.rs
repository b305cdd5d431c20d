//! A scanned PDF: its own bytes, followed by an update that adds the words.

use std::sync::Arc;

use docuvault_extract::protocol::{Failure, Job, OcrProgram};
use hayro::kurbo::Affine;
use lopdf::{Dictionary, Document, IncrementalDocument, LoadOptions, Object, ObjectId, Stream};
use secrecy::{ExposeSecret, SecretString};

use super::{Copy, damaged};
use crate::ocr::Ocr;
use crate::pdf;
use crate::word_layer::WordLayer;

/// What the words are called in a page's resources.
const FORM: &str = "DocuVaultWords";

pub fn make(bytes: &Arc<Vec<u8>>, job: &Job, program: &OcrProgram) -> Result<Copy, Failure> {
    let scanned = pdf::Scanned::open(bytes, job)?;
    let password = job.password.as_ref().map(SecretString::expose_secret);
    let options = LoadOptions::with_password(password.unwrap_or_default());
    let before = Document::load_mem_with_options(bytes, options).map_err(damaged)?;
    let pages = before.get_pages();
    // Two engines that do not count alike would not mean the same page.
    if pages.len() != scanned.page_count() as usize {
        return Err(Failure::Damaged);
    }
    let mut copy = IncrementalDocument::create_from(bytes.to_vec(), before);
    let mut problem = None;
    let mut is_changed = false;
    let ocr = Ocr::new(program, &job.limits).with_places();
    let notes = scanned.recognise(job, Some(&ocr), &mut |number, found| {
        let Some((layer, from_pixels)) = found
            .and_then(|(found, dpi)| Some((found.layer?, scanned.page_from_pixels(number, dpi)?)))
        else {
            return;
        };
        let laid = pages
            .get(&number)
            .map(|page| lay(&mut copy, *page, &layer, from_pixels));
        match laid {
            Some(Ok(())) => is_changed = true,
            Some(Err(error)) => problem = Some(error),
            None => {}
        }
    });
    if let Some(error) = problem {
        return Err(damaged(error));
    }
    let pdf = if is_changed {
        Some(written(
            copy,
            scanned.page_count(),
            password.unwrap_or_default(),
        )?)
    } else {
        None
    };
    Ok(Copy { pdf, notes })
}

/// Lays the words over a page whatever its own content leaves the coordinates at.
fn lay(
    copy: &mut IncrementalDocument,
    page_id: ObjectId,
    layer: &WordLayer,
    from_pixels: Affine,
) -> lopdf::Result<()> {
    let before = copy.get_prev_documents();
    let mut page = before.get_dictionary(page_id)?.clone();
    let mut resources = inherited_resources(before, &page);
    let mut forms = resources
        .get_deref(b"XObject", before)
        .and_then(Object::as_dict)
        .cloned()
        .unwrap_or_default();
    let contents = contents(before, &page);

    let document = &mut copy.new_document;
    let placed = layer.add_to(document, from_pixels)?;
    forms.set(FORM, Object::Reference(placed.form));
    resources.set("XObject", forms);
    page.set("Resources", resources);
    let mut stream = |content: String| {
        Object::Reference(document.add_object(Stream::new(Dictionary::new(), content.into_bytes())))
    };
    let (save, restore) = (
        stream("q\n".to_owned()),
        stream(format!("\nQ {}\n", placed.content(FORM))),
    );
    page.set("Contents", [vec![save], contents, vec![restore]].concat());
    document.set_object(page_id, page);
    Ok(())
}

/// A page has the resources of the nearest one above it that states any.
fn inherited_resources(document: &Document, page: &Dictionary) -> Dictionary {
    const MOST_LEVELS: usize = 50;
    let mut level = Some(page);
    for _ in 0..MOST_LEVELS {
        let Some(current) = level else { break };
        if let Ok(resources) = current.get_deref(b"Resources", document)
            && let Ok(resources) = resources.as_dict()
        {
            return resources.clone();
        }
        level = current
            .get_deref(b"Parent", document)
            .and_then(Object::as_dict)
            .ok();
    }
    Dictionary::new()
}

/// The streams of a page's content, by reference.
fn contents(document: &Document, page: &Dictionary) -> Vec<Object> {
    let Ok(contents) = page.get(b"Contents") else {
        return Vec::new();
    };
    match document.dereference(contents) {
        Ok((_, Object::Array(streams))) => streams.clone(),
        _ => vec![contents.clone()],
    }
}

/// The bytes of the copy: the original and what was added, or, where its table of objects had to be guessed, written anew. What cannot
/// be opened again is not handed out.
fn written(
    mut copy: IncrementalDocument,
    page_count: u32,
    password: &str,
) -> Result<Vec<u8>, Failure> {
    let opens = |bytes: &Arc<Vec<u8>>| pdf::page_count(bytes, password) == Some(page_count);
    let mut bytes = Vec::new();
    if copy.get_prev_documents().xref_start != 0 && copy.save_to(&mut bytes).is_ok() {
        let appended = Arc::new(std::mem::take(&mut bytes));
        if opens(&appended) {
            return Ok(Arc::unwrap_or_clone(appended));
        }
    }
    let mut anew = copy.get_prev_documents().clone();
    if anew.was_encrypted() {
        // Written anew it would lose its password.
        return Err(Failure::Damaged);
    }
    anew.max_id = copy.new_document.max_id;
    anew.objects.extend(copy.new_document.objects);
    anew.save_to(&mut bytes).map_err(|_| Failure::Damaged)?;
    let anew = Arc::new(bytes);
    if opens(&anew) {
        Ok(Arc::unwrap_or_clone(anew))
    } else {
        Err(Failure::Damaged)
    }
}
