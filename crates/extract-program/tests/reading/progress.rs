//! Who waits for a long document is told of each page, and sees the first one early.

use std::fs::File;
use std::io::Write;

use docuvault_extract::{Progress, Reading};

use crate::hostile::pdf_of_pages;
use crate::{fixture, page, reader, request};

async fn watch(file: File) -> (Reading, Vec<Progress>) {
    let mut seen = Vec::new();
    let request = request(&fixture("three-pages.pdf"));
    let reading = reader()
        .read_watched(file, request, |progress| seen.push(progress))
        .await
        .unwrap();
    (reading, seen)
}

#[tokio::test]
async fn scans_are_told_one_by_one() {
    let (reading, seen) = watch(File::open(fixture("typed-and-scanned.pdf")).unwrap()).await;
    let done: Vec<_> = seen
        .iter()
        .map(|progress| (progress.pages_done, progress.page_count))
        .collect();
    assert_eq!(done, [(1, 3), (2, 3), (3, 3)]);
    assert_eq!(seen[1].pages.last(), reading.pages.last());
    assert_eq!(seen[2].pages, [], "page 3 is blank");
}

#[tokio::test]
async fn the_first_page_of_a_long_document_is_seen_before_the_others_are_read() {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&pdf_of_pages(40)).unwrap();
    let (reading, seen) = watch(file).await;
    assert_eq!((seen[0].pages_done, seen[0].page_count), (0, 40));
    let first = seen[0].pages.first().unwrap();
    assert!(first.text.contains("This is sheet number 1 of"));
    assert_eq!(seen.last().map(|progress| progress.pages_done), Some(40));
    assert!(page(&reading, 40).contains("This is sheet number 40 of"));
}
