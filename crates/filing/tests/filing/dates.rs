//! Every way a date is printed is read back, and the right one of several is chosen.

use crate::library::paper;
use docuvault_filing::{Paper, find_document_date};
use proptest::prelude::*;
use time::{Date, Month};

/// Genitives and abbreviations as they are printed, by language.
const MONTHS: [(&str, [&str; 12]); 8] = [
    (
        "en",
        [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
    ),
    (
        "de",
        [
            "Januar",
            "Februar",
            "März",
            "April",
            "Mai",
            "Juni",
            "Juli",
            "August",
            "September",
            "Oktober",
            "November",
            "Dezember",
        ],
    ),
    (
        "fr",
        [
            "janvier",
            "février",
            "mars",
            "avril",
            "mai",
            "juin",
            "juillet",
            "août",
            "septembre",
            "octobre",
            "novembre",
            "décembre",
        ],
    ),
    (
        "es",
        [
            "enero",
            "febrero",
            "marzo",
            "abril",
            "mayo",
            "junio",
            "julio",
            "agosto",
            "septiembre",
            "octubre",
            "noviembre",
            "diciembre",
        ],
    ),
    (
        "it",
        [
            "gennaio",
            "febbraio",
            "marzo",
            "aprile",
            "maggio",
            "giugno",
            "luglio",
            "agosto",
            "settembre",
            "ottobre",
            "novembre",
            "dicembre",
        ],
    ),
    (
        "nl",
        [
            "januari",
            "februari",
            "maart",
            "april",
            "mei",
            "juni",
            "juli",
            "augustus",
            "september",
            "oktober",
            "november",
            "december",
        ],
    ),
    (
        "pt",
        [
            "janeiro",
            "fevereiro",
            "março",
            "abril",
            "maio",
            "junho",
            "julho",
            "agosto",
            "setembro",
            "outubro",
            "novembro",
            "dezembro",
        ],
    ),
    (
        "pl",
        [
            "stycznia",
            "lutego",
            "marca",
            "kwietnia",
            "maja",
            "czerwca",
            "lipca",
            "sierpnia",
            "września",
            "października",
            "listopada",
            "grudnia",
        ],
    ),
];

fn english_ordinal(day: u8) -> &'static str {
    match (day % 10, day / 10) {
        (_, 1) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    }
}

/// Every printed form of a date, with the language it is printed in.
fn printed(date: Date) -> Vec<(&'static str, String)> {
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    let mut forms = Vec::new();
    for (language, names) in MONTHS {
        let name = names[usize::from(month - 1)];
        let short: String = name.chars().take(3).collect();
        let spelled = match language {
            "en" => vec![
                format!("{name} {day}, {year}"),
                format!("{day} {name} {year}"),
                format!("{day}{} of {name} {year}", english_ordinal(day)),
                format!("{name} {day}{}, {year}", english_ordinal(day)),
                format!("{day} {short} {year}"),
                format!("{day:02}-{short}-{year}"),
                format!("{}. {day}, {year}", short),
                format!("{}", name.to_uppercase() + &format!(" {day}, {year}")),
            ],
            "de" => vec![
                format!("{day}. {name} {year}"),
                format!("{day:02}. {name} {year}"),
                format!("{day}.{month}.{year}"),
                format!("{day:02}. {month:02}. {year}"),
            ],
            "es" | "pt" => vec![format!("{day} de {name} de {year}")],
            _ => vec![format!("{day} {name} {year}")],
        };
        forms.extend(spelled.into_iter().map(|form| (language, form)));
        let numbers = match language {
            "en" => format!("{year}-{month:02}-{day:02}"),
            "nl" => format!("{day:02}-{month:02}-{year}"),
            "de" | "pl" => format!("{day:02}.{month:02}.{year}"),
            _ => format!("{day:02}/{month:02}/{year}"),
        };
        forms.push((language, numbers));
    }
    forms.push(("en-US", format!("{month:02}/{day:02}/{year}")));
    forms.push(("en-GB", format!("{day:02}/{month:02}/{year}")));
    forms.push(("de", format!("{day:02}.{month:02}.{:02}", year % 100)));
    forms.push(("en", format!("{year}/{month:02}/{day:02}")));
    forms
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_printed_date_is_read_back(year in 1990_i32..=2024, month in 1_u8..=12, day in 1_u8..=28, last_days in 0_u8..=3) {
        let month = Month::try_from(month).unwrap();
        let date = Date::from_calendar_date(year, month, (day + last_days).min(month.length(year))).unwrap();
        for (language, form) in printed(date) {
            for text in [form.clone(), format!("Acme\nDate: {form}\nSome words follow here."), format!("Some words before {form} and some after.")] {
                let found = find_document_date(&paper("scan.pdf", &text, Some(language))).map(|finding| finding.value);
                prop_assert_eq!(found, Some(date), "{} in {}", &text, language);
            }
        }
    }

    #[test]
    fn file_names_give_dates(year in 1990_i32..=2024, month in 1_u8..=12, day in 1_u8..=28) {
        let date = Date::from_calendar_date(year, Month::try_from(month).unwrap(), day).unwrap();
        for name in [format!("{year}-{month:02}-{day:02} letter.pdf"), format!("scan_{year}{month:02}{day:02}_0001.pdf"), format!("{day:02}.{month:02}.{year}.pdf")] {
            let found = find_document_date(&paper(&name, "no day in here", Some("de"))).map(|finding| finding.value);
            prop_assert_eq!(found, Some(date), "{}", name);
        }
    }
}

