//! Reads the documents in `fixtures/` with the real program in real child processes.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy knows tests by their functions, not what they share"
)]

mod carriers;
mod corpus;
mod documents;
mod formats;
mod hostile;
mod isolation;
mod pictures;
mod progress;
mod recall;
mod searchable;

use std::fs::File;
use std::path::{Path, PathBuf};

use docuvault_extract::{ReadError, ReadRequest, Reader, Reading};

/// The reader the server would use, on this machine.
fn reader() -> Reader {
    Reader::locate(Some(Path::new(env!("CARGO_BIN_EXE_docuvault-extract")))).unwrap()
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures")
        .join(name)
}

fn request(path: &Path) -> ReadRequest {
    ReadRequest {
        extension: path
            .extension()
            .map(|extension| extension.to_string_lossy().into_owned()),
        ocr_languages: vec!["en".to_owned(), "de".to_owned()],
        thumbnail_width_px: 480,
        password: None,
    }
}

async fn read_with(reader: &Reader, name: &str) -> Result<Reading, ReadError> {
    let path = fixture(name);
    reader
        .read(File::open(&path).unwrap(), request(&path))
        .await
}

async fn read(name: &str) -> Reading {
    read_with(&reader(), name)
        .await
        .unwrap_or_else(|error| panic!("{name}: {error:?}"))
}

/// The text of one page; pages are counted from 1.
fn page(reading: &Reading, number: u32) -> &str {
    let page = reading.pages.iter().find(|page| page.number == number);
    page.map_or("", |page| page.text.as_str())
}
