//! Documents that are pictures: the text recognised in them. Needs `tesseract` with English, as `make test` installs it.

use docuvault_extract::{Limits, Note, TextSource};

use crate::recall::word_recall;
use crate::{page, read, read_with, reader};

const LETTER_WORDS: [&str; 6] = [
    "Philippa",
    "Periwinkle",
    "marmalade",
    "thunderbolt",
    "xylophone",
    "hedgehog",
];

#[tokio::test]
async fn a_scanned_page_is_found_by_its_words() {
    let reading = read("scanned-letter.pdf").await;
    assert_eq!(reading.pages[0].source, TextSource::Ocr);
    for word in LETTER_WORDS {
        assert!(page(&reading, 1).contains(word), "{word}");
    }
    assert_eq!(reading.language.as_deref(), Some("en"));
    assert_eq!(
        reading.properties.title, None,
        "a program's placeholder is no title"
    );
}

#[tokio::test]
async fn a_page_scanned_upside_down_is_turned() {
    let reading = read("scanned-upside-down.pdf").await;
    for word in LETTER_WORDS {
        assert!(page(&reading, 1).contains(word), "{word}");
    }
}

#[tokio::test]
async fn however_a_page_lay_in_the_scanner_it_is_read_as_well() {
    let upright = read("scanned-letter.pdf").await;
    assert!(upright.pages[0].confidence > Some(80), "{upright:?}");
    for name in [
        "scanned-upside-down.pdf",
        "scanned-on-its-left.pdf",
        "scanned-on-its-right.pdf",
        "scanned-askew.pdf",
    ] {
        let turned = read(name).await;
        let recall = word_recall(page(&upright, 1), page(&turned, 1));
        println!(
            "{name}: recall {recall:.3}, {:?}",
            turned.pages[0].confidence
        );
        assert!(recall >= 0.9, "{name}: {recall}");
        assert!(turned.pages[0].confidence > Some(80), "{name}");
    }
}

#[tokio::test]
async fn without_orientation_data_the_other_ways_are_tried() {
    let reader = reader().without_orientation_data();
    for name in ["scanned-upside-down.pdf", "scanned-on-its-left.pdf"] {
        let turned = read_with(&reader, name).await.unwrap();
        for word in LETTER_WORDS {
            assert!(page(&turned, 1).contains(word), "{name}: {word}");
        }
    }
}

#[tokio::test]
async fn only_pages_without_text_are_recognised() {
    let reading = read("typed-and-scanned.pdf").await;
    assert_eq!(reading.page_count, 3);
    let sources: Vec<_> = reading
        .pages
        .iter()
        .map(|page| (page.number, page.source))
        .collect();
    assert_eq!(
        sources,
        [(1, TextSource::Text), (2, TextSource::Ocr)],
        "page 3 is blank"
    );
    assert!(page(&reading, 2).contains("Rosalind Hartwick for a peppercorn"));
    assert_eq!(reading.notes, []);
}

#[tokio::test]
async fn screenshots_and_photographs_of_text() {
    let screenshot = read("screenshot.png").await;
    assert_eq!(
        (screenshot.content_type.as_str(), screenshot.page_count),
        ("image/png", 1)
    );
    assert!(page(&screenshot, 1).contains("Night train Kestrel 418"));
    let receipt = read("receipt.jpg").await;
    for words in ["GREENGROCER MAYHEW", "Celeriac", "21.04.2024"] {
        assert!(page(&receipt, 1).contains(words), "{words}");
    }
    let thumbnail = receipt.thumbnail.unwrap();
    assert!(
        thumbnail.height > thumbnail.width,
        "turned as the camera says"
    );
}

#[tokio::test]
async fn a_picture_without_text_has_none() {
    let reading = read("photo.jpg").await;
    assert_eq!(reading.pages, []);
    assert_eq!(reading.notes, []);
    assert_eq!(
        reading
            .thumbnail
            .map(|thumbnail| (thumbnail.width, thumbnail.height)),
        Some((480, 360))
    );
}

#[tokio::test]
async fn without_ocr_scans_are_kept_and_noted() {
    let reader = reader().without_ocr();
    assert_eq!(reader.ocr(), None);
    for name in ["scanned-letter.pdf", "receipt.jpg"] {
        let reading = read_with(&reader, name).await.unwrap();
        assert_eq!(reading.pages, [], "{name}");
        assert_eq!(reading.notes, [Note::OcrMissing], "{name}");
        assert!(reading.thumbnail.is_some(), "{name}");
    }
    let typed = read_with(&reader, "three-pages.pdf").await.unwrap();
    assert_eq!(typed.notes, [], "nothing to recognise, nothing missing");
}

#[tokio::test]
async fn scans_beyond_the_limit_are_noted() {
    let reader = reader().with_limits(Limits {
        ocr_pages: 0,
        ..Limits::default()
    });
    let reading = read_with(&reader, "typed-and-scanned.pdf").await.unwrap();
    assert_eq!(reading.pages.len(), 1);
    assert_eq!(reading.notes, [Note::OcrIncomplete]);
}
