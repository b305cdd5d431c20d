//! What a parser hands back, before it becomes an answer to the parent.

use docuvault_extract::{Note, PageText, Properties, TextSource};
use image::DynamicImage;

use crate::attachments::Attachment;

/// Draws the first page about as wide as asked, in pixels.
pub type DrawFirstPage = Box<dyn FnOnce(u32) -> Option<DynamicImage>>;

/// Takes over each page that is a picture, by its number, with its text if there is any.
pub type FoundOnScan<'a> = dyn FnMut(u32, Option<PageText>) + 'a;

/// Reads the pages that are pictures, hands each over as soon as it is read, and returns what had to be left out.
pub type RecogniseScans = Box<dyn FnOnce(&mut FoundOnScan<'_>) -> Vec<Note>>;

/// Takes over the number of pages and the text of the first, before the others are read.
pub type Preview<'a> = dyn FnMut(u32, String) + 'a;

/// What a parser found in a document.
#[derive(Default)]
pub struct Findings {
    pub pages: Vec<PageText>,
    pub page_count: u32,
    /// Pages that `scans` will look at.
    pub scan_count: u32,
    /// Documents in a message, read after its own text has been handed over.
    pub attachments: Vec<Attachment>,
    pub properties: Properties,
    pub notes: Vec<Note>,
    /// Called after the text has been handed over: drawing is where hostile documents hurt most.
    pub scans: Option<RecogniseScans>,
    /// Called last.
    pub first_page: Option<DrawFirstPage>,
}

impl Findings {
    /// A document that is all one page.
    pub fn single_page(text: String, source: TextSource) -> Self {
        Self {
            pages: vec![PageText {
                number: 1,
                text,
                source,
                confidence: None,
            }],
            page_count: 1,
            ..Self::default()
        }
    }

    /// Drops text beyond the limit, and notes it.
    pub fn truncate(&mut self, limit_bytes: usize) {
        let mut room = limit_bytes;
        for page in &mut self.pages {
            if page.text.len() > room {
                page.text.truncate(page.text.floor_char_boundary(room));
                if !self.notes.contains(&Note::Truncated) {
                    self.notes.push(Note::Truncated);
                }
            }
            room -= page.text.len();
        }
    }
}

/// Letters in a text: a page with very few of them is a picture of a page.
pub fn count_letters(text: &str) -> usize {
    text.chars()
        .filter(|character| character.is_alphabetic())
        .count()
}
