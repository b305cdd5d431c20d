//! Finds the day a paper was written among all the days it mentions.

use time::{Date, Duration};

use crate::paper::{Finding, Paper};
use crate::reading::{Line, Reading};
use crate::tokens::fold;
use crate::written_dates::{NumberOrder, WrittenDate, certain_order, date_in_filename, dates_in};

/// Papers may be dated a little ahead; what lies further is a due date or a plan.
const MAX_DAYS_AHEAD: i64 = 10;
const EARLIEST_YEAR: i32 = 1900;
const OLD_PAPER_YEARS: i32 = 40;
/// Lines looked at; the date of a paper stands at its start or under its signature.
const MAX_LINES: usize = 400;
/// Labels stand right before the date.
const LABEL_BYTES: usize = 48;
const LEAST_SCORE: f32 = 1.0;

/// Labels of the date of the paper itself, folded.
const OWN_LABELS: [&str; 52] = [
    "rechnungsdatum", "invoice date", "date of issue", "issue date", "issued on", "issued", "statement date", "bill date", "ausstellungsdatum",
    "ausgestellt am", "belegdatum", "briefdatum", "bescheiddatum", "erstellt am", "ausstellungstag", "date of invoice", "letter date", "dated",
    "date d'emission", "date de facture", "date de la facture", "fait le", "fecha de factura", "fecha de emision", "fecha de expedicion",
    "data fattura", "data di emissione", "data documento", "factuurdatum", "data wystawienia", "data de emissao", "data da fatura", "receipt date",
    "report date", "date of report", "date of letter", "datum der rechnung", "ausgabedatum", "auszugsdatum", "quittungsdatum", "dokumentdatum",
    "document date", "order date", "purchase date", "kaufdatum", "transaction date", "facture du", "rechnung vom", "invoice of", "bescheid vom",
    "auszug vom", "befund vom",
];
/// Weaker: the bare word in many languages.
const BARE_LABELS: [&str; 7] = ["datum", "date", "fecha", "data", "tag", "den", "le"];
/// Labels of other days.
const OTHER_LABELS: [&str; 70] = [
    "due", "fallig", "faellig", "zahlbar bis", "zahlungsziel", "bis zum", "spatestens", "pay by", "payable by", "payment by", "until", "lieferdatum",
    "leistungsdatum", "delivery", "delivered", "liefertermin", "geburtsdatum", "geboren", "geb.", "geb:", "born", "birth", "dob", "d.o.b", "gultig", "valid",
    "ablauf", "expiry", "expires", "expiration", "zeitraum", "period", "leistungszeitraum", "ihr schreiben vom", "your letter of", "your letter dated", "check-in", "check in",
    "check-out", "check out", "departure", "arrival", "abflug", "ankunft", "anreise", "abreise", "renewal date", "seit dem", "since",
    "from", "bis", "echeance", "vencimiento", "scadenza", "vervaldatum", "termin ", "appointment", "bestelldatum",
    "lastschrift", "abgebucht", "naissance", "nacimiento", "nascita", "erstzulassung", "hire date", "next service", "nachste", "abgelesen", "meter read", "einspruch",
];

/// Labels of the day something begins, which is the date of a contract when it bears no other.
const START_LABELS: [&str; 8] = ["effective", "wirkung", "eintritt", "beginn", "vertragsbeginn", "start date", "starting", "ab dem"];

/// The day the paper was written, or `None` when it names none that fits.
pub fn find_document_date(paper: &Paper<'_>) -> Option<Finding<Date>> {
    document_date(&Reading::of(paper), paper.received_on)
}

struct Candidate {
    date: Date,
    score: f32,
    reason: String,
}

pub(crate) fn document_date(reading: &Reading, received_on: Date) -> Option<Finding<Date>> {
    let order = number_order(reading);
    let in_name = date_in_filename(&fold(&reading.filename), order, received_on.year());
    let mut candidates = Vec::new();
    for (index, line) in reading.lines.iter().take(MAX_LINES).enumerate() {
        for written in dates_in(&line.folded, order, received_on.year()) {
            candidates.extend(judge(reading, index, &written, in_name, received_on));
        }
    }
    if let Some(date) = in_name.filter(|date| is_possible(*date, received_on)) {
        candidates.push(Candidate { date, score: 1.2, reason: reading.filename.clone() });
    }
    // The first of equals: what stands higher up is more likely the date of the paper.
    let best = candidates.into_iter().reduce(|best, next| if next.score > best.score { next } else { best })?;
    let confidence = (0.35 + 0.13 * best.score).clamp(0.2, 0.97);
    (best.score >= LEAST_SCORE).then_some(Finding { value: best.date, confidence, reason: best.reason })
}

fn judge(reading: &Reading, index: usize, written: &WrittenDate, in_name: Option<Date>, received_on: Date) -> Option<Candidate> {
    let line = &reading.lines[index];
    let date = [Some(written.date), written.swapped].into_iter().flatten().find(|date| is_possible(*date, received_on))?;
    let mut score = 1.0 + position_score(index, reading.lines.len());
    let (label_score, label) = label_score(&reading.lines, index, written);
    score += label_score;
    if label_score >= 0.0 {
        let alone = written.start == 0 && written.end == line.folded.len();
        let after_place = written.end == line.folded.len() && is_place(&line.folded[..written.start]);
        score += if after_place && index < 40 { 1.6 } else if alone { 0.8 } else { 0.0 };
    }
    score += if in_name == Some(date) { 1.2 } else { 0.0 };
    score -= if date > received_on { 0.8 } else { 0.0 };
    score -= if received_on.year() - date.year() > OLD_PAPER_YEARS { 1.0 } else { 0.0 };
    score -= if written.swapped.is_some() { 0.2 } else { 0.0 };
    let reason = label.unwrap_or_else(|| line.text.chars().take(80).collect());
    Some(Candidate { date, score, reason })
}

