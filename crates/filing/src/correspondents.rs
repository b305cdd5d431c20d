//! Finds who sent a paper: what the user named before, else the mail's sender or the organisation of the letterhead.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::lexicon::lexicon;
use crate::memory::Memory;
use crate::paper::{Finding, Paper};
use crate::reading::Reading;
use crate::sender_keys::{domains, pattern, sender_keys};
use crate::tokens::{fold, tokens};

/// Below this, better no correspondent than a wrong one.
const LEAST_SCORE: f32 = 3.0;
const LETTERHEAD_LINES: usize = 8;
const FOOTER_LINES: usize = 6;
const MAX_NAME_CHARS: usize = 70;
const MAX_LINE_CHARS: usize = 200;

/// Who sent the paper, or `None` when that is unsure.
pub fn find_correspondent(paper: &Paper<'_>, memory: Option<&Memory>) -> Option<Finding<String>> {
    correspondent(&Reading::of(paper), memory)
}

pub(crate) fn correspondent(reading: &Reading, memory: Option<&Memory>) -> Option<Finding<String>> {
    if let Some((name, key)) = memory.and_then(|memory| memory.known_sender(&sender_keys(reading))) {
        return Some(Finding { value: name, confidence: 0.95, reason: key });
    }
    let letterhead = letterhead_sender(reading);
    match (mail_sender(reading), letterhead) {
        // The letterhead of an attached invoice knows better than "Service Team".
        (Some(mail), Some(letterhead)) if letterhead.confidence > mail.confidence => Some(letterhead),
        (mail, letterhead) => mail.or(letterhead),
    }
}

static LEGAL_FORM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?:^|[ ,&.])(?:GmbH(?: & Co\.? ?(?:KG|OHG)(?:aA)?)?|gGmbH|mbH|AG(?: & Co\.? ?KG)?|SE(?: & Co\.? ?KG)?|KG(?:aA)?|OHG|GbR|UG(?: ?\(haftungsbeschränkt\))?|",
        r"e\. ?V\.|eV|eG|e\. ?K\.|PartGmbB|PartG|VVaG|a\. ?G\.|AöR|KdöR|Ltd\.?|Limited|Company|LLC|L\.L\.C\.|LLP|PLC|plc|Inc\.?|Incorporated|Corp\.?|Corporation|Co\.|",
        r"S\.A\.S?\.?|SAS|SARL|S\.à r\.l\.|S\.?L\.?U?\.?|S\.?p\.?A\.?|S\.?r\.?l\.?s?\.?|B\.V\.|BV|N\.V\.|NV|Sp\. z o\.o\.|Lda\.?|Oy|AB|ApS|A/S)(?:$|[ ,.;:|·•)])"
    ))
});

/// Words in the names of organisations that carry no legal form (folded, matched at the start of a word).
const INSTITUTIONS: [&str; 77] = [
    "finanzamt", "sparkasse", "volksbank", "raiffeisenbank", "krankenkasse", "universitat", "hochschule", "gymnasium", "grundschule", "realschule",
    "gesamtschule", "musikschule", "volkshochschule", "kindergarten", "kindertagesstatte", "kita", "klinikum", "krankenhaus", "praxis", "gemeinschaftspraxis",
    "zahnarztpraxis", "apotheke", "landratsamt", "landkreis", "stadtverwaltung", "gemeinde", "standesamt", "burgerburo", "burgeramt", "amtsgericht",
    "bundesagentur", "bundesamt", "jobcenter", "rentenversicherung", "familienkasse", "stadtwerke", "hausverwaltung", "kanzlei", "rechtsanwalte", "steuerberater",
    "notariat", "autohaus", "hotel", "bibliothek", "stadtbibliothek", "kirchengemeinde", "pfarramt", "versicherung", "bank", "council", "university", "college",
    "school", "academy", "hospital", "clinic", "surgery", "nhs", "ministry", "agency", "revenue", "insurance", "airlines", "airways", "energy", "laboratory", "laboratories",
    "association", "society", "club", "church", "library", "institute", "bureau", "authority", "dental", "trust",
];
/// Starts of names that only an organisation bears when a place or person follows.
const INSTITUTION_STARTS: [&str; 9] = ["department of ", "stadt ", "dr. med", "county of ", "city of ", "banque ", "mairie ", "ayuntamiento ", "comune di "];
const PLURAL_INSTITUTIONS: [&str; 6] = ["schule", "kasse", "verein", "klinik", "werke", "versicherung"];
/// From here on a letter speaks about the recipient.
const RECIPIENT_MARKS: [&str; 15] = [
    "bill to", "billed to", "ship to", "invoice to", "deliver to", "sold to", "an:", "to:", "rechnung an", "lieferadresse", "rechnungsadresse", "customer:", "kunde:", "client:",
    "attn",
];

