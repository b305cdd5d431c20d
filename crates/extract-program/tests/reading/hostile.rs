//! Documents made to hurt: each ends with a typed answer, in time, within the child's memory.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{Seek, Write};
use std::time::{Duration, Instant};

use docuvault_extract::{Limits, Note, ReadError, ReadRequest, Reader, Reading};

use crate::{page, read_with, reader};

/// Small enough for a test, large enough for an honest document.
fn tight_reader() -> Reader {
    reader().with_limits(Limits {
        cpu_seconds: 4,
        memory_bytes: 1 << 30,
        text_pages: 20,
        ..Limits::default()
    })
}

async fn read_hostile(name: &str) -> Result<Reading, ReadError> {
    read_with(&tight_reader(), &format!("hostile/{name}")).await
}

async fn read_bytes(reader: &Reader, bytes: &[u8]) -> Result<Reading, ReadError> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    reader
        .read(
            file,
            ReadRequest {
                thumbnail_width_px: 200,
                password: None,
                ..ReadRequest::default()
            },
        )
        .await
}

#[tokio::test]
async fn endless_documents_run_out_of_time_not_of_patience() {
    let start = Instant::now();
    for name in ["exponential-forms.pdf", "page-tree-loop.pdf"] {
        let error = read_hostile(name).await.unwrap_err();
        assert!(matches!(error, ReadError::TimedOut), "{name}: {error:?}");
        assert!(!error.is_permanent(), "{name}");
    }
    assert!(start.elapsed() < Duration::from_mins(2));
}

#[tokio::test]
async fn a_bomb_in_a_pdf_goes_off_in_the_child() {
    let error = read_hostile("flate-bomb.pdf").await.unwrap_err();
    assert!(
        matches!(error, ReadError::OutOfMemory | ReadError::TimedOut),
        "{error:?}"
    );
}

#[tokio::test]
async fn loops_and_depths_that_parsers_see_through() {
    for name in ["form-loop.pdf", "nested-arrays.pdf"] {
        let reading = read_hostile(name)
            .await
            .unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!((reading.page_count, reading.pages.len()), (1, 0), "{name}");
    }
    assert_eq!(
        read_hostile("deep.html").await.unwrap().content_type,
        "text/html"
    );
    let email = read_hostile("deep.eml").await.unwrap();
    assert_eq!(email.properties.title.as_deref(), Some("0"));
}

#[tokio::test]
async fn what_parsers_do_not_expect_of_a_document() {
    let error = read_hostile("sectors-that-are-not-there.xls")
        .await
        .unwrap_err();
    assert!(matches!(error, ReadError::Damaged), "{error:?}");
    let error = read_hostile("sheet-without-end.xls").await.unwrap_err();
    assert!(matches!(error, ReadError::OutOfMemory), "{error:?}");
    let email = read_hostile("messages-without-bodies.eml").await.unwrap();
    assert_eq!(email.properties.title.as_deref(), Some("Nothing in it"));
}

#[tokio::test]
async fn a_page_of_kilometres_is_drawn_small() {
    let limits = Limits {
        raster_pixels: 1_000_000,
        cpu_seconds: 20,
        ..Limits::default()
    };
    let reading = read_with(&reader().with_limits(limits), "hostile/huge-page.pdf")
        .await
        .unwrap();
    assert_eq!(
        reading.thumbnail.map(|thumbnail| thumbnail.width),
        Some(480)
    );
}

#[tokio::test]
async fn what_expands_too_far_is_refused_before_it_is_parsed() {
    for (name, what) in [
        ("zip-bomb.docx", "expanded_size"),
        ("huge-picture.png", "image_pixels"),
    ] {
        let start = Instant::now();
        let error = read_hostile(name).await.unwrap_err();
        assert!(
            matches!(&error, ReadError::LimitExceeded { what: found } if found == what),
            "{name}: {error:?}"
        );
        assert!(error.is_permanent());
        assert!(start.elapsed() < Duration::from_secs(20), "{name}");
    }
}

