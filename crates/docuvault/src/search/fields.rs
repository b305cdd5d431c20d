//! Filters inside a search: `topic:tax from:stadtwerke type:pdf`. Their names and values in English and German, and what they mean.

use serde::Serialize;
use time::{Date, Month};
use utoipa::ToSchema;

/// What a filter is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Topic,
    From,
    Type,
    Lang,
    Before,
    After,
    Year,
    Has,
    Is,
}

/// A filter as it was typed, and what was understood of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFilter {
    pub field: Field,
    pub value: String,
    pub meaning: Meaning,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// The user's topics will tell.
    Topic,
    /// The user's correspondents will tell.
    Correspondent,
    /// Content types, or how they begin.
    Types(Vec<String>),
    Language(&'static str),
    /// Before the day.
    Before(Date),
    /// From the day on.
    From(Date),
    Year(i32),
    Has(Part, bool),
    Trashed,
    States(&'static [&'static str]),
    /// No value that there is.
    Nothing,
}

/// What a document may have or lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Topic,
    Date,
    Correspondent,
    Folder,
}

const NAMES: [(&str, Field); 25] = [
    ("topic", Field::Topic),
    ("thema", Field::Topic),
    ("from", Field::From),
    ("correspondent", Field::From),
    ("von", Field::From),
    ("absender", Field::From),
    ("type", Field::Type),
    ("typ", Field::Type),
    ("art", Field::Type),
    ("lang", Field::Lang),
    ("language", Field::Lang),
    ("sprache", Field::Lang),
    ("before", Field::Before),
    ("vor", Field::Before),
    ("after", Field::After),
    ("since", Field::After),
    ("nach", Field::After),
    ("seit", Field::After),
    ("ab", Field::After),
    ("year", Field::Year),
    ("jahr", Field::Year),
    ("has", Field::Has),
    ("hat", Field::Has),
    ("is", Field::Is),
    ("ist", Field::Is),
];

/// What each word for a type covers; the last column holds content types or how they begin.
const TYPES: [(&[&str], &[&str]); 14] = [
    (&["pdf"], &["application/pdf"]),
    (
        &["image", "picture", "photo", "scan", "bild", "foto"],
        &["image/"],
    ),
    (&["text", "txt"], &["text/plain"]),
    (&["markdown", "md"], &["text/markdown"]),
    (
        &["word", "doc", "docx"],
        &[
            "application/msword",
            "application/vnd.openxmlformats-officedocument.wordprocessingml",
        ],
    ),
    (
        &["document", "dokument"],
        &[
            "application/msword",
            "application/vnd.openxmlformats-officedocument.wordprocessingml",
            "application/vnd.oasis.opendocument.text",
            "application/rtf",
        ],
    ),
    (
        &[
            "spreadsheet",
            "excel",
            "xls",
            "xlsx",
            "ods",
            "csv",
            "tabelle",
        ],
        &[
            "application/vnd.ms-excel",
            "application/vnd.openxmlformats-officedocument.spreadsheetml",
            "application/vnd.oasis.opendocument.spreadsheet",
            "text/csv",
        ],
    ),
    (
        &[
            "presentation",
            "slides",
            "powerpoint",
            "ppt",
            "pptx",
            "odp",
            "praesentation",
            "präsentation",
        ],
        &[
            "application/vnd.ms-powerpoint",
            "application/vnd.openxmlformats-officedocument.presentationml",
            "application/vnd.oasis.opendocument.presentation",
        ],
    ),
    (&["odt"], &["application/vnd.oasis.opendocument.text"]),
    (
        &["mail", "email", "e-mail", "eml", "msg"],
        &["message/rfc822", "application/vnd.ms-outlook"],
    ),
    (&["html", "web", "webseite"], &["text/html"]),
    (
        &["book", "ebook", "epub", "buch"],
        &["application/epub+zip"],
    ),
    (&["rtf"], &["application/rtf"]),
    (
        &["archive", "zip", "archiv"],
        &["application/zip", "application/gzip"],
    ),
];

const LANGUAGES: [(&str, &[&str]); 24] = [
    ("de", &["german", "deutsch"]),
    ("en", &["english", "englisch"]),
    ("fr", &["french", "französisch"]),
    ("es", &["spanish", "spanisch"]),
    ("it", &["italian", "italienisch"]),
    ("nl", &["dutch", "niederländisch"]),
    ("pt", &["portuguese", "portugiesisch"]),
    ("pl", &["polish", "polnisch"]),
    ("cs", &["czech", "tschechisch"]),
    ("da", &["danish", "dänisch"]),
    ("sv", &["swedish", "schwedisch"]),
    ("no", &["norwegian", "norwegisch"]),
    ("nb", &["bokmål"]),
    ("fi", &["finnish", "finnisch"]),
    ("hu", &["hungarian", "ungarisch"]),
    ("ro", &["romanian", "rumänisch"]),
    ("ru", &["russian", "russisch"]),
    ("uk", &["ukrainian", "ukrainisch"]),
    ("tr", &["turkish", "türkisch"]),
    ("el", &["greek", "griechisch"]),
    ("ar", &["arabic", "arabisch"]),
    ("zh", &["chinese", "chinesisch"]),
    ("ja", &["japanese", "japanisch"]),
    ("ko", &["korean", "koreanisch"]),
];

/// The field of this name; none for what is just a word before a colon.
pub fn field_named(name: &str) -> Option<Field> {
    let name = name.to_lowercase();
    NAMES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, field)| *field)
}

