//! Documents that hold text: what they say, page by page, and what they state about themselves.

use std::fs::File;

use docuvault_extract::{Note, ReadError, ReadRequest, TextSource};

use crate::{fixture, page, read, read_with, reader, request};

#[tokio::test]
async fn pdf_text_stays_on_its_page() {
    let reading = read("three-pages.pdf").await;
    assert_eq!(reading.content_type, "application/pdf");
    assert_eq!(reading.page_count, 3);
    for (number, word) in [(1, "narwhal"), (2, "pendulum"), (3, "cardamom")] {
        let holders: Vec<u32> = reading
            .pages
            .iter()
            .filter(|page| page.text.contains(word))
            .map(|page| page.number)
            .collect();
        assert_eq!(holders, [number], "{word}");
    }
    assert!(
        reading
            .pages
            .iter()
            .all(|page| page.source == TextSource::Text)
    );
    assert_eq!(reading.language.as_deref(), Some("en"));
    assert_eq!(
        reading.properties.title.as_deref(),
        Some("Three short essays")
    );
    assert_eq!(reading.properties.author.as_deref(), Some("Ida Marlow"));
    assert_eq!(
        reading.properties.created.as_deref(),
        Some("2022-09-05T09:00:00Z")
    );
    assert_eq!(reading.notes, []);
}

#[tokio::test]
async fn household_papers() {
    let invoice = read("invoice-de.pdf").await;
    assert_eq!(invoice.language.as_deref(), Some("de"));
    for words in [
        "Stadtwerke Lindenau GmbH",
        "Rechnungsnummer: SW-2024-118834",
        "Jonas Fährmann",
        "107,69 EUR",
    ] {
        assert!(page(&invoice, 1).contains(words), "{words}");
    }
    assert!(page(&invoice, 2).contains("Der monatliche Abschlag beträgt"));
    let payslip = read("payslip-en.pdf").await;
    assert!(page(&payslip, 1).contains("Pension contribution"));
    assert_eq!(payslip.properties.subject, None);
}

#[tokio::test]
async fn first_page_of_a_pdf_becomes_a_thumbnail() {
    let thumbnail = read("invoice-en.pdf").await.thumbnail.unwrap();
    assert_eq!(thumbnail.width, 480);
    assert!(
        (670..690).contains(&thumbnail.height),
        "{}",
        thumbnail.height
    );
    assert!(thumbnail.bytes.len() < 60_000);
    let picture = image::load_from_memory(&thumbnail.bytes)
        .unwrap()
        .to_luma8();
    let ink = picture.pixels().filter(|pixel| pixel.0[0] < 128).count();
    assert!((500..50_000).contains(&ink), "{ink} dark pixels");
}

#[tokio::test]
async fn protection_against_changes_does_not_hide_the_text_but_a_password_does() {
    assert!(page(&read("print-only.pdf").await, 1).contains("Harbour Lane Plumbing"));
    let error = read_with(&reader(), "encrypted.pdf").await.unwrap_err();
    assert!(matches!(error, ReadError::Encrypted), "{error:?}");
    assert!(error.is_permanent());
    assert_eq!(error.code(), "password_needed");
    let with = |password: &'static str| async move {
        let request = ReadRequest {
            password: Some(password.into()),
            ..request(&fixture("encrypted.pdf"))
        };
        let file = File::open(fixture("encrypted.pdf")).unwrap();
        reader().read(file, request).await
    };
    let error = with("wrong").await.unwrap_err();
    assert!(matches!(error, ReadError::WrongPassword), "{error:?}");
    assert!(error.is_permanent());
    let reading = with("secret").await.unwrap();
    assert!(page(&reading, 1).contains("Harbour Lane Plumbing"));
    assert!(reading.thumbnail.is_some());
}

#[tokio::test]
async fn a_cut_off_pdf_is_damaged() {
    let error = read_with(&reader(), "truncated.pdf").await.unwrap_err();
    assert!(matches!(error, ReadError::Damaged), "{error:?}");
}

