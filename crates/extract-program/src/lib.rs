//! What docuvault-extract is made of, for its `main` and for what throws bad documents at its parsers (`fuzz/`).

mod archive;
mod attachments;
mod compound_file;
mod email;
mod findings;
mod language;
mod ocr;
mod ocr_words;
mod office;
mod outlook;
mod pdf;
mod picture;
mod plain_text;
pub mod probe;
mod read_document;
pub mod sandbox;
mod searchable;
mod slides;
mod straighten;
mod thumbnail;
mod watchdog;
mod word_layer;

pub use findings::Findings;
pub use read_document::{answer, hand_out, parse};
pub use searchable::{lay_words_over, make_searchable};
pub use watchdog::Watchdog;
