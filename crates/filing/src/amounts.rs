//! Sums of money, as English and German papers write them, and the one that is to be paid.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde::Serialize;

use crate::patterns::pattern;
use crate::reading::{Line, Reading};

/// A sum of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Amount {
    /// In hundredths of the currency; negative for a credit.
    pub hundredths: i64,
    /// ISO 4217.
    pub currency: &'static str,
}

/// The sum that the paper is about; `None` where nothing says which one that is, or of which currency.
pub(crate) fn amount_due(reading: &Reading) -> Option<Amount> {
    let mut best: Option<(u8, Sum)> = None;
    for (at, line) in reading.lines.iter().enumerate() {
        if line.is_ledger_row {
            continue;
        }
        for (weight, words) in LABELS.iter() {
            for label in words.find_iter(&line.folded) {
                let Some(sum) = sum_of(line, label.range(), reading.lines.get(at + 1)) else {
                    continue;
                };
                if best.as_ref().is_none_or(|(known, most)| {
                    (*weight, sum.hundredths) > (*known, most.hundredths)
                }) {
                    best = Some((*weight, sum));
                }
            }
        }
    }
    let sum = best.map(|(_, sum)| sum).or_else(|| in_a_column(reading))?;
    Some(Amount {
        hundredths: sum.hundredths,
        currency: sum.currency.or_else(|| usual_currency(reading))?,
    })
}

/// A sum in a text, and what it is in, if that stands beside it.
struct Sum {
    place: Range<usize>,
    hundredths: i64,
    currency: Option<&'static str>,
}

/// The first sum after a label. In a table it may stand on a line of its own, below.
fn sum_of(line: &Line, label: Range<usize>, next: Option<&Line>) -> Option<Sum> {
    let text = line.folded.as_str();
    let mut from = 0;
    for sum in sums(text) {
        if sum.place.start < label.end {
            from = sum.place.end.min(label.start);
            continue;
        }
        return is_whole(&text[from..sum.place.start]).then_some(sum);
    }
    let ends_the_line = !text[label.end..].contains(char::is_alphanumeric);
    let stands_alone = ends_the_line && is_whole(&text[from..]);
    next.filter(|_| stands_alone).and_then(alone_on)
}

/// The sum of a line that has nothing else.
fn alone_on(line: &Line) -> Option<Sum> {
    let letters = line.folded.chars().filter(|c| c.is_alphabetic()).count();
    sums(&line.folded).next().filter(|_| letters <= 4)
}

/// Some readers give all names of a table first and then all its sums: the greatest is the whole, if one is named.
fn in_a_column(reading: &Reading) -> Option<Sum> {
    let names_it = |line: &Line| {
        let words = LABELS
            .iter()
            .flat_map(|(_, words)| words.find_iter(&line.folded));
        let mut ends = words.map(|found| found.end());
        ends.any(|end| !line.folded[end..].contains(char::is_alphanumeric))
            && is_whole(&line.folded)
    };
    reading.lines.iter().find(|line| names_it(line))?;
    let column = reading.lines.iter().filter_map(alone_on);
    column.max_by_key(|sum| sum.hundredths)
}

/// Whether what a sum is called names the whole rather than a part of it.
fn is_whole(name: &str) -> bool {
    !PART.is_match(name) || WITH_ALL.is_match(name)
}

/// What most sums of the paper are in.
fn usual_currency(reading: &Reading) -> Option<&'static str> {
    let mut counts: Vec<(&'static str, usize)> = Vec::new();
    let written = reading
        .lines
        .iter()
        .flat_map(|line| CURRENCY.find_iter(&line.text));
    for found in written.filter_map(|written| currency_of(written.as_str())) {
        match counts.iter_mut().find(|(known, _)| *known == found) {
            Some((_, count)) => *count += 1,
            None => counts.push((found, 1)),
        }
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count);
    most.map(|(currency, _)| currency)
}

fn sums(text: &str) -> impl Iterator<Item = Sum> + '_ {
    SUM.captures_iter(text).filter_map(|found| {
        let currency = found.name("before").or(found.name("after"));
        let currency = currency.and_then(|written| currency_of(written.as_str()));
        let number = found.name("number")?;
        // Without cents or a currency it may be anything.
        let has_cents = CENTS.is_match(number.as_str());
        if currency.is_none() && !has_cents || is_part_of_more(text, &found) {
            return None;
        }
        let sign = if found.name("minus").is_some() { -1 } else { 1 };
        Some(Sum {
            place: found.get(0)?.range(),
            hundredths: sign * hundredths(number.as_str(), has_cents)?,
            currency,
        })
    })
}

/// A date, a percentage, a longer number.
fn is_part_of_more(text: &str, found: &Captures<'_>) -> bool {
    let Some(number) = found.name("number") else {
        return true;
    };
    let after = text[number.end()..].trim_start();
    let glued = text[number.end()..].starts_with(|c: char| c.is_alphanumeric());
    let goes_on = text[number.end()..]
        .strip_prefix(['.', ',', '/', ':', '-'])
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    // `01.03.` is a day.
    let is_day = found.name("after").is_none()
        && found.name("before").is_none()
        && DAY.is_match(number.as_str())
        && text[number.end()..].starts_with('.');
    let glued_before = text[..number.start()]
        .chars()
        .next_back()
        .is_some_and(|c| c.is_alphanumeric() || matches!(c, '/' | ':' | '.' | ','));
    is_day
        || after.starts_with('%')
        || glued && found.name("after").is_none()
        || goes_on
        || glued_before && found.name("before").is_none()
}

