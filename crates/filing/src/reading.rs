//! A paper read once: its cleaned text, lines, words and language, shared by all finders.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::paper::Paper;
use crate::patterns::pattern;
use crate::tokens::{Token, clean, fold, head, tokens};

/// What decides about a paper stands at its start; reading on would only cost time.
const MAX_TEXT_BYTES: usize = 48 * 1024;
const MAX_LABEL_BYTES: usize = 1024;
const MAX_LINES: usize = 1500;
/// Lines of the first page in which letterhead, date and subject stand.
const TOP_LINES: usize = 14;
const HEADING_WORDS: usize = 5;

/// A line of the text that is not blank.
#[derive(Debug)]
pub(crate) struct Line {
    /// The line without surrounding space.
    pub(crate) text: String,
    pub(crate) folded: String,
    /// Whether a blank line or the start of a page comes before it.
    pub(crate) opens_block: bool,
    pub(crate) is_ledger_row: bool,
    /// Words of the line, as positions in [`Reading::tokens`].
    pub(crate) tokens: Range<usize>,
}

/// A paper, read.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) filename: String,
    pub(crate) embedded_title: Option<String>,
    pub(crate) sender: Option<String>,
    pub(crate) lines: Vec<Line>,
    /// Words of all lines in order; offsets count within the line.
    pub(crate) tokens: Vec<Token>,
    /// Two-letter language code, lower case.
    pub(crate) language: Option<String>,
    /// Country part of the language tag, upper case.
    pub(crate) region: Option<String>,
}

impl Reading {
    pub(crate) fn of(paper: &Paper<'_>) -> Self {
        let label = |text: &str| {
            clean(head(text, MAX_LABEL_BYTES))
                .replace(['\n', '\x0c', '\t'], " ")
                .trim()
                .to_owned()
        };
        let text = clean(head(paper.text, MAX_TEXT_BYTES));
        let mut lines = Vec::new();
        let mut all_tokens = Vec::new();
        let mut opens_block = true;
        for raw in text.split(['\n', '\x0c']) {
            let line = raw.trim();
            if line.is_empty() {
                opens_block = true;
                continue;
            }
            if lines.len() == MAX_LINES {
                break;
            }
            let first = all_tokens.len();
            all_tokens.extend(tokens(line));
            let is_ledger_row = ends_in_amount(line) && opens_with_date(line);
            lines.push(Line {
                text: line.to_owned(),
                folded: fold(line),
                opens_block,
                is_ledger_row,
                tokens: first..all_tokens.len(),
            });
            opens_block = false;
        }
        let tag = paper
            .language
            .map(str::to_owned)
            .or_else(|| guess_language(&text))
            .unwrap_or_default();
        let mut parts = tag.split(['-', '_']);
        Self {
            filename: label(paper.filename),
            embedded_title: paper
                .embedded_title
                .map(label)
                .filter(|title| !title.is_empty()),
            sender: paper.sender.map(label).filter(|sender| !sender.is_empty()),
            lines,
            tokens: all_tokens,
            language: parts
                .next()
                .map(two_letter_code)
                .filter(|code| !code.is_empty()),
            region: parts
                .find(|part| part.len() == 2)
                .map(str::to_ascii_uppercase),
        }
    }

    pub(crate) fn is_german(&self) -> bool {
        self.language.as_deref() == Some("de")
    }

    /// Lines of the letterhead, the address field and the subject.
    pub(crate) fn top(&self) -> &[Line] {
        &self.lines[..self.lines.len().min(TOP_LINES)]
    }

    /// A short line near the top: what a person sees first.
    pub(crate) fn is_heading(&self, line_index: usize) -> bool {
        let heads = |line: &Line| {
            (1..=HEADING_WORDS).contains(&line.tokens.len())
                && line.text.starts_with(char::is_alphabetic)
                && !ends_in_amount(&line.text)
        };
        line_index < TOP_LINES + 6 && self.lines.get(line_index).is_some_and(heads)
    }

    /// A row of a list of transactions: it opens with a date and closes with an amount.
    pub(crate) fn is_ledger_row(&self, line_index: usize) -> bool {
        self.lines
            .get(line_index)
            .is_some_and(|line| line.is_ledger_row)
    }

    /// Words of the file name without its extension.
    pub(crate) fn filename_tokens(&self) -> Vec<Token> {
        tokens(&split_camel_case(stem(&self.filename)))
    }
}

/// Whether a line closes with an amount of money: `-72,00`, `1,204.88 EUR`, `€ 12.00`.
pub(crate) fn ends_in_amount(line: &str) -> bool {
    static AMOUNT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?:^|\D)\d{1,3}(?:[.,' ]?\d{3})*[.,]\d\d ?(?:[+-]|€|£|\$|[A-Z]{3}|[SH])?$")
    });
    AMOUNT.is_match(line)
}

fn opens_with_date(line: &str) -> bool {
    static DATE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"^\d{1,2}(?:[./]\s?\d{1,2}\b|[. ]{1,2}\p{Alphabetic}{3,9}\b)|^\d{4}-\d\d-\d\d")
    });
    DATE.is_match(line)
}

/// A file name without its extension.
pub(crate) fn stem(filename: &str) -> &str {
    match filename.rsplit_once('.') {
        Some((stem, extension))
            if !stem.is_empty()
                && (1..=5).contains(&extension.len())
                && extension.chars().all(char::is_alphanumeric)
                && extension.chars().any(char::is_alphabetic) =>
        {
            stem
        }
        _ => filename,
    }
}

/// `StromRechnung2024` reads as `Strom Rechnung 2024`.
fn split_camel_case(name: &str) -> String {
    let mut split = String::with_capacity(name.len() + 8);
    let mut previous = ' ';
    for character in name.chars() {
        let boundary = (previous.is_lowercase() && character.is_uppercase())
            || (previous.is_alphabetic() && character.is_numeric());
        if boundary {
            split.push(' ');
        }
        split.push(character);
        previous = character;
    }
    split
}

fn guess_language(text: &str) -> Option<String> {
    let sample = head(text, 4096);
    let info = whatlang::detect(sample)?;
    info.is_reliable()
        .then(|| two_letter_code(info.lang().code()))
}

fn two_letter_code(tag: &str) -> String {
    let code = tag.to_ascii_lowercase();
    let short = match code.as_str() {
        "eng" => "en",
        "deu" | "ger" => "de",
        "fra" | "fre" => "fr",
        "spa" => "es",
        "ita" => "it",
        "nld" | "dut" => "nl",
        "por" => "pt",
        "pol" => "pl",
        other => other,
    };
    short.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_lose_only_extensions() {
        assert_eq!(stem("Rechnung.pdf"), "Rechnung");
        assert_eq!(stem("Brief 12.03"), "Brief 12.03");
        assert_eq!(stem(".env"), ".env");
        assert_eq!(stem("archive.tar.gz"), "archive.tar");
    }

    #[test]
    fn camel_case_names_are_read_as_words() {
        assert_eq!(split_camel_case("StromRechnung2024"), "Strom Rechnung 2024");
    }
}
