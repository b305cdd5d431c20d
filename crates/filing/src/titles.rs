//! Names a paper: by its own title or subject line, else by what, from whom and when.

use std::sync::LazyLock;

use regex::Regex;
use time::Date;

use crate::date_labels::is_place;
use crate::lexicon::lexicon;
use crate::organisations::organisation_in;
use crate::paper::{Finding, Paper, Topic};
use crate::patterns::pattern;
use crate::reading::{Line, Reading, ends_in_amount, stem};
use crate::tokens::{fold, tokens};
use crate::topics::paper_type;
use crate::written_dates::{NumberOrder, dates_in};

const MAX_TITLE_CHARS: usize = 120;
const SUBJECT_LINES: usize = 45;
const HEADING_LINES: usize = 18;
/// A heading of this many words needs no more beside it.
const MIN_SPEAKING_WORDS: usize = 4;

/// A title for the paper: never empty unless the file name is. `correspondent`, `date` and `topic` are what is already known.
pub fn find_title(
    paper: &Paper<'_>,
    correspondent: Option<&str>,
    date: Option<Date>,
    topic: Option<&Topic<'_>>,
) -> Finding<String> {
    title(&Reading::of(paper), correspondent, date, topic)
}

pub(crate) fn title(
    reading: &Reading,
    correspondent: Option<&str>,
    date: Option<Date>,
    topic: Option<&Topic<'_>>,
) -> Finding<String> {
    let found = |value: String, confidence: f32, reason: &str| Finding {
        value: shortened(&value),
        confidence,
        reason: reason.to_owned(),
    };
    if let Some(embedded) = embedded_title(reading) {
        return found(embedded, 0.85, "embedded title");
    }
    if let Some(subject) = labelled_subject(reading) {
        return found(subject, 0.9, "subject line");
    }
    if let Some(subject) = subject_beside_salutation(reading) {
        return found(subject, 0.75, "subject line");
    }
    let known = Known {
        correspondent,
        date,
    };
    match (heading(reading), readable_filename(reading)) {
        (Some(heading), _) if word_count(&heading) >= MIN_SPEAKING_WORDS => {
            found(heading, 0.7, "heading")
        }
        (Some(heading), name) if known.is_something() || name.is_none() => found(
            known.beside(reading, heading),
            0.65,
            "heading, correspondent and date",
        ),
        (_, Some(name)) => found(name, 0.5, "file name"),
        (None | Some(_), None) => match (paper_type(reading, topic), correspondent) {
            (Some(kind), _) => found(
                known.beside(reading, kind),
                0.55,
                "type, correspondent and date",
            ),
            (None, Some(name)) => found(
                Known {
                    correspondent: None,
                    date,
                }
                .beside(reading, name.to_owned()),
                0.4,
                "correspondent and date",
            ),
            (None, None) => found(cleaned_filename(reading), 0.2, "file name"),
        },
    }
}

/// What is known of a paper besides what it is.
struct Known<'a> {
    correspondent: Option<&'a str>,
    date: Option<Date>,
}

impl Known<'_> {
    fn is_something(&self) -> bool {
        self.correspondent.is_some() || self.date.is_some()
    }

    /// `Invoice – Acme Ltd – March 2024`
    fn beside(&self, reading: &Reading, what: String) -> String {
        let months = if reading.is_german() {
            MONTHS_DE
        } else {
            MONTHS_EN
        };
        let when = self.date.map(|date| {
            format!(
                "{} {}",
                months[usize::from(u8::from(date.month()) - 1)],
                date.year()
            )
        });
        let parts: Vec<String> = [Some(what), self.correspondent.map(str::to_owned), when]
            .into_iter()
            .flatten()
            .collect();
        parts.join(" – ")
    }
}

const MONTHS_EN: [&str; 12] = [
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
];
const MONTHS_DE: [&str; 12] = [
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
];

static PROGRAM_TITLE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)^(?:microsoft (?:word|excel|powerpoint)|untitled|unbenannt|ohne titel|unknown|document\d*|dokument\d*|scan(?:ned)?\b|print|slide 1|sheet\d*|tabelle\d*|",
        r"layout \d|title|titel|template|vorlage|crystal reports|jasper|fax|image\d*|img_?\d*|output|report\d*$|about:blank|https?://|file:|\(?null\)?$|dvips|pdf)"
    ))
});
static FILE_NAME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\.(?:docx?|xlsx?|pptx?|pdf|odt|ods|odp|rtf|txt|html?|xml|indd|qxp|qxd|tex|dvi|ps|eml|jpe?g|png|tiff?|cdr|ai|pages|pub|dotx?|rpt|xfa)\s*$|[/\\]",
    )
});