#[tokio::test]
async fn word() {
    let reading = read("rental-contract.docx").await;
    assert!(reading.content_type.ends_with("wordprocessingml.document"));
    for words in [
        "landlord Cornelius Farrow",
        "780 EUR",
        "Electricity meter",
        "number eleven",
    ] {
        assert!(page(&reading, 1).contains(words), "{words}");
    }
    assert_eq!(
        reading.properties.title.as_deref(),
        Some("Rental contract Juniper Path 4")
    );
    assert_eq!(
        reading.properties.author.as_deref(),
        Some("Estate Office Farrow")
    );
    assert_eq!(
        reading.properties.created.as_deref(),
        Some("2024-05-02T09:30:00Z")
    );
}

#[tokio::test]
async fn sheets_are_pages_of_cells() {
    let reading = read("household-budget.xlsx").await;
    assert_eq!(reading.page_count, 2);
    assert!(page(&reading, 1).contains("Chimney sweep\t6.5"));
    assert_eq!(
        page(&reading, 2),
        "Holiday\nItem\tEUR\nFerry to Sundholm\t164\nCanoe hire\t90"
    );
}

#[tokio::test]
async fn slides_are_pages() {
    let reading = read("garden-plan.pptx").await;
    assert_eq!(reading.page_count, 2);
    assert!(page(&reading, 1).contains("Raspberries along the fence"));
    assert!(page(&reading, 2).contains("Waterlilies"));
}

#[tokio::test]
async fn open_document() {
    let reading = read("recipe.odt").await;
    assert_eq!(
        reading.content_type,
        "application/vnd.oasis.opendocument.text"
    );
    assert!(page(&reading, 1).contains("Gooseberry tart"));
    assert!(page(&reading, 1).contains("elderflower syrup"));
}

#[tokio::test]
async fn web_page_without_its_scripts() {
    let reading = read("booking.html").await;
    assert_eq!(reading.content_type, "text/html");
    assert_eq!(reading.properties.title.as_deref(), Some("Your booking"));
    assert!(page(&reading, 1).contains("breakfast & sea view"));
    for hidden in ["invisible-script-word", "tomato"] {
        assert!(!page(&reading, 1).contains(hidden), "{hidden}");
    }
}

#[tokio::test]
async fn email_with_headers_and_names_of_attachments() {
    let reading = read("order-confirmation.eml").await;
    assert_eq!(reading.content_type, "message/rfc822");
    assert_eq!(
        reading.properties.title.as_deref(),
        Some("Your order of dahlia bulbs – confirmation")
    );
    assert_eq!(
        reading.properties.sender.as_deref(),
        Some("Seed House Pomona <orders@pomona.example>")
    );
    assert_eq!(
        reading.properties.created.as_deref(),
        Some("2024-05-02T09:30:00Z")
    );
    let text = page(&reading, 1);
    for words in [
        "Beatrix Lowen",
        "peat-free compost",
        "planting-guide.txt",
        "attachment-content-word",
    ] {
        assert!(text.contains(words), "{words}");
    }
    assert_eq!(
        text.matches("thank you for your order").count(),
        1,
        "one of two alternative bodies"
    );
}

#[tokio::test]
async fn plain_text_in_any_code() {
    for (name, content_type, words) in [
        ("note.txt", "text/plain", "the squeaking pedal"),
        (
            "note-latin1.txt",
            "text/plain",
            "Schlüssel für die Gartenhütte hängt am Türpfosten",
        ),
        (
            "note-utf16.txt",
            "text/plain",
            "twice a day – Dr Éloise Castañeda",
        ),
        ("packing-list.md", "text/markdown", "mosquito net"),
        ("mileage.csv", "text/csv", "Brackenfield,Oxhanger,17"),
    ] {
        let reading = read(name).await;
        assert_eq!(reading.content_type, content_type, "{name}");
        assert!(page(&reading, 1).contains(words), "{name}");
        assert_eq!((reading.page_count, reading.thumbnail), (1, None), "{name}");
    }
}

#[tokio::test]
async fn text_beyond_the_limit_is_dropped_and_noted() {
    let limits = docuvault_extract::Limits {
        text_bytes: 30,
        ..Default::default()
    };
    let reading = read_with(&reader().with_limits(limits), "three-pages.pdf")
        .await
        .unwrap();
    assert_eq!(reading.pages.len(), 1);
    assert_eq!(page(&reading, 1), "On lighthouses\n\nThe keeper of");
    assert_eq!(reading.notes, [Note::Truncated]);
}