fn position_score(index: usize, lines: usize) -> f32 {
    let from_top = 1.4 * (1.0 - index as f32 / 25.0).max(0.0);
    // Contracts and certificates are dated above the signature.
    let near_end = if lines > 12 && index + 6 >= lines { 0.5 } else { 0.0 };
    from_top + near_end
}

fn is_possible(date: Date, received_on: Date) -> bool {
    date.year() >= EARLIEST_YEAR && date - received_on <= Duration::days(MAX_DAYS_AHEAD)
}

/// The label before the date in its line, or standing alone in the line above.
fn label_score(lines: &[Line], index: usize, written: &WrittenDate) -> (f32, Option<String>) {
    let line = &lines[index].folded;
    let before = tail(&line[..written.start], LABEL_BYTES);
    let here = judge_label(before);
    if here.0 != 0.0 {
        return here;
    }
    if is_range_end(before) || is_range_start(&line[written.end..]) {
        return (-1.5, None);
    }
    let alone = before.trim_matches(|character: char| !character.is_alphanumeric()).is_empty();
    match index.checked_sub(1).and_then(|above| lines.get(above)) {
        Some(above) if alone && above.folded.len() <= LABEL_BYTES && !above.folded.bytes().any(|byte| byte.is_ascii_digit()) => judge_label(&above.folded),
        _ => (0.0, None),
    }
}

fn judge_label(before: &str) -> (f32, Option<String>) {
    let last = |labels: &[&'static str]| {
        labels.iter().filter_map(|label| word_end(before, label).map(|end| (end, *label))).max_by_key(|(end, label)| (*end, label.len()))
    };
    let (own, bare, other) = (last(&OWN_LABELS), last(&BARE_LABELS), last(&OTHER_LABELS).max(last(&START_LABELS)));
    let end = |found: Option<(usize, &str)>| found.map_or(0, |(end, _)| end);
    // The nearest label decides; "due date" is a due date although "date" is nearer.
    if let Some((other_end, label)) = other
        && other_end + 12 >= end(bare)
        && other_end > end(own)
    {
        return (if START_LABELS.contains(&label) { -1.0 } else { -2.5 }, Some(label.to_owned()));
    }
    match (own, bare) {
        (Some((_, label)), _) => (3.0, Some(label.to_owned())),
        (None, Some((end, label))) if before.len() - end <= 6 => (1.8, Some(label.to_owned())),
        _ => (0.0, None),
    }
}

/// Where `label` last ends in `text` as a whole word (or its start, for inflections).
fn word_end(text: &str, label: &str) -> Option<usize> {
    let start = text.rmatch_indices(label).map(|(start, _)| start).find(|start| {
        let boundary = |character: char| !character.is_alphanumeric();
        let opens = text[..*start].chars().next_back().is_none_or(boundary);
        let closes = label.len() > 4 || text[start + label.len()..].chars().next().is_none_or(boundary);
        opens && closes
    })?;
    Some(start + label.len())
}

fn is_range_end(before: &str) -> bool {
    let trimmed = before.trim_end();
    let after_dash = trimmed.ends_with(['-', '–', '—']) && trimmed.bytes().any(|byte| byte.is_ascii_digit());
    after_dash || trimmed.ends_with(" to") || trimmed.ends_with(" al")
}

fn is_range_start(after: &str) -> bool {
    let trimmed = after.trim_start();
    let digits_follow = |rest: &str| rest.trim_start().starts_with(|character: char| character.is_ascii_digit());
    ["-", "–", "—", "bis", "to ", "until", "au ", "al "].iter().any(|range| trimmed.strip_prefix(range).is_some_and(digits_follow))
}

/// `Lindau,` or `Berlin, den`: one to three words and a comma.
pub(crate) fn is_place(before: &str) -> bool {
    let place = before.trim_end().trim_end_matches("den").trim_end_matches("le").trim_end();
    place.strip_suffix(',').is_some_and(|place| {
        let words = place.split_whitespace().count();
        (1..=3).contains(&words) && place.chars().all(|character| character.is_alphabetic() || matches!(character, ' ' | '-' | '.' | '/'))
    })
}

fn tail(text: &str, max_bytes: usize) -> &str {
    &text[text.ceil_char_boundary(text.len().saturating_sub(max_bytes))..]
}

/// Day or month first? What the paper itself shows decides, then where it comes from.
fn number_order(reading: &Reading) -> NumberOrder {
    if let Some(order) = reading.lines.iter().take(MAX_LINES).find_map(|line| certain_order(&line.folded)) {
        return order;
    }
    match (reading.language.as_deref(), reading.region.as_deref()) {
        (Some("en"), Some("US" | "PH")) => NumberOrder::MonthFirst,
        (Some("en") | None, None) if looks_american(reading) => NumberOrder::MonthFirst,
        _ => NumberOrder::DayFirst,
    }
}

/// English papers without a region: marks of the United States against marks of the United Kingdom. In doubt American,
/// unless the language is not known either.
fn looks_american(reading: &Reading) -> bool {
    let count = |marks: &[&str]| reading.lines.iter().take(60).filter(|line| marks.iter().any(|mark| line.text.contains(mark))).count();
    let american = count(&["$", "USD", " LLC", " Inc", "ZIP", "IRS", "SSN"]);
    let british = count(&["£", "GBP", "VAT", " Ltd", " PLC", " plc", ".uk", "London", "NHS", "HMRC", "postcode", "€", "EUR"]);
    if reading.language.is_some() { american >= british } else { american > british }
}
