//! Files that carry other files: messages with attachments, and archives.

use std::fs::File;

use docuvault_extract::{Attachments, Limits, Note, Reading};

use crate::{fixture, page, read, read_with, reader};

fn has_all(reading: &Reading, expected: &[&str]) {
    for words in expected {
        assert!(page(reading, 1).contains(words), "{words}: {reading:?}");
    }
}

#[tokio::test]
async fn a_message_is_found_by_what_is_attached() {
    let reading = read("papers-attached.eml").await;
    assert_eq!((reading.page_count, reading.pages.len()), (1, 1));
    has_all(
        &reading,
        &[
            "all the papers are attached",
            "measurements.txt",
            "attached-text-word",
            "payslip.pdf",
            "Pension contribution",
            "ticket.png",
            "holiday.zip",
            "ferry tickets.txt",
            "The greenhouse",
            "inner-message-word",
        ],
    );
    for absent in ["entry-content-word", "Kestrel 418"] {
        assert!(!page(&reading, 1).contains(absent), "{absent}");
    }
    assert_eq!(reading.notes, []);
}

#[tokio::test]
async fn an_outlook_message_with_its_attachments() {
    let reading = read("nursery.msg").await;
    assert_eq!(reading.content_type, "application/vnd.ms-outlook");
    let properties = &reading.properties;
    assert_eq!(
        properties.title.as_deref(),
        Some("Snowdrops and your policy")
    );
    assert_eq!(
        properties.sender.as_deref(),
        Some("Orla Brightwater <orla@nursery.example>")
    );
    assert_eq!(
        properties.created.as_deref(),
        Some("2024-08-30T08:15:00+00:00")
    );
    has_all(
        &reading,
        &[
            "snowdrops are on their way",
            "planting-dates.txt",
            "attachment-word-quince",
            "insurance-policy-de.pdf",
            "Fahrraddiebstahl",
        ],
    );
}

#[tokio::test]
async fn attachments_have_limits_in_number_size_and_depth() {
    let none = Limits {
        attachments: 1,
        ..Limits::default()
    };
    let small = Limits {
        attached_bytes: 100,
        ..Limits::default()
    };
    let flat = Limits {
        attachment_depth: 0,
        ..Limits::default()
    };
    for (limits, expected, absent) in [
        (none, "attached-text-word", "Pension contribution"),
        (small, "attached-text-word", "Pension contribution"),
        (flat, "all the papers are attached", "attached-text-word"),
    ] {
        let reader = reader().with_limits(limits);
        let reading = read_with(&reader, "papers-attached.eml").await.unwrap();
        assert!(page(&reading, 1).contains(expected), "{expected}");
        assert!(!page(&reading, 1).contains(absent), "{absent}");
        assert_eq!(reading.notes, [Note::Truncated], "{expected}");
    }
}

#[tokio::test]
async fn an_archive_is_found_by_the_names_in_it() {
    let reading = read("holiday.zip").await;
    assert_eq!(reading.content_type, "application/zip");
    assert_eq!(
        page(&reading, 1),
        "Holiday in Sundholm/ferry tickets.txt\nHoliday in Sundholm/Überfahrt.txt\npacking.csv"
    );
    let few = reader().with_limits(Limits {
        archive_entries: 1,
        ..Limits::default()
    });
    let reading = read_with(&few, "holiday.zip").await.unwrap();
    assert_eq!(page(&reading, 1), "Holiday in Sundholm/ferry tickets.txt");
    assert_eq!(reading.notes, [Note::Truncated]);
}

#[tokio::test]
async fn what_is_attached_is_handed_out_as_it_came() {
    let hand_out = |name: &'static str, limits: Limits| async move {
        let file = File::open(fixture(name)).unwrap();
        reader().with_limits(limits).attachments(file).await
    };
    let attached = hand_out("papers-attached.eml", Limits::default())
        .await
        .unwrap();
    assert!(!attached.is_cut);
    let names: Vec<_> = attached
        .documents
        .iter()
        .map(|one| one.name.as_deref())
        .collect();
    let expected = [
        "measurements.txt",
        "payslip.pdf",
        "ticket.png",
        "holiday.zip",
        "The greenhouse",
    ];
    assert_eq!(names, expected.map(Some));
    assert!(attached.documents[1].bytes.starts_with(b"%PDF-"));
    let message = String::from_utf8_lossy(&attached.documents[4].bytes);
    assert!(message.contains("Subject: The greenhouse"), "{message}");
    let two = Limits {
        attachments: 2,
        ..Limits::default()
    };
    let attached = hand_out("papers-attached.eml", two).await.unwrap();
    assert_eq!((attached.documents.len(), attached.is_cut), (2, true));

    let outlook = hand_out("nursery.msg", Limits::default()).await.unwrap();
    assert!(
        outlook
            .documents
            .iter()
            .any(|one| one.name.as_deref() == Some("planting-dates.txt"))
    );
    let none = hand_out("note.txt", Limits::default()).await.unwrap();
    assert_eq!(none, Attachments::default());
    assert_eq!(
        hand_out("truncated.pdf", Limits::default())
            .await
            .unwrap_err()
            .code(),
        "damaged"
    );
}
