//! Recognised words in their places, to be laid over the picture they were read from: invisible, but found, marked and copied.

use hayro::kurbo::Affine;
use lopdf::{Dictionary, Document, Error, Object, ObjectId, Stream};

/// The words of a page as the OCR program writes them: a PDF of one page that shows nothing.
#[derive(Debug)]
pub struct WordLayer {
    pub pdf: Vec<u8>,
    /// Of the raster they were read from.
    pub size_px: (u32, u32),
    /// From the pixels of that raster to those of the page as it lies in its document.
    pub on_page: Affine,
}

impl WordLayer {
    /// Adds the words to a document, and answers what a page must say to have them: `q`, a matrix, the form, `Q`. `from_pixels` leads
    /// from the pixels of the page to its own coordinates.
    pub fn add_to(&self, document: &mut Document, from_pixels: Affine) -> lopdf::Result<Placed> {
        let mut words = Document::load_mem(&self.pdf)?;
        words.renumber_objects_with(document.max_id + 1);
        let page_id = words
            .page_iter()
            .next()
            .ok_or(Error::PageNumberNotFound(1))?;
        let page = words.get_dictionary(page_id)?.clone();
        let media_box = page.get_deref(b"MediaBox", &words)?.as_array()?;
        let [_, _, width, height] = media_box.as_slice() else {
            return Err(Error::PageNumberNotFound(1));
        };
        let (width, height) = (width.as_float()?, height.as_float()?);
        let (width_px, height_px) = (f64::from(self.size_px.0), f64::from(self.size_px.1));
        // The page of words counts upwards, pixels count downwards.
        let to_pixels = Affine::new([
            width_px / f64::from(width),
            0.0,
            0.0,
            -height_px / f64::from(height),
            0.0,
            height_px,
        ]);

        let mut form = Dictionary::new();
        form.set("Type", "XObject");
        form.set("Subtype", "Form");
        form.set("BBox", media_box.clone());
        form.set("Resources", page.get_deref(b"Resources", &words)?.clone());
        let mut form = Stream::new(form, words.get_page_content(page_id));
        form.compress()?;
        for id in page_tree(&words, page_id) {
            words.objects.remove(&id);
        }
        document.max_id = words.max_id;
        document.objects.extend(words.objects);
        Ok(Placed {
            form: document.add_object(form),
            matrix: from_pixels * self.on_page * to_pixels,
        })
    }
}

/// A form and where it goes.
pub struct Placed {
    pub form: ObjectId,
    matrix: Affine,
}

impl Placed {
    /// How a page's content says it; `name` is the form's in the page's resources.
    pub fn content(&self, name: &str) -> String {
        let numbers = self.matrix.as_coeffs().map(|number| format!("{number:.5}"));
        format!("q {} cm /{name} Do Q", numbers.join(" "))
    }
}

/// What a document needs to have pages, and a form does not.
fn page_tree(document: &Document, page_id: ObjectId) -> Vec<ObjectId> {
    let reference = |dictionary: &Dictionary, key: &[u8]| {
        dictionary.get(key).and_then(Object::as_reference).ok()
    };
    let page = document.get_dictionary(page_id).ok();
    [
        Some(page_id),
        page.and_then(|page| reference(page, b"Parent")),
        page.and_then(|page| reference(page, b"Contents")),
        reference(&document.trailer, b"Root"),
        reference(&document.trailer, b"Info"),
    ]
    .into_iter()
    .flatten()
    .collect()
}