struct Candidate {
    name: String,
    score: f32,
}

/// The organisation a line names, if any: the part of the line up to its legal form, or a whole part that is an
/// institution by its words.
pub(crate) fn organisation_in(line: &str) -> Option<String> {
    if line.chars().count() > MAX_LINE_CHARS {
        return None;
    }
    parts(line).into_iter().find_map(|part| with_legal_form(part).or_else(|| institution(part)))
}

fn parts(line: &str) -> Vec<&str> {
    SEPARATOR.split(line).map(str::trim).filter(|part| !part.is_empty()).collect()
}

static SEPARATOR: LazyLock<Regex> = LazyLock::new(|| pattern(r"\s[·•|*–—-]\s|[·•|]|\t|\s{3,}|, (?:\d|[A-ZÄÖÜ][\w.-]+ ?\d)|\sc/o\s"));

fn with_legal_form(part: &str) -> Option<String> {
    let form = LEGAL_FORM.find(part)?;
    let end = form.end() - form.as_str().len() + form.as_str().trim_end_matches([' ', ',', ';', ':', '|', '·', '•', ')']).len();
    let name = part[..end].rsplit(": ").next().unwrap_or(&part[..end]);
    let words_before_form = tokens(&part[..form.start()]).iter().filter(|token| token.folded.len() > 1).count();
    let is_sentence = part[..form.start()].split_whitespace().filter(|word| word.starts_with(char::is_lowercase)).count() > 3;
    let name = tidy(name);
    ((1..=8).contains(&words_before_form) && !is_sentence && !name.starts_with(char::is_lowercase) && name.chars().count() <= MAX_NAME_CHARS).then_some(name)
}

fn institution(part: &str) -> Option<String> {
    let name = part.split(", ").next().unwrap_or(part);
    // "Certificate of motor insurance" is a paper, not an insurer.
    (is_institution(name) && !lexicon().names_paper(name)).then(|| tidy(name))
}

fn is_institution(part: &str) -> bool {
    let folded = fold(part);
    let words: Vec<&str> = folded.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let named = words.iter().any(|word| INSTITUTIONS.contains(word) || PLURAL_INSTITUTIONS.iter().any(|end| word.len() > end.len() + 2 && word.ends_with(end)));
    let started = INSTITUTION_STARTS.iter().any(|start| folded.starts_with(start));
    let capital = part.starts_with(|character: char| character.is_uppercase());
    let prose = part.contains(": ") || part.ends_with(['.', ':', '?', '!']) || part.split_whitespace().skip(1).filter(|word| word.starts_with(char::is_lowercase)).count() > 2;
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    (named || started) && capital && !prose && words.len() <= 7 && (words.len() > 1 || part.len() > 9) && digits <= 3
}