#[tokio::test]
async fn archives_and_files_have_limits_of_their_own() {
    let few_entries = reader().with_limits(Limits {
        archive_entries: 5,
        ..Limits::default()
    });
    let error = read_with(&few_entries, "rental-contract.docx")
        .await
        .unwrap_err();
    assert!(
        matches!(&error, ReadError::LimitExceeded { what } if what == "archive_entries"),
        "{error:?}"
    );
    let small_files = reader().with_limits(Limits {
        input_bytes: 1_000,
        ..Limits::default()
    });
    let error = read_with(&small_files, "invoice-en.pdf").await.unwrap_err();
    assert!(
        matches!(&error, ReadError::LimitExceeded { what } if what == "file_size"),
        "{error:?}"
    );
}

#[tokio::test]
async fn of_a_hundred_thousand_pages_the_first_are_read() {
    let limits = Limits {
        text_pages: 20,
        cpu_seconds: 60,
        ..Limits::default()
    };
    let reading = read_bytes(&reader().with_limits(limits), &pdf_of_pages(100_000))
        .await
        .unwrap();
    assert_eq!(reading.page_count, 100_000);
    assert_eq!(reading.pages.len(), 20);
    assert!(page(&reading, 20).contains("This is sheet number 20 of a very long report"));
    assert_eq!(reading.notes, [Note::Truncated]);
}

#[tokio::test]
async fn files_that_are_no_documents() {
    let reader = tight_reader();
    for (bytes, expected) in [
        (&b""[..], "damaged"),
        (b"%PDF-1.7\nnothing else", "damaged"),
        (b"\x89PNG\r\n\x1a\nnothing else", "damaged"),
        (b"PK\x03\x04nothing else", "damaged"),
        (b"\x7fELF\x02\x01\x01\0\0\0", "unsupported"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0",
            "password_needed",
        ),
    ] {
        let error = read_bytes(&reader, bytes).await.unwrap_err();
        assert_eq!(error.code(), expected, "{bytes:?}");
    }
}

#[tokio::test]
async fn every_cut_of_a_document_ends_well() {
    for name in [
        "invoice-en.pdf",
        "rental-contract.docx",
        "screenshot.png",
        "order-confirmation.eml",
    ] {
        let whole = std::fs::read(crate::fixture(name)).unwrap();
        for part in 1..6 {
            let answer = read_bytes(&tight_reader(), &whole[..whole.len() * part / 6]).await;
            let is_typed = match &answer {
                Ok(_) => true,
                Err(error) => error.is_permanent(),
            };
            assert!(is_typed, "{name} {part}/6: {answer:?}");
        }
    }
}

/// A PDF with that many pages, each with a sentence of its own.
pub fn pdf_of_pages(count: usize) -> Vec<u8> {
    let mut objects = vec!["<</Type/Catalog/Pages 2 0 R>>".to_owned()];
    let kids = (0..count).fold(String::new(), |mut kids, page| {
        let _ = write!(kids, "{} 0 R ", 4 + 2 * page);
        kids
    });
    objects.push(format!("<</Type/Pages/Count {count}/Kids[{kids}]>>"));
    objects.push("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned());
    for page in 0..count {
        let contents = 5 + 2 * page;
        objects.push(format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents {contents} 0 R/Resources<</Font<</F 3 0 R>>>>>>"
        ));
        let text = format!(
            "BT /F 9 Tf 9 200 Td (This is sheet number {} of a very long report) Tj ET",
            page + 1
        );
        objects.push(format!(
            "<</Length {}>>\nstream\n{text}\nendstream",
            text.len()
        ));
    }
    let mut pdf = "%PDF-1.4\n".to_owned();
    let mut table = String::new();
    for (number, object) in (1..).zip(&objects) {
        let _ = writeln!(table, "{:010} 00000 n ", pdf.len());
        let _ = write!(pdf, "{number} 0 obj\n{object}\nendobj\n");
    }
    let (start, size) = (pdf.len(), objects.len() + 1);
    let _ = write!(
        pdf,
        "xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    );
    pdf.into_bytes()
}

#[tokio::test]
async fn reading_starts_at_the_beginning_of_the_file_wherever_it_stands() {
    let path = crate::fixture("note.txt");
    let mut file = File::open(&path).unwrap();
    file.seek(std::io::SeekFrom::End(0)).unwrap();
    let reading = reader().read(file, ReadRequest::default()).await.unwrap();
    assert!(page(&reading, 1).starts_with("Reminder: the piano tuner"));
}
