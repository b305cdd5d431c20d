//! Recognises the names of organisations: by their legal form, or by words such as "school" and "Finanzamt".

use std::sync::LazyLock;

use regex::Regex;

use crate::lexicon::lexicon;
use crate::patterns::pattern;
use crate::tokens::{fold, tokens};

/// Longer names are sentences.
pub(crate) const MAX_NAME_CHARS: usize = 70;
const MAX_LINE_CHARS: usize = 200;

static LEGAL_FORM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?:^|[ ,&.])(?:GmbH(?: & Co\.? ?(?:KG|OHG)(?:aA)?)?|gGmbH|mbH|AG(?: & Co\.? ?KG)?|SE(?: & Co\.? ?KG)?|KG(?:aA)?|OHG|GbR|UG(?: ?\(haftungsbeschränkt\))?|",
        r"e\. ?V\.|eV|eG|e\. ?K\.|PartGmbB|PartG|VVaG|a\. ?G\.|AöR|KdöR|Ltd\.?|Limited|Company|LLC|L\.L\.C\.|LLP|PLC|plc|Inc\.?|Incorporated|Corp\.?|Corporation|Co\.|",
        r"S\.A\.S?\.?|SAS|SARL|S\.à r\.l\.|S\.?L\.?U?\.?|S\.?p\.?A\.?|S\.?r\.?l\.?s?\.?|B\.V\.|BV|N\.V\.|NV|Sp\. z o\.o\.|Lda\.?|Oy|AB|ApS|A/S)(?:$|[ ,.;:|·•)])"
    ))
});

/// Words in the names of organisations that carry no legal form (folded, matched at the start of a word).
const INSTITUTIONS: [&str; 77] = [
    "finanzamt",
    "sparkasse",
    "volksbank",
    "raiffeisenbank",
    "krankenkasse",
    "universitat",
    "hochschule",
    "gymnasium",
    "grundschule",
    "realschule",
    "gesamtschule",
    "musikschule",
    "volkshochschule",
    "kindergarten",
    "kindertagesstatte",
    "kita",
    "klinikum",
    "krankenhaus",
    "praxis",
    "gemeinschaftspraxis",
    "zahnarztpraxis",
    "apotheke",
    "landratsamt",
    "landkreis",
    "stadtverwaltung",
    "gemeinde",
    "standesamt",
    "burgerburo",
    "burgeramt",
    "amtsgericht",
    "bundesagentur",
    "bundesamt",
    "jobcenter",
    "rentenversicherung",
    "familienkasse",
    "stadtwerke",
    "hausverwaltung",
    "kanzlei",
    "rechtsanwalte",
    "steuerberater",
    "notariat",
    "autohaus",
    "hotel",
    "bibliothek",
    "stadtbibliothek",
    "kirchengemeinde",
    "pfarramt",
    "versicherung",
    "bank",
    "council",
    "university",
    "college",
    "school",
    "academy",
    "hospital",
    "clinic",
    "surgery",
    "nhs",
    "ministry",
    "agency",
    "revenue",
    "insurance",
    "airlines",
    "airways",
    "energy",
    "laboratory",
    "laboratories",
    "association",
    "society",
    "club",
    "church",
    "library",
    "institute",
    "bureau",
    "authority",
    "dental",
    "trust",
];
/// Starts of names that only an organisation bears when a place or person follows.
const INSTITUTION_STARTS: [&str; 9] = [
    "department of ",
    "stadt ",
    "dr. med",
    "county of ",
    "city of ",
    "banque ",
    "mairie ",
    "ayuntamiento ",
    "comune di ",
];
const PLURAL_INSTITUTIONS: [&str; 6] = [
    "schule",
    "kasse",
    "verein",
    "klinik",
    "werke",
    "versicherung",
];
/// Whether a name carries a legal form.
pub(crate) fn has_legal_form(name: &str) -> bool {
    LEGAL_FORM.is_match(name)
}