fn tidy(name: &str) -> String {
    let name = name.trim_matches(|character: char| character.is_whitespace() || matches!(character, ',' | ';' | ':' | '-' | '·' | '|' | '"'));
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn letterhead_sender(reading: &Reading) -> Option<Finding<String>> {
    let domains = domains(reading);
    let mut candidates: HashMap<String, Candidate> = HashMap::new();
    let first_footer = reading.lines.len().saturating_sub(FOOTER_LINES);
    let recipient = recipient_line(reading);
    for (index, line) in reading.lines.iter().enumerate() {
        if index >= LETTERHEAD_LINES + 4 && index < first_footer {
            continue;
        }
        let Some(name) = organisation_in(&line.text) else { continue };
        let has_form = LEGAL_FORM.is_match(&name);
        let mut score = if has_form { 1.6 } else { 1.2 };
        score += match index {
            0..=2 => 2.2,
            3..LETTERHEAD_LINES => 1.0,
            _ if index >= first_footer => 0.9,
            _ => 0.2,
        };
        score -= 0.02 * index as f32;
        score += if agrees(&name, &domains) { 2.2 } else { 0.0 };
        score -= if recipient.is_some_and(|mark| (mark..mark + 4).contains(&index)) { 4.0 } else { 0.0 };
        let known = candidates.entry(fold(&name)).or_insert(Candidate { name, score: 0.0 });
        // Named again in the footer: all the surer.
        known.score = if known.score > 0.0 { known.score.max(score) + 0.6 } else { score };
    }
    let best = candidates.into_values().max_by(|left, right| left.score.total_cmp(&right.score).then_with(|| right.name.cmp(&left.name)))?;
    let confidence = (0.3 + 0.1 * best.score).clamp(0.0, 0.9);
    (best.score >= LEAST_SCORE).then(|| Finding { reason: best.name.clone(), value: best.name, confidence })
}

fn recipient_line(reading: &Reading) -> Option<usize> {
    reading.top().iter().position(|line| {
        let address = matches!(line.folded.as_str(), "herr" | "herrn" | "frau" | "familie" | "an" | "to" | "mr" | "mrs" | "ms");
        address || RECIPIENT_MARKS.iter().any(|mark| line.folded.starts_with(mark))
    })
}

/// Whether a word of the name, or its initials, is the main part of a domain on the paper.
fn agrees(name: &str, domains: &[String]) -> bool {
    let words: Vec<String> = tokens(name).into_iter().map(|token| token.folded).filter(|word| word.len() >= 4).collect();
    domains.iter().any(|domain| {
        let main = domain.split('.').next().unwrap_or_default().replace('-', "");
        let written_out = main.replace("ae", "a").replace("oe", "o").replace("ue", "u");
        main.len() >= 3 && words.iter().any(|word| main.contains(word.as_str()) || written_out.contains(word.as_str()))
    })
}

/// Words in the name of a mailbox that do not belong to the name of its owner (folded).
const MAILBOX_WORDS: [&str; 20] = [
    "noreply", "no-reply", "kundenservice", "service", "support", "billing", "team", "info", "customer", "newsletter", "rechnung", "rechnungen", "invoice", "invoices",
    "accounts", "notifications", "kundendienst", "via", "do-not-reply", "buchhaltung",
];

fn mail_sender(reading: &Reading) -> Option<Finding<String>> {
    let header = reading.sender.as_deref()?;
    let (name, address) = match header.split_once('<') {
        Some((name, address)) => (name, address.trim_end_matches('>')),
        None if header.contains('@') => ("", header),
        None => (header, ""),
    };
    let name = name.trim().trim_matches(['"', '\'']);
    let words: Vec<&str> = name.split_whitespace().filter(|word| !MAILBOX_WORDS.contains(&fold(word).trim_matches([',', '.', '-', '|']))).collect();
    let kept = tidy(&words.join(" "));
    if kept.chars().filter(|character| character.is_alphabetic()).count() >= 2 && !kept.contains('@') {
        let value: String = kept.chars().take(MAX_NAME_CHARS).collect();
        return Some(Finding { value, confidence: 0.85, reason: header.to_owned() });
    }
    // Only an address: its domain, unless anyone may have a mailbox there.
    let domain = domains(reading).into_iter().next().filter(|domain| address.trim().to_ascii_lowercase().ends_with(domain.as_str()))?;
    let main = domain.split('.').next().unwrap_or_default();
    let value = main.split('-').map(capitalised).collect::<Vec<_>>().join(" ");
    Some(Finding { value, confidence: 0.55, reason: domain })
}

fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn organisations_are_cut_out_of_their_lines() {
        let found = |line: &str| organisation_in(line);
        assert_eq!(found("Stadtwerke Lindau GmbH & Co. KG · Auenstr. 12 · 88131 Lindau").as_deref(), Some("Stadtwerke Lindau GmbH & Co. KG"));
        assert_eq!(found("Brightwater Energy Ltd, 5 Mill Lane, Leeds").as_deref(), Some("Brightwater Energy Ltd"));
        assert_eq!(found("Turnverein Seeheim e.V.").as_deref(), Some("Turnverein Seeheim e.V."));
        assert_eq!(found("Finanzamt Lindau").as_deref(), Some("Finanzamt Lindau"));
        assert_eq!(found("Please call us if anything is unclear."), None);
        assert_eq!(found("Maria Muster"), None);
    }
}
