//! Titles a person would have chosen.

use crate::library::paper;
use docuvault_filing::{Paper, find_title};
use time::macros::date;

fn titled(paper: &Paper<'_>) -> String {
    find_title(paper, Some("Acme Ltd"), Some(date!(2024 - 03 - 15)), None).value
}

#[test]
fn embedded_titles_are_used_only_when_a_person_wrote_them() {
    let text = "Invoice\nInvoice number 17\nAmount due 12.00";
    let with = |title| {
        titled(&Paper {
            embedded_title: Some(title),
            ..paper("scan.pdf", text, Some("en"))
        })
    };
    assert_eq!(
        with("Annual report of the rowing club"),
        "Annual report of the rowing club"
    );
    assert_eq!(with("AW: Re: Plans for the summer"), "Plans for the summer");
    for machine_made in [
        "Microsoft Word - letter_final.doc",
        "letter_final.docx",
        "C:\\Users\\me\\x",
        "untitled",
        "INV_20240315_0001",
        "Scan from printer",
        "Invoice",
        "a b",
    ] {
        assert_eq!(
            with(machine_made),
            "Invoice – Acme Ltd – March 2024",
            "{machine_made}"
        );
    }
}

#[test]
fn subject_lines_are_found_with_and_without_a_label() {
    let cases = [
        (
            "en",
            "Acme Ltd\n1 May 2024\n\nRe: Your parking space\n\nDear Ms Hale,\ntext",
            "Your parking space",
        ),
        (
            "de",
            "Betreff: Stellplatz in der Tiefgarage\n\nSehr geehrte Frau Hale,",
            "Stellplatz in der Tiefgarage",
        ),
        (
            "de",
            "Frau Hale\n88131 Lindau\n\nLindau, den 3. März 2024\n\nIhr Stellplatz in der Tiefgarage\n\nSehr geehrte Frau Hale,\nText",
            "Ihr Stellplatz in der Tiefgarage",
        ),
        (
            "en",
            "Acme Ltd\n\nDear Ms Hale\n\nYour new parking space\n\nWe are glad to tell you more.",
            "Your new parking space",
        ),
    ];
    for (language, text, expected) in cases {
        assert_eq!(titled(&paper("scan.pdf", text, Some(language))), expected);
    }
}

#[test]
fn types_are_completed_by_correspondent_and_month() {
    assert_eq!(
        titled(&paper(
            "scan.pdf",
            "RECHNUNG\nRechnungsnummer 5\nZahlbar sofort",
            Some("de")
        )),
        "Rechnung – Acme Ltd – März 2024"
    );
    assert_eq!(
        titled(&paper(
            "scan.pdf",
            "Halbjahreszeugnis\nKlasse 6c",
            Some("de")
        )),
        "Halbjahreszeugnis – Acme Ltd – März 2024"
    );
}

#[test]
fn file_names_are_the_last_resort() {
    let bare = |filename| find_title(&paper(filename, "", None), None, None, None).value;
    assert_eq!(bare("Garden_plan-final.pdf"), "Garden plan-final");
    assert_eq!(bare("scan0001.pdf"), "scan0001");
    assert_eq!(bare("Urlaub%20am%20See.odt"), "Urlaub am See");
    assert_eq!(bare(".pdf"), ".pdf");
    let long = "word ".repeat(100);
    assert!(bare(&long).chars().count() <= 120);
}