/// The organisation a line names, if any: the part of the line up to its legal form, or a whole part that is an
/// institution by its words.
pub(crate) fn organisation_in(line: &str) -> Option<String> {
    if line.chars().count() > MAX_LINE_CHARS {
        return None;
    }
    parts(line)
        .into_iter()
        .find_map(|part| with_legal_form(part).or_else(|| institution(part)))
}

fn parts(line: &str) -> Vec<&str> {
    SEPARATOR
        .split(line)
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

static SEPARATOR: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\s[·•|*–—-]\s|[·•|]|\t|\s{3,}|, (?:\d|[A-ZÄÖÜ][\w.-]+ ?\d)|\sc/o\s")
});

fn with_legal_form(part: &str) -> Option<String> {
    let form = LEGAL_FORM.find(part)?;
    let end = form.end() - form.as_str().len()
        + form
            .as_str()
            .trim_end_matches([' ', ',', ';', ':', '|', '·', '•', ')'])
            .len();
    let name = part[..end].rsplit(": ").next().unwrap_or(&part[..end]);
    let words_before_form = tokens(&part[..form.start()])
        .iter()
        .filter(|token| token.folded.len() > 1)
        .count();
    let is_sentence = part[..form.start()]
        .split_whitespace()
        .filter(|word| word.starts_with(char::is_lowercase))
        .count()
        > 3;
    let name = tidy(name);
    ((1..=8).contains(&words_before_form)
        && !is_sentence
        && !name.starts_with(char::is_lowercase)
        && name.chars().count() <= MAX_NAME_CHARS)
        .then_some(name)
}

fn institution(part: &str) -> Option<String> {
    let name = part.split(", ").next().unwrap_or(part);
    // "Certificate of motor insurance" is a paper, not an insurer.
    (is_institution(name) && !lexicon().names_paper(name)).then(|| tidy(name))
}

fn is_institution(part: &str) -> bool {
    let folded = fold(part);
    let words: Vec<&str> = folded
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let named = words.iter().any(|word| {
        INSTITUTIONS.contains(word)
            || PLURAL_INSTITUTIONS
                .iter()
                .any(|end| word.len() > end.len() + 2 && word.ends_with(end))
    });
    let started = INSTITUTION_STARTS
        .iter()
        .any(|start| folded.starts_with(start));
    let capital = part.starts_with(|character: char| character.is_uppercase());
    let prose = part.contains(": ")
        || part.ends_with(['.', ':', '?', '!'])
        || part
            .split_whitespace()
            .skip(1)
            .filter(|word| word.starts_with(char::is_lowercase))
            .count()
            > 2;
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    (named || started)
        && capital
        && !prose
        && words.len() <= 7
        && (words.len() > 1 || part.len() > 9)
        && digits <= 3
}

/// A name without stray punctuation and doubled spaces.
pub(crate) fn tidy(name: &str) -> String {
    let name = name.trim_matches(|character: char| {
        character.is_whitespace() || matches!(character, ',' | ';' | ':' | '-' | '·' | '|' | '"')
    });
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn organisations_are_cut_out_of_their_lines() {
        let found = |line: &str| organisation_in(line);
        assert_eq!(
            found("Stadtwerke Lindau GmbH & Co. KG · Auenstr. 12 · 88131 Lindau").as_deref(),
            Some("Stadtwerke Lindau GmbH & Co. KG")
        );
        assert_eq!(
            found("Brightwater Energy Ltd, 5 Mill Lane, Leeds").as_deref(),
            Some("Brightwater Energy Ltd")
        );
        assert_eq!(
            found("Turnverein Seeheim e.V.").as_deref(),
            Some("Turnverein Seeheim e.V.")
        );
        assert_eq!(
            found("Finanzamt Lindau").as_deref(),
            Some("Finanzamt Lindau")
        );
        assert_eq!(found("Please call us if anything is unclear."), None);
        assert_eq!(found("Maria Muster"), None);
    }
}
