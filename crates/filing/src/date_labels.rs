//! What stands before a date and says which day it is: the paper's own, or a due date, a birthday, a delivery.

use crate::reading::Line;
use crate::written_dates::WrittenDate;

/// Labels stand right before the date.
const LABEL_BYTES: usize = 48;

/// Labels of the date of the paper itself, folded.
const OWN_LABELS: [&str; 52] = [
    "rechnungsdatum",
    "invoice date",
    "date of issue",
    "issue date",
    "issued on",
    "issued",
    "statement date",
    "bill date",
    "ausstellungsdatum",
    "ausgestellt am",
    "belegdatum",
    "briefdatum",
    "bescheiddatum",
    "erstellt am",
    "ausstellungstag",
    "date of invoice",
    "letter date",
    "dated",
    "date d'emission",
    "date de facture",
    "date de la facture",
    "fait le",
    "fecha de factura",
    "fecha de emision",
    "fecha de expedicion",
    "data fattura",
    "data di emissione",
    "data documento",
    "factuurdatum",
    "data wystawienia",
    "data de emissao",
    "data da fatura",
    "receipt date",
    "report date",
    "date of report",
    "date of letter",
    "datum der rechnung",
    "ausgabedatum",
    "auszugsdatum",
    "quittungsdatum",
    "dokumentdatum",
    "document date",
    "order date",
    "purchase date",
    "kaufdatum",
    "transaction date",
    "facture du",
    "rechnung vom",
    "invoice of",
    "bescheid vom",
    "auszug vom",
    "befund vom",
];
/// Weaker: the bare word in many languages.
const BARE_LABELS: [&str; 7] = ["datum", "date", "fecha", "data", "tag", "den", "le"];
/// Labels of other days.
const OTHER_LABELS: [&str; 70] = [
    "due",
    "fallig",
    "faellig",
    "zahlbar bis",
    "zahlungsziel",
    "bis zum",
    "spatestens",
    "pay by",
    "payable by",
    "payment by",
    "until",
    "lieferdatum",
    "leistungsdatum",
    "delivery",
    "delivered",
    "liefertermin",
    "geburtsdatum",
    "geboren",
    "geb.",
    "geb:",
    "born",
    "birth",
    "dob",
    "d.o.b",
    "gultig",
    "valid",
    "ablauf",
    "expiry",
    "expires",
    "expiration",
    "zeitraum",
    "period",
    "leistungszeitraum",
    "ihr schreiben vom",
    "your letter of",
    "your letter dated",
    "check-in",
    "check in",
    "check-out",
    "check out",
    "departure",
    "arrival",
    "abflug",
    "ankunft",
    "anreise",
    "abreise",
    "renewal date",
    "seit dem",
    "since",
    "from",
    "bis",
    "echeance",
    "vencimiento",
    "scadenza",
    "vervaldatum",
    "termin ",
    "appointment",
    "bestelldatum",
    "lastschrift",
    "abgebucht",
    "naissance",
    "nacimiento",
    "nascita",
    "erstzulassung",
    "hire date",
    "next service",
    "nachste",
    "abgelesen",
    "meter read",
    "einspruch",
];

/// Labels of the day something begins, which is the date of a contract when it bears no other.
const START_LABELS: [&str; 8] = [
    "effective",
    "wirkung",
    "eintritt",
    "beginn",
    "vertragsbeginn",
    "start date",
    "starting",
    "ab dem",
];

/// The label before the date in its line, or standing alone in the line above.
pub(crate) fn label_score(
    lines: &[Line],
    index: usize,
    written: &WrittenDate,
) -> (f32, Option<String>) {
    let line = &lines[index].folded;
    let before = tail(&line[..written.start], LABEL_BYTES);
    let here = judge_label(before);
    if here.0 != 0.0 {
        return here;
    }
    if is_range_end(before) || is_range_start(&line[written.end..]) {
        return (-1.5, None);
    }
    let alone = before
        .trim_matches(|character: char| !character.is_alphanumeric())
        .is_empty();
    match index.checked_sub(1).and_then(|above| lines.get(above)) {
        Some(above)
            if alone
                && above.folded.len() <= LABEL_BYTES
                && !above.folded.bytes().any(|byte| byte.is_ascii_digit()) =>
        {
            judge_label(&above.folded)
        }
        _ => (0.0, None),
    }
}

fn judge_label(before: &str) -> (f32, Option<String>) {
    let last = |labels: &[&'static str]| {
        labels
            .iter()
            .filter_map(|label| word_end(before, label).map(|end| (end, *label)))
            .max_by_key(|(end, label)| (*end, label.len()))
    };
    let (own, bare, other) = (
        last(&OWN_LABELS),
        last(&BARE_LABELS),
        last(&OTHER_LABELS).max(last(&START_LABELS)),
    );
    let end = |found: Option<(usize, &str)>| found.map_or(0, |(end, _)| end);
    // The nearest label decides; "due date" is a due date although "date" is nearer.
    if let Some((other_end, label)) = other
        && other_end + 12 >= end(bare)
        && other_end > end(own)
    {
        return (
            if START_LABELS.contains(&label) {
                -1.0
            } else {
                -2.5
            },
            Some(label.to_owned()),
        );
    }
    match (own, bare) {
        (Some((_, label)), _) => (3.0, Some(label.to_owned())),
        (None, Some((end, label))) if before.len() - end <= 6 => (1.8, Some(label.to_owned())),
        _ => (0.0, None),
    }
}

/// Where `label` last ends in `text` as a whole word (or its start, for inflections).
fn word_end(text: &str, label: &str) -> Option<usize> {
    let start = text
        .rmatch_indices(label)
        .map(|(start, _)| start)
        .find(|start| {
            let boundary = |character: char| !character.is_alphanumeric();
            let opens = text[..*start].chars().next_back().is_none_or(boundary);
            let closes = label.len() > 4
                || text[start + label.len()..]
                    .chars()
                    .next()
                    .is_none_or(boundary);
            opens && closes
        })?;
    Some(start + label.len())
}

fn is_range_end(before: &str) -> bool {
    let trimmed = before.trim_end();
    let after_dash =
        trimmed.ends_with(['-', '–', '—']) && trimmed.bytes().any(|byte| byte.is_ascii_digit());
    after_dash || trimmed.ends_with(" to") || trimmed.ends_with(" al")
}

fn is_range_start(after: &str) -> bool {
    let trimmed = after.trim_start();
    let digits_follow = |rest: &str| {
        rest.trim_start()
            .starts_with(|character: char| character.is_ascii_digit())
    };
    ["-", "–", "—", "bis", "to ", "until", "au ", "al "]
        .iter()
        .any(|range| trimmed.strip_prefix(range).is_some_and(digits_follow))
}

/// `Lindau,` or `Berlin, den`: one to three words and a comma.
pub(crate) fn is_place(before: &str) -> bool {
    let place = before
        .trim_end()
        .trim_end_matches("den")
        .trim_end_matches("le")
        .trim_end();
    place.strip_suffix(',').is_some_and(|place| {
        let words = place.split_whitespace().count();
        (1..=3).contains(&words)
            && place.chars().all(|character| {
                character.is_alphabetic() || matches!(character, ' ' | '-' | '.' | '/')
            })
    })
}

fn tail(text: &str, max_bytes: usize) -> &str {
    &text[text.ceil_char_boundary(text.len().saturating_sub(max_bytes))..]
}