fn embedded_title(reading: &Reading) -> Option<String> {
    let title = reading.embedded_title.as_deref()?.trim();
    let letters = title
        .chars()
        .filter(|character| character.is_alphabetic())
        .count();
    let spaced = title.contains(' ') || letters >= 8;
    let codelike =
        title.contains('_') || title.chars().filter(char::is_ascii_digit).count() > letters;
    let sane = letters >= 4
        && spaced
        && !codelike
        && !PROGRAM_TITLE.is_match(title)
        && !FILE_NAME.is_match(title);
    // A bare "Invoice" says less than "Invoice – Acme Ltd – March 2024".
    (sane && word_count(title) > 1).then(|| without_reply_marks(title))
}

static SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:subject|betreff|betrifft|betr\.|re|objet|asunto|oggetto|onderwerp|assunto|dotyczy)\s*:\s*(.{4,})$|^(?:re|betreff) ([A-Z].{6,})$",
    )
});

fn labelled_subject(reading: &Reading) -> Option<String> {
    let lines = &reading.lines[..reading.lines.len().min(SUBJECT_LINES)];
    lines.iter().find_map(|line| {
        let captures = SUBJECT.captures(&line.text)?;
        let subject = captures.get(1).or(captures.get(2))?.as_str();
        Some(without_reply_marks(subject))
            .filter(|subject| subject.chars().any(char::is_alphabetic))
    })
}

fn without_reply_marks(subject: &str) -> String {
    static MARKS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)^(?:(?:re|aw|fwd?|wg|tr|rv|sv|antw)\s*:\s*)+"));
    MARKS.replace(subject.trim(), "").trim().to_owned()
}

const SALUTATIONS: [&str; 18] = [
    "sehr geehrte",
    "dear ",
    "liebe ",
    "lieber ",
    "hallo ",
    "guten tag",
    "hello ",
    "madame, monsieur",
    "madame",
    "monsieur",
    "cher ",
    "chere ",
    "estimad",
    "gentile",
    "egregio",
    "geachte",
    "szanown",
    "prezad",
];

/// German letters have the subject right above the salutation, British ones right below it.
fn subject_beside_salutation(reading: &Reading) -> Option<String> {
    let lines = &reading.lines;
    let is_salutation = |line: &Line| {
        SALUTATIONS
            .iter()
            .any(|start| line.folded.starts_with(start))
            && line.text.chars().count() < 70
    };
    let salutation = lines.iter().take(SUBJECT_LINES).position(is_salutation)?;
    let subject = |index: usize| {
        lines
            .get(index)
            .filter(|line| is_subject(line))
            .map(|line| line.text.clone())
    };
    let below = Some(salutation + 1)
        .filter(|&index| {
            lines.get(index + 1).is_some_and(|next| next.opens_block) && lines[index].opens_block
        })
        .and_then(subject)
        .filter(|text| text.split_whitespace().count() <= 12);
    let last_above = salutation.checked_sub(1)?;
    // Two lines may be one subject; the first carries it. Without space around it, only a line of its own length is
    // told from a name.
    let block = Some(block_start(lines, last_above)).filter(|&index| salutation - index <= 2);
    let above = block.and_then(subject).or_else(|| {
        subject(last_above).filter(|text| word_count(text) > 2 || lexicon().names_paper(text))
    });
    below.or(above)
}

fn block_start(lines: &[Line], mut index: usize) -> usize {
    while index > 0 && !lines[index].opens_block {
        index -= 1;
    }
    index
}

fn is_subject(line: &Line) -> bool {
    static FIELD_OR_ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
        pattern(concat!(
            r"(?i)^(?:datum|date|tel|telefon|phone|fax|e-?mail|mobil|www|iban|seite|page|kunden|customer|account|ihr zeichen|unser zeichen|our ref|your ref|herr|frau|mr|mrs|ms|familie|",
            r"\d{4,5} )|@|str(?:aße|\.) ?\d|\b(?:street|road|avenue|lane|drive|close|way) ?\d*$|\b[A-Z]{1,2}\d{1,2}[A-Z]? \d[A-Z]{2}$|\b[A-Z]{2} \d{5}$"
        ))
    });
    let text = &line.text;
    let letters = text
        .chars()
        .filter(|character| character.is_alphabetic())
        .count();
    let length = text.chars().count();
    let fits = letters >= 6
        && letters * 2 > length
        && length <= MAX_TITLE_CHARS
        && line.tokens.len() >= 2
        && !text.ends_with(',');
    fits && !FIELD_OR_ADDRESS.is_match(text)
        && !is_place_and_date(line)
        && !ends_in_amount(text)
        && organisation_in(text).is_none()
}