fn chosen(text: &str, language: &str) -> Option<String> {
    find_document_date(&paper("scan.pdf", text, Some(language)))
        .map(|finding| finding.value.to_string())
}

#[test]
fn the_papers_own_date_is_chosen_among_others() {
    let cases = [
        (
            "de",
            "Rechnung\nLieferdatum: 01.03.2025\nRechnungsdatum: 05.03.2025\nFällig am 19.03.2025",
            Some("2025-03-05"),
        ),
        (
            "de",
            "Herr Brandt, geb. 11.09.1979\nWeinheim, den 3. März 2025\nwegen Ihres Schreibens vom 12.02.2025",
            Some("2025-03-03"),
        ),
        (
            "en-GB",
            "Date of birth: 02/11/1951\nDate: 22/05/2025\nAppointment: 01/06/2025",
            Some("2025-05-22"),
        ),
        (
            "en-US",
            "Statement period 05/01/2025 - 05/31/2025\nStatement date\n06/02/2025\nDue date 06/20/2025",
            Some("2025-06-02"),
        ),
        ("en-GB", "Date of birth: 02/11/1951", None),
        ("de", "Gültig bis 31.12.2030", None),
        ("de", "Fällig am 15.08.2025", None),
        (
            "en",
            "The year 2024 was wet, 12.5 percent more than 3.4.",
            None,
        ),
        ("de", "Version 1.2.3 vom Gerät 10.0.0.12", None),
    ];
    for (language, text, expected) in cases {
        assert_eq!(chosen(text, language).as_deref(), expected, "{text}");
    }
}

#[test]
fn ambiguous_numbers_follow_the_paper() {
    assert_eq!(
        chosen("Date: 04/05/2025", "en-US").as_deref(),
        Some("2025-04-05")
    );
    assert_eq!(
        chosen("Date: 04/05/2025", "en-GB").as_deref(),
        Some("2025-05-04")
    );
    assert_eq!(
        chosen("Date: 04/05/2025\nTotal $12.00", "en").as_deref(),
        Some("2025-04-05")
    );
    assert_eq!(
        chosen("Date: 04/05/2025\nTotal £12.00 incl. VAT", "en").as_deref(),
        Some("2025-05-04")
    );
    assert_eq!(
        chosen("Date: 04/05/2025\nOrdered 28/04/2025", "en-US").as_deref(),
        Some("2025-05-04"),
        "the other date shows the order"
    );
    assert_eq!(
        chosen("Fecha: 04/05/2025", "es").as_deref(),
        Some("2025-05-04")
    );
    // Read one way it lies in the future, so it is read the other way.
    assert_eq!(
        chosen("Date: 09/06/2025", "en-US").as_deref(),
        Some("2025-06-09")
    );
}

#[test]
fn nothing_is_dated_in_the_future_or_the_middle_ages() {
    assert_eq!(chosen("Datum: 01.01.2031", "de"), None);
    assert_eq!(chosen("Datum: 01.01.1531", "de"), None);
    assert_eq!(chosen("Datum: 31.02.2025", "de"), None);
    let ahead = Paper {
        received_on: Date::from_calendar_date(2025, Month::June, 30).unwrap(),
        ..paper("a.pdf", "Datum: 02.07.2025", Some("de"))
    };
    assert!(
        find_document_date(&ahead).is_some(),
        "a paper may be dated a few days ahead"
    );
}
