//! Searchable copies: the scan as it is, and its words in their places.

use std::fs::{self, File};

use docuvault_extract::{Note, ReadError, ReadRequest, SearchableCopy, TextSource};
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::kurbo::{Affine, Point, Vec2};
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use xberg_native_pdf::PdfDocument;

use crate::recall::word_recall;
use crate::{fixture, read, reader, request};

async fn try_copy(name: &str) -> Result<SearchableCopy, ReadError> {
    let path = fixture(name);
    reader()
        .searchable_copy(File::open(&path).unwrap(), request(&path))
        .await
}

async fn copy(name: &str) -> Vec<u8> {
    let copy = try_copy(name)
        .await
        .unwrap_or_else(|error| panic!("{name}: {error:?}"));
    assert_eq!(copy.notes, [], "{name}");
    copy.pdf.unwrap_or_else(|| panic!("{name}: no words"))
}

/// How much darker a page is where it says that letters are, compared with all of it.
fn ink_under_words(pdf: &[u8]) -> f64 {
    let drawn = Pdf::new(std::sync::Arc::new(pdf.to_vec())).unwrap();
    let shown = &drawn.pages()[0];
    let pixels = render(
        shown,
        &RenderCache::new(),
        &InterpreterSettings::default(),
        &RenderSettings::default(),
        &PixmapSettings {
            x_scale: 1.0,
            y_scale: 1.0,
            bg_color: hayro::vello_cpu::color::palette::css::WHITE,
        },
    );
    let to_pixels = Affine::new(shown.initial_transform(true).as_coeffs());
    let (width, height) = (usize::from(pixels.width()), usize::from(pixels.height()));
    let grey: Vec<f64> = pixels
        .data_as_u8_slice()
        .chunks_exact(4)
        .map(|pixel| 255.0 - f64::from(pixel[1]))
        .collect();
    let everywhere = grey.iter().sum::<f64>() / grey.len() as f64;

    let document = PdfDocument::from_bytes(pdf.to_vec()).unwrap();
    let letters = document.extract_chars(0).unwrap();
    let letters = letters
        .iter()
        .filter(|letter| letter.char.is_alphanumeric());
    let (mut ink, mut places) = (0.0, 0);
    for letter in letters {
        // Half a letter on along the line, and a quarter of its height up.
        let along = Vec2::from_angle(f64::from(letter.rotation_degrees).to_radians());
        let up = Vec2::new(-along.y, along.x);
        let middle = Point::new(f64::from(letter.origin_x), f64::from(letter.origin_y))
            + along * f64::from(letter.advance_width / 2.0)
            + up * f64::from(letter.font_size / 4.0);
        let at = to_pixels * middle;
        let (x, y) = (at.x as usize, at.y as usize);
        assert!(x < width && y < height, "{letter:?} stands beside the page");
        // A little around it: the middle itself may lie between strokes.
        for y in y.saturating_sub(2)..(y + 3).min(height) {
            for x in x.saturating_sub(2)..(x + 3).min(width) {
                ink += grey[y * width + x];
                places += 1;
            }
        }
    }
    assert!(places > 25 * 100, "hardly any letters: {places}");
    ink / f64::from(places) / everywhere
}

#[tokio::test]
async fn the_words_of_a_scan_lie_where_they_are_seen() {
    for name in [
        "scanned-letter.pdf",
        "scanned-askew.pdf",
        "scanned-upside-down.pdf",
        "scanned-on-its-left.pdf",
        "scanned-on-its-right.pdf",
    ] {
        let copy = copy(name).await;
        let scan = fs::read(fixture(name)).unwrap();
        assert!(copy.starts_with(&scan), "{name}: a byte of it was changed");
        let ratio = ink_under_words(&copy);
        println!("{name}: {ratio:.1} times as dark under words");
        assert!(ratio > 3.0, "{name}: {ratio}");
    }
}

#[tokio::test]
async fn a_copy_reads_the_same_without_ocr() {
    for name in [
        "typed-and-scanned.pdf",
        "receipt.jpg",
        "receipt.heic",
        "screenshot.png",
        "fax.tiff",
    ] {
        let (recognised, pdf) = (read(name).await, copy(name).await);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("copy.pdf");
        fs::write(&path, pdf).unwrap();
        let reading = reader()
            .without_ocr()
            .read(File::open(&path).unwrap(), request(&path))
            .await
            .unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(reading.page_count, recognised.page_count, "{name}");
        // Pages without text have none in the copy either.
        assert_eq!(reading.pages.len(), recognised.pages.len(), "{name}");
        for (read, recognised) in reading.pages.iter().zip(&recognised.pages) {
            let number = read.number;
            assert_eq!((number, read.source), (recognised.number, TextSource::Text));
            let recall = word_recall(&recognised.text, &read.text);
            println!("{name}, page {number}: recall {recall:.3}");
            assert!(recall >= 0.9, "{name}, page {number}: {recall}");
        }
    }
}

#[tokio::test]
async fn the_copy_of_an_encrypted_scan_opens_with_the_same_password_only() {
    let path = fixture("scanned-encrypted.pdf");
    let with = |password: Option<&str>| ReadRequest {
        password: password.map(Into::into),
        ..request(&path)
    };
    let open = || File::open(&path).unwrap();
    let locked = reader().searchable_copy(open(), with(None)).await;
    assert!(matches!(locked, Err(ReadError::Encrypted)), "{locked:?}");
    let copy = reader().searchable_copy(open(), with(Some("secret"))).await;
    let pdf = copy.unwrap().pdf.unwrap();
    assert!(pdf.starts_with(&fs::read(&path).unwrap()));

    let folder = tempfile::tempdir().unwrap();
    let copied = folder.path().join("copy.pdf");
    fs::write(&copied, pdf).unwrap();
    let read = async |password| {
        let input = File::open(&copied).unwrap();
        reader().without_ocr().read(input, with(password)).await
    };
    assert!(matches!(read(None).await, Err(ReadError::Encrypted)));
    let reading = read(Some("secret")).await.unwrap();
    assert!(reading.pages[0].text.contains("marmalade"), "{reading:?}");
}

#[tokio::test]
async fn there_is_none_of_what_is_text_and_none_of_what_cannot_be_opened() {
    assert_eq!(
        try_copy("invoice-en.pdf").await.unwrap(),
        SearchableCopy::default()
    );
    assert!(matches!(
        try_copy("encrypted.pdf").await,
        Err(ReadError::Encrypted)
    ));
    assert!(matches!(
        try_copy("truncated.pdf").await,
        Err(ReadError::Damaged)
    ));
    assert!(matches!(
        try_copy("note.txt").await,
        Err(ReadError::Unsupported)
    ));
    let path = fixture("scanned-letter.pdf");
    let without = reader()
        .without_ocr()
        .searchable_copy(File::open(&path).unwrap(), request(&path))
        .await
        .unwrap();
    assert_eq!((without.pdf, without.notes), (None, vec![Note::OcrMissing]));
}