/// `Lindau, den 3. März 2025`, or a date alone.
fn is_place_and_date(line: &Line) -> bool {
    let dates = dates_in(&line.folded, NumberOrder::DayFirst, 2000);
    dates.first().is_some_and(|first| {
        first.end + 2 >= line.folded.len()
            && (first.start == 0 || is_place(&line.folded[..first.start]))
    })
}

/// A line near the top that names the sort of paper: `Invoice No. 2024-113`, `Halbjahreszeugnis`.
fn heading(reading: &Reading) -> Option<String> {
    static COLUMN_GAP: LazyLock<Regex> = LazyLock::new(|| pattern(r"\s{3,}|\t"));
    reading.lines.iter().take(HEADING_LINES).find_map(|line| {
        let text = COLUMN_GAP.split(&line.text).next().unwrap_or_default();
        let words = word_count(text);
        let sentence = text
            .split_whitespace()
            .filter(|word| word.starts_with(char::is_lowercase))
            .count()
            > 3
            || ["please", "bitte", "thank", "vielen", "keep"]
                .iter()
                .any(|start| line.folded.starts_with(start));
        let fits = (1..=9).contains(&words)
            && text.starts_with(char::is_alphabetic)
            && !text.contains(": ")
            && !text.ends_with(['.', ':', ',', '!']);
        let heads = fits
            && !sentence
            && !ends_in_amount(&line.text)
            && lexicon().names_paper(text)
            && organisation_in(text).is_none();
        heads.then(|| {
            if is_shouted(text) {
                sentence_case(text)
            } else {
                text.to_owned()
            }
        })
    })
}

/// Words of letters only: numbers and codes say little.
fn word_count(text: &str) -> usize {
    tokens(text)
        .iter()
        .filter(|token| token.folded.chars().all(char::is_alphabetic) && token.folded.len() > 1)
        .count()
}

fn is_shouted(text: &str) -> bool {
    text.chars()
        .filter(|character| character.is_alphabetic())
        .all(char::is_uppercase)
}

fn sentence_case(text: &str) -> String {
    let lower = text.to_lowercase();
    let mut characters = lower.chars();
    characters
        .next()
        .map(|first| first.to_uppercase().chain(characters).collect())
        .unwrap_or_default()
}

/// The file name, if a person seems to have chosen it: words, not a scanner's or a system's numbering.
fn readable_filename(reading: &Reading) -> Option<String> {
    static MACHINE_NAME: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:scan|img|image|dsc|pxl|document|dokument|doc|file|datei|download|export|output|print|unbenannt|untitled|whatsapp|screenshot|bildschirmfoto|attachment|anhang|fax|page|seite|noname|test|tmp|temp|rechnung|invoice|brief|letter|bill|receipt|beleg|statement)[\W_\d]*$|^[\W_\dA-F-]+$",
        )
    });
    let name = cleaned_filename(reading);
    let words: Vec<String> = tokens(&name)
        .into_iter()
        .map(|token| token.folded)
        .filter(|word| word.len() >= 3 && word.bytes().all(|byte| !byte.is_ascii_digit()))
        .collect();
    let scanned = ["scan", "img", "dsc", "screenshot", "whatsapp"]
        .iter()
        .any(|start| fold(&name).starts_with(start));
    (words.len() >= 2 && !scanned && !MACHINE_NAME.is_match(&name)).then_some(name)
}

fn cleaned_filename(reading: &Reading) -> String {
    let spaced = stem(&reading.filename)
        .replace(['_', '+'], " ")
        .replace("%20", " ");
    let dashed = if spaced.contains(' ') {
        spaced
    } else {
        spaced.replace('-', " ")
    };
    let cleaned = dashed.split_whitespace().collect::<Vec<_>>().join(" ");
    if cleaned.is_empty() {
        reading.filename.clone()
    } else {
        cleaned
    }
}

fn shortened(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= MAX_TITLE_CHARS {
        return text;
    }
    let cut: String = text.chars().take(MAX_TITLE_CHARS - 1).collect();
    let at_word = cut
        .rsplit_once(' ')
        .map_or(cut.as_str(), |(start, _)| start);
    format!("{at_word}…")
}