fn hundredths(number: &str, has_cents: bool) -> Option<i64> {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let value: i64 = digits.parse().ok()?;
    let cents = if has_cents {
        value
    } else {
        value.checked_mul(100)?
    };
    (cents > 0).then_some(cents)
}

fn currency_of(written: &str) -> Option<&'static str> {
    match written.to_ascii_lowercase().as_str() {
        "€" | "eur" | "euro" => Some("EUR"),
        "£" | "gbp" => Some("GBP"),
        "$" | "usd" | "us$" => Some("USD"),
        "chf" | "fr." | "sfr." => Some("CHF"),
        _ => None,
    }
}

static CURRENCY: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"€|£|US\$|\$|\b(?:EUR|GBP|USD|CHF|Euro)\b"));
static SUM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:(?P<before>€|£|us\$|\$|\b(?:eur|gbp|usd|chf|euro|s?fr\.)) ?)?(?P<minus>[-−–]\s?)?(?P<number>[0-9]{1,3}(?:[.,'’ ][0-9]{3})+(?:[.,][0-9]{2})?|[0-9]{1,9}(?:[.,][0-9]{2})?)(?: ?(?P<after>€|£|us\$|\$|(?:eur|gbp|usd|chf|euro)\b))?",
    )
});
static DAY: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[0-3]?[0-9]\.[01][0-9]$"));
/// What a sum is called that is to be paid or is paid out; the whole of an invoice; and what may be either.
static LABELS: LazyLock<[(u8, Regex); 3]> = LazyLock::new(|| {
    [
        (
            3,
            pattern(
                r"\b(?:(?:amount|total|balance) (?:due|payable|to pay|owing)|amount to be paid|please pay|net pay|nachzahlung|zahlbetrag|(?:noch )?zu zahlen(?:der betrag)?|zahlender betrag|auszahlungsbetrag|forderungsbetrag|uberweisen sie)\b",
            ),
        ),
        (
            2,
            pattern(
                r"\b(?:grand total|invoice total|total amount|order total|total incl\w*|rechnungsbetrag|rechnungssumme|gesamtbetrag|gesamtsumme|gesamtbeitrag|gesamtpreis|endbetrag|endsumme|bruttobetrag)\b",
            ),
        ),
        (
            1,
            pattern(r"\b(?:total|gesamt|summe|betrag|amount|balance)\b"),
        ),
    ]
});
static PART: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:sub-? ?total|zwischensumme|netto\w*|net amount|mwst|u?st|umsatzsteuer|mehrwertsteuer|vat|tax|shipping|versand\w*|rabatt|discount|previous|opening|einbehalt\w*|taxable|insured)\b",
    )
});
/// Words by which a sum is the whole although a part is named with it.
static WITH_ALL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(?:incl\w*|inkl\w*|einschl\w*|brutto|gross)\b"));
static CENTS: LazyLock<Regex> = LazyLock::new(|| pattern(r"[.,][0-9]{2}$"));

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;
    use crate::paper::Paper;

    fn due(text: &str) -> Option<(i64, &'static str)> {
        let paper = Paper {
            filename: "scan.pdf",
            text,
            language: None,
            sender: None,
            embedded_title: None,
            received_on: date!(2026 - 01 - 01),
        };
        amount_due(&Reading::of(&paper)).map(|amount| (amount.hundredths, amount.currency))
    }

    #[test]
    fn both_ways_of_writing_numbers_are_understood() {
        for (text, expected) in [
            ("Total due: £1,234.56", (123_456, "GBP")),
            ("Rechnungsbetrag 1.234,56 EUR", (123_456, "EUR")),
            ("Gesamtbetrag: 1 234,56 €", (123_456, "EUR")),
            ("Amount due CHF 1'234.50", (123_450, "CHF")),
            ("Grand total $ 12", (1_200, "USD")),
            ("Endbetrag 12.500 Euro", (1_250_000, "EUR")),
            ("Zahlbetrag: -84,20 €", (-8_420, "EUR")),
        ] {
            assert_eq!(due(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn the_sum_to_pay_wins_over_its_parts() {
        let invoice = "Labour £ 162.50\nSubtotal £ 345.50\nVAT 20 % £ 69.10\nAmount due\n£ 414.60\nPaid within 30 days";
        assert_eq!(due(invoice), Some((41_460, "GBP")));
        let columns = "Labour\nSubtotal\nVAT 20 %\nAmount due\nPay within 30 days\n£ 345.50\n£ 69.10\n£ 414.60";
        assert_eq!(due(columns), Some((41_460, "GBP")));
        let receipt = "Brot 3,20\nKäse 7,45\nSumme EUR 10,65\nMwSt 7 % 0,70\nBar 20,00";
        assert_eq!(due(receipt), Some((1_065, "EUR")));
        let with_tax = "Nettobetrag 100,00 €\nMwSt 19 % 19,00 €\nGesamt inkl. MwSt 119,00 €";
        assert_eq!(due(with_tax), Some((11_900, "EUR")));
    }

    #[test]
    fn what_is_no_sum_is_none() {
        for text in [
            "Total 3 pages",
            "Gesamt: 12.03.2024",
            "Total distance 12.50 miles",
            "The total is to follow.",
            "Betrag: siehe Anlage 2",
            "Amount of sugar: 20,5 %",
            "",
        ] {
            assert_eq!(due(text), None, "{text}");
        }
    }
}
