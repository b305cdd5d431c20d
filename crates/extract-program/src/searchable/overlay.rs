//! A PDF to whose pages words are added: its own bytes, followed by an update.

use std::collections::BTreeMap;
use std::sync::Arc;

use docuvault_extract::Limits;
use docuvault_extract::protocol::Failure;
use hayro::kurbo::Affine;
use lopdf::{Dictionary, Document, IncrementalDocument, LoadOptions, Object, ObjectId, Stream};

use super::damaged;
use crate::pdf;
use crate::word_layer::WordLayer;

/// What the words are called in a page's resources.
const FORM: &str = "DocuVaultWords";
/// Levels of a page tree that are looked through.
const MOST_LEVELS: usize = 50;

pub struct Overlay {
    copy: IncrementalDocument,
    pages: BTreeMap<u32, ObjectId>,
    password: String,
}

impl Overlay {
    /// Opens a document, with the password (often the empty one) if it is encrypted.
    pub fn open(bytes: &[u8], password: &str, limits: &Limits) -> Result<Self, Failure> {
        let options = LoadOptions {
            max_decompressed_size: Some(limits.expanded_bytes as usize),
            ..LoadOptions::with_password(password)
        };
        let before = Document::load_mem_with_options(bytes, options).map_err(damaged)?;
        Ok(Self {
            pages: before.get_pages(),
            copy: IncrementalDocument::create_from(bytes.to_vec(), before),
            password: password.to_owned(),
        })
    }

    pub fn page_count(&self) -> u32 {
        self.pages.len() as u32
    }

    /// Lays words over a page, counted from 1, whatever its own content leaves the coordinates at.
    pub fn lay(
        &mut self,
        page: u32,
        layer: &WordLayer,
        from_pixels: Affine,
    ) -> Result<(), Failure> {
        let page_id = *self.pages.get(&page).ok_or(Failure::Damaged)?;
        lay(&mut self.copy, page_id, layer, from_pixels).map_err(damaged)
    }

    /// The document with its words; `None` when there are none. What cannot be opened again is not handed out.
    pub fn finish(mut self) -> Result<Option<Vec<u8>>, Failure> {
        if self.copy.new_document.objects.is_empty() {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        self.copy
            .save_to(&mut bytes)
            .map_err(|_| Failure::Damaged)?;
        let bytes = Arc::new(bytes);
        if pdf::page_count(&bytes, &self.password) == Some(self.page_count()) {
            Ok(Some(Arc::unwrap_or_clone(bytes)))
        } else {
            Err(Failure::Damaged)
        }
    }
}

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
