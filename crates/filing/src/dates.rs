//! Finds the day a paper was written among all the days it mentions.

use time::{Date, Duration};

use crate::date_labels::{is_place, label_score};
use crate::paper::{Finding, Paper};
use crate::reading::Reading;
use crate::tokens::fold;
use crate::written_dates::{NumberOrder, WrittenDate, certain_order, date_in_filename, dates_in};

/// Papers may be dated a little ahead; what lies further is a due date or a plan.
const MAX_DAYS_AHEAD: i64 = 10;
const EARLIEST_YEAR: i32 = 1900;
const OLD_PAPER_YEARS: i32 = 40;
/// Lines looked at; the date of a paper stands at its start or under its signature.
const MAX_LINES: usize = 400;
const LEAST_SCORE: f32 = 1.0;

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
        candidates.push(Candidate {
            date,
            score: 1.2,
            reason: reading.filename.clone(),
        });
    }
    // The first of equals: what stands higher up is more likely the date of the paper.
    let best = candidates
        .into_iter()
        .reduce(|best, next| if next.score > best.score { next } else { best })?;
    let confidence = (0.35 + 0.13 * best.score).clamp(0.2, 0.97);
    (best.score >= LEAST_SCORE).then_some(Finding {
        value: best.date,
        confidence,
        reason: best.reason,
    })
}

fn judge(
    reading: &Reading,
    index: usize,
    written: &WrittenDate,
    in_name: Option<Date>,
    received_on: Date,
) -> Option<Candidate> {
    let line = &reading.lines[index];
    let date = [Some(written.date), written.swapped]
        .into_iter()
        .flatten()
        .find(|date| is_possible(*date, received_on))?;
    let mut score = 1.0 + position_score(index, reading.lines.len());
    let (label_score, label) = label_score(&reading.lines, index, written);
    score += label_score;
    if label_score >= 0.0 {
        let alone = written.start == 0 && written.end == line.folded.len();
        let after_place =
            written.end == line.folded.len() && is_place(&line.folded[..written.start]);
        score += if after_place && index < 40 {
            1.6
        } else if alone {
            0.8
        } else {
            0.0
        };
    }
    score += if in_name == Some(date) { 1.2 } else { 0.0 };
    score -= if date > received_on { 0.8 } else { 0.0 };
    score -= if received_on.year() - date.year() > OLD_PAPER_YEARS {
        1.0
    } else {
        0.0
    };
    score -= if written.swapped.is_some() { 0.2 } else { 0.0 };
    let reason = label.unwrap_or_else(|| line.text.chars().take(80).collect());
    Some(Candidate {
        date,
        score,
        reason,
    })
}

fn position_score(index: usize, lines: usize) -> f32 {
    let from_top = 1.4 * (1.0 - index as f32 / 25.0).max(0.0);
    // Contracts and certificates are dated above the signature.
    let near_end = if lines > 12 && index + 6 >= lines {
        0.5
    } else {
        0.0
    };
    from_top + near_end
}

fn is_possible(date: Date, received_on: Date) -> bool {
    date.year() >= EARLIEST_YEAR && date - received_on <= Duration::days(MAX_DAYS_AHEAD)
}

/// Day or month first? What the paper itself shows decides, then where it comes from.
fn number_order(reading: &Reading) -> NumberOrder {
    if let Some(order) = reading
        .lines
        .iter()
        .take(MAX_LINES)
        .find_map(|line| certain_order(&line.folded))
    {
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
    let count = |marks: &[&str]| {
        reading
            .lines
            .iter()
            .take(60)
            .filter(|line| marks.iter().any(|mark| line.text.contains(mark)))
            .count()
    };
    let american = count(&["$", "USD", " LLC", " Inc", "ZIP", "IRS", "SSN"]);
    let british = count(&[
        "£", "GBP", "VAT", " Ltd", " PLC", " plc", ".uk", "London", "NHS", "HMRC", "postcode", "€",
        "EUR",
    ]);
    if reading.language.is_some() {
        american >= british
    } else {
        american > british
    }
}
