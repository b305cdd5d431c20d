//! Formats beside PDF and Word: their text, pages, properties and pictures.

use docuvault_extract::{ReadRequest, TextSource};

use crate::{page, read, reader};

#[tokio::test]
async fn a_book_with_its_cover() {
    let reading = read("allotment-rules.epub").await;
    assert_eq!(reading.content_type, "application/epub+zip");
    let properties = &reading.properties;
    assert_eq!(properties.title.as_deref(), Some("Rules of the allotments"));
    assert_eq!(
        properties.author.as_deref(),
        Some("Allotment Society Oxhanger")
    );
    for words in ["communal rain barrel", "Mr Silas Penhaligon"] {
        assert!(page(&reading, 1).contains(words), "{words}");
    }
    assert!(!page(&reading, 1).contains("[Image"));
    let cover = reading.thumbnail.unwrap();
    assert_eq!((cover.width, cover.height), (300, 420));
}

#[tokio::test]
async fn rich_text() {
    let reading = read("membership.rtf").await;
    assert_eq!(reading.content_type, "application/rtf");
    let text = page(&reading, 1);
    for words in ["Kajetan Müller-Straße", "96 €", "number fourteen"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("hidden-generator-word"));
    assert_eq!(reading.properties.title.as_deref(), Some("Membership card"));
    assert_eq!(
        reading.properties.created.as_deref(),
        Some("2024-05-02T09:30:00Z")
    );
}

#[tokio::test]
async fn sheets_and_slides_of_other_programs_are_pages() {
    let sheets = read("savings.ods").await;
    assert_eq!(sheets.page_count, 2);
    assert_eq!(
        page(&sheets, 1),
        "Accounts\nAccount\tEUR\nRainy day jar\t1250\nBuilding society\t8600.5"
    );
    assert!(page(&sheets, 2).contains("Narrowboat\t2031"));
    assert_eq!(sheets.properties.title.as_deref(), Some("Savings plan"));
    let old = read("tool-library.xls").await;
    assert_eq!(old.content_type, "application/vnd.ms-excel");
    assert_eq!(
        page(&old, 1),
        "Tools\nTool\tShelf\nPost-hole digger\t4\nScythe of Mr Farrow\t7"
    );
    assert!(page(&old, 2).contains("Wheelbarrow\tSaturday"));
    let slides = read("recital.odp").await;
    assert_eq!(slides.page_count, 2);
    assert_eq!(page(&slides, 1), "Recital\nCello suite in the chapel");
    assert_eq!(page(&slides, 2), "Interval\nCucumber sandwiches and perry");
    assert_eq!(
        slides.properties.title.as_deref(),
        Some("Recital programme")
    );
}

#[tokio::test]
async fn data_files() {
    let json = read("thermostat.json").await;
    assert_eq!(json.content_type, "application/json");
    assert!(page(&json, 1).contains("orchids dislike draughts"));
    let xml = read("catalogue.xml").await;
    assert_eq!(xml.content_type, "application/xml");
    for words in ["Tomato Brandywine", "under glass & early", "B-02"] {
        assert!(page(&xml, 1).contains(words), "{words}");
    }
    assert!(!page(&xml, 1).contains("comment-word"));
}

#[tokio::test]
async fn every_page_of_a_fax() {
    let fax = read("fax.tiff").await;
    assert_eq!(
        (fax.content_type.as_str(), fax.page_count),
        ("image/tiff", 2)
    );
    assert!(page(&fax, 1).contains("collected on Thursday"), "{fax:?}");
    assert!(page(&fax, 2).contains("two strong cousins"), "{fax:?}");
    assert!(fax.pages.iter().all(|page| page.source == TextSource::Ocr));
    assert!(fax.thumbnail.is_some());
}

#[tokio::test]
async fn photographs_of_phones() {
    let receipt = read("receipt.heic").await;
    assert_eq!(receipt.content_type, "image/heic");
    let text = page(&receipt, 1);
    for word in ["GREENGROCER", "Rhubarb", "Celeriac"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let thumbnail = receipt.thumbnail.unwrap();
    assert_eq!((thumbnail.width, thumbnail.height), (480, 640));

    let mut cut_off = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut cut_off, b"\0\0\0\x18ftypheic\0\0\0\0mif1heic").unwrap();
    let error = reader()
        .read(cut_off, ReadRequest::default())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "damaged");
}