impl FieldFilter {
    pub fn new(field: Field, value: &str) -> Self {
        let value = value.trim();
        Self {
            field,
            value: value.to_owned(),
            meaning: meaning(field, &value.to_lowercase()).unwrap_or(Meaning::Nothing),
        }
    }
}

fn meaning(field: Field, value: &str) -> Option<Meaning> {
    match field {
        Field::Topic => Some(Meaning::Topic),
        Field::From => Some(Meaning::Correspondent),
        Field::Type if value.contains('/') => Some(Meaning::Types(vec![
            value.strip_suffix('*').unwrap_or(value).to_owned(),
        ])),
        Field::Type => TYPES
            .iter()
            .find(|(names, _)| names.contains(&value))
            .map(|(_, types)| Meaning::Types(types.iter().map(|&one| one.to_owned()).collect())),
        Field::Lang => LANGUAGES
            .iter()
            .find(|(code, names)| *code == value || names.contains(&value))
            .map(|(code, _)| Meaning::Language(code)),
        Field::Before => first_day(value).map(Meaning::Before),
        Field::After => first_day(value).map(Meaning::From),
        Field::Year => (value.len() == 4)
            .then(|| value.parse().ok())
            .flatten()
            .filter(|year| *year >= 1)
            .map(Meaning::Year),
        Field::Has => part(value).map(|(part, wanted)| Meaning::Has(part, wanted)),
        Field::Is => match value {
            "trashed" | "deleted" | "gelöscht" | "geloescht" | "papierkorb" => {
                Some(Meaning::Trashed)
            }
            "ready" | "fertig" => Some(Meaning::States(&["ready"])),
            "failed" | "fehlgeschlagen" => Some(Meaning::States(&["failed"])),
            "processing" | "in-arbeit" => Some(Meaning::States(&["stored", "processing"])),
            _ => None,
        },
    }
}

fn part(value: &str) -> Option<(Part, bool)> {
    let (name, wanted) = match ["no-", "kein-", "keine-", "keinen-"]
        .iter()
        .find_map(|no| value.strip_prefix(no))
    {
        Some(name) => (name, false),
        None => (value, true),
    };
    let part = match name {
        "topic" | "topics" | "thema" | "themen" => Part::Topic,
        "date" | "datum" => Part::Date,
        "correspondent" | "sender" | "absender" => Part::Correspondent,
        "folder" | "ordner" => Part::Folder,
        _ => return None,
    };
    Some((part, wanted))
}

/// The first day of a year, month or day: `2025`, `2025-01`, `2025-01-31`, `01.2025`, `31.1.2025`.
fn first_day(value: &str) -> Option<Date> {
    let (separator, year_first) = if value.contains('.') {
        ('.', false)
    } else {
        ('-', true)
    };
    let mut parts: Vec<&str> = value.split(separator).collect();
    if !year_first {
        parts.reverse();
    }
    let year = parts.first().filter(|year| year.len() == 4)?;
    if parts.len() > 3
        || parts
            .iter()
            .any(|part| !part.chars().all(|c| c.is_ascii_digit()))
    {
        return None;
    }
    let number = |at: usize| {
        parts
            .get(at)
            .map_or(Some(1), |part| part.parse::<u8>().ok())
    };
    let month = Month::try_from(number(1)?).ok()?;
    let year = year.parse().ok().filter(|year| *year >= 1)?;
    Date::from_calendar_date(year, month, number(2)?).ok()
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn days_months_and_years() {
        for (text, day) in [
            ("2025", date!(2025 - 01 - 01)),
            ("2025-03", date!(2025 - 03 - 01)),
            ("2025-03-09", date!(2025 - 03 - 09)),
            ("9.3.2025", date!(2025 - 03 - 09)),
            ("03.2025", date!(2025 - 03 - 01)),
        ] {
            assert_eq!(first_day(text), Some(day), "{text}");
        }
        for text in [
            "",
            "25",
            "0000",
            "2025-13",
            "2025-02-30",
            "2025-1-1-1",
            "31.12",
            "today",
            "2025-+1",
            "-",
        ] {
            assert_eq!(first_day(text), None, "{text}");
        }
    }

    #[test]
    fn values_in_english_and_german() {
        let of = |field, value| FieldFilter::new(field, value).meaning;
        assert_eq!(
            of(Field::Type, "Bild"),
            Meaning::Types(vec!["image/".into()])
        );
        assert_eq!(
            of(Field::Type, "image/*"),
            Meaning::Types(vec!["image/".into()])
        );
        assert_eq!(of(Field::Type, "spaceship"), Meaning::Nothing);
        assert_eq!(of(Field::Lang, "Deutsch"), Meaning::Language("de"));
        assert_eq!(of(Field::Has, "no-topic"), Meaning::Has(Part::Topic, false));
        assert_eq!(
            of(Field::Has, "kein-datum"),
            Meaning::Has(Part::Date, false)
        );
        assert_eq!(
            of(Field::Has, "sender"),
            Meaning::Has(Part::Correspondent, true)
        );
        assert_eq!(of(Field::Is, "Papierkorb"), Meaning::Trashed);
        assert_eq!(of(Field::Year, "25"), Meaning::Nothing);
        assert_eq!(field_named("Absender"), Some(Field::From));
        assert_eq!(field_named("http"), None);
    }
}
