//! What one copies out of a paper when one pays it: the sum, the account, the number of the invoice.

use std::sync::LazyLock;

use regex::Regex;
use serde::Serialize;

use crate::amounts::{Amount, amount_due};
use crate::paper::Paper;
use crate::patterns::pattern;
use crate::reading::Reading;
use crate::sender_keys::ibans;

/// What a paper states for its payment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Facts {
    pub amount: Option<Amount>,
    /// With right check digits, without blanks; the first of the paper.
    pub iban: Option<String>,
    pub invoice_number: Option<String>,
}

/// Finds what a paper states for its payment. What is not said plainly is left out.
pub fn find_facts(paper: &Paper<'_>) -> Facts {
    facts(&Reading::of(paper))
}

pub(crate) fn facts(reading: &Reading) -> Facts {
    Facts {
        amount: amount_due(reading),
        iban: ibans(reading).next(),
        invoice_number: invoice_number(reading),
    }
}

fn invoice_number(reading: &Reading) -> Option<String> {
    let mut lines = reading.lines.iter().peekable();
    while let Some(line) = lines.next() {
        if let Some(label) = NUMBER_LABEL.find(&line.text) {
            let rest = &line.text[label.end()..];
            // In a table the value may stand below its heading.
            let below = lines.peek().filter(|_| rest.trim().is_empty());
            let value = first_number(rest, 1).or_else(|| first_number(&below?.text, 1));
            if value.is_some() {
                return value;
            }
        }
    }
    let named = reading.lines.iter().find_map(|line| {
        let name = INVOICE.find(&line.text)?;
        first_number(&line.text[name.end()..], 1)
    });
    named.filter(|number| number.bytes().filter(u8::is_ascii_digit).count() >= 4)
}

/// The number that is among the first `words` of a text.
fn first_number(text: &str, words: usize) -> Option<String> {
    let words = text
        .split([' ', '\t', ';', '|'])
        .filter(|word| !word.is_empty())
        .take(words);
    words
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .find(|word| is_number(word))
        .map(str::to_owned)
}

/// Digits, perhaps with letters and joining signs; neither a date nor a year nor a sum.
fn is_number(word: &str) -> bool {
    NUMBER.is_match(word)
        && word.bytes().any(|byte| byte.is_ascii_digit())
        && !DATE_OR_YEAR.is_match(word)
}

static NUMBER_LABEL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:(?:rechnungs?|belegs?|re)[ .-]*(?:nummer|nr|no)|(?:invoice|bill|receipt)[ .-]*(?:number|no|nr|id|num)|invoice ?#|(?:invoice|rechnung) n[°º])\b?[.:# ]*",
    )
});
static INVOICE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:invoice|rechnung|(?:your|ihre) (?:invoice|rechnung))\b:? +")
});
static NUMBER: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[A-Za-z0-9][A-Za-z0-9/_.-]{1,29}$"));
static DATE_OR_YEAR: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:[0-9]{1,2}[./-][0-9]{1,2}[./-](?:[0-9]{2}|[0-9]{4})|(?:19|20)[0-9]{2}(?:-[0-9]{2}-[0-9]{2})?|[0-9]+[.,][0-9]{2})$",
    )
});

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    fn found(text: &str) -> Facts {
        find_facts(&Paper {
            filename: "scan.pdf",
            text,
            language: None,
            sender: None,
            embedded_title: None,
            received_on: date!(2026 - 01 - 01),
        })
    }

    #[test]
    fn numbers_of_invoices_are_found_by_their_label() {
        for (text, expected) in [
            ("Invoice number: 2024-0817", "2024-0817"),
            ("Rechnungs-Nr.: RE/2024/00417", "RE/2024/00417"),
            ("Rechnungsnummer 4711", "4711"),
            ("Invoice No. INV-00912\nDate 12.03.2024", "INV-00912"),
            ("Rechnungsnummer\n20240815", "20240815"),
            ("Ihre Rechnung 90210334 vom 12.03.2024", "90210334"),
            ("Belegnummer: B-77.", "B-77"),
        ] {
            assert_eq!(
                found(text).invoice_number.as_deref(),
                Some(expected),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_number_of_an_invoice_is_left_out() {
        for text in [
            "Invoice date: 12 March 2024",
            "Rechnung vom 12.03.2024",
            "Invoice 2024",
            "Rechnung: Jahresabrechnung Strom 2023",
            "Rechnungsnummer und Datum siehe oben",
            "The bill note 17",
            "Invoice for 12.50",
        ] {
            assert_eq!(found(text).invoice_number, None, "{text}");
        }
    }

    #[test]
    fn an_invoice_says_all_three() {
        let facts = found(
            "Stadtwerke Lindenau\nRechnungsnummer: 88-1203\nSumme netto 100,00 €\nRechnungsbetrag 119,00 €\nIBAN: DE89 3704 0044 0532 0130 00 BIC COBADEFF\n",
        );
        assert_eq!(
            facts,
            Facts {
                amount: Some(Amount {
                    hundredths: 11_900,
                    currency: "EUR"
                }),
                iban: Some("DE89370400440532013000".to_owned()),
                invoice_number: Some("88-1203".to_owned()),
            }
        );
        assert_eq!(
            found("Dear Edmund, thank you for the jar of marmalade."),
            Facts::default()
        );
    }
}
