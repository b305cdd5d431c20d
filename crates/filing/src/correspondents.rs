//! Finds who sent a paper: what the user named before, else the mail's sender or the organisation of the letterhead.

use std::collections::HashMap;

use crate::memory::Memory;
use crate::organisations::{MAX_NAME_CHARS, has_legal_form, organisation_in, tidy};
use crate::paper::{Finding, Paper};
use crate::reading::Reading;
use crate::sender_keys::{domains, sender_keys};
use crate::tokens::{fold, tokens};

/// Below this, better no correspondent than a wrong one.
const LEAST_SCORE: f32 = 3.0;
const LETTERHEAD_LINES: usize = 8;
const FOOTER_LINES: usize = 6;

/// Who sent the paper, or `None` when that is unsure.
pub fn find_correspondent(paper: &Paper<'_>, memory: Option<&Memory>) -> Option<Finding<String>> {
    correspondent(&Reading::of(paper), memory)
}

pub(crate) fn correspondent(reading: &Reading, memory: Option<&Memory>) -> Option<Finding<String>> {
    if let Some((name, key)) = memory.and_then(|memory| memory.known_sender(&sender_keys(reading)))
    {
        return Some(Finding {
            value: name,
            confidence: 0.95,
            reason: key,
        });
    }
    let letterhead = letterhead_sender(reading);
    match (mail_sender(reading), letterhead) {
        // The letterhead of an attached invoice knows better than "Service Team".
        (Some(mail), Some(letterhead)) if letterhead.confidence > mail.confidence => {
            Some(letterhead)
        }
        (mail, letterhead) => mail.or(letterhead),
    }
}

/// From here on a letter speaks about the recipient.
const RECIPIENT_MARKS: [&str; 15] = [
    "bill to",
    "billed to",
    "ship to",
    "invoice to",
    "deliver to",
    "sold to",
    "an:",
    "to:",
    "rechnung an",
    "lieferadresse",
    "rechnungsadresse",
    "customer:",
    "kunde:",
    "client:",
    "attn",
];

struct Candidate {
    name: String,
    score: f32,
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
        let Some(name) = organisation_in(&line.text).map(|name| without_address(&name)) else {
            continue;
        };
        if name.is_empty() {
            continue;
        }
        let has_form = has_legal_form(&name);
        let mut score = if has_form { 1.6 } else { 1.2 };
        score += match index {
            0..=2 => 2.2,
            3..LETTERHEAD_LINES => 1.0,
            _ if index >= first_footer => 0.9,
            _ => 0.2,
        };
        score -= 0.02 * index as f32;
        score += if agrees(&name, &domains) { 2.2 } else { 0.0 };
        score -= if recipient.is_some_and(|mark| (mark..mark + 4).contains(&index)) {
            4.0
        } else {
            0.0
        };
        let known = candidates
            .entry(fold(&name))
            .or_insert(Candidate { name, score: 0.0 });
        // Named again in the footer: all the surer.
        known.score = if known.score > 0.0 {
            known.score.max(score) + 0.6
        } else {
            score
        };
    }
    let best = candidates.into_values().max_by(|left, right| {
        left.score
            .total_cmp(&right.score)
            .then_with(|| right.name.cmp(&left.name))
    })?;
    let confidence = (0.3 + 0.1 * best.score).clamp(0.0, 0.9);
    (best.score >= LEAST_SCORE).then(|| Finding {
        reason: best.name.clone(),
        value: best.name,
        confidence,
    })
}

/// Two columns of a letterhead may be read as one line: what follows the name there is how to reach it.
fn without_address(name: &str) -> String {
    let words = name
        .split_whitespace()
        .take_while(|word| !word.contains('@') && !word.starts_with("www."));
    words.collect::<Vec<_>>().join(" ")
}

fn recipient_line(reading: &Reading) -> Option<usize> {
    reading.top().iter().position(|line| {
        let address = matches!(
            line.folded.as_str(),
            "herr" | "herrn" | "frau" | "familie" | "an" | "to" | "mr" | "mrs" | "ms"
        );
        address
            || RECIPIENT_MARKS
                .iter()
                .any(|mark| line.folded.starts_with(mark))
    })
}

/// Whether a word of the name, or its initials, is the main part of a domain on the paper.
fn agrees(name: &str, domains: &[String]) -> bool {
    let words: Vec<String> = tokens(name)
        .into_iter()
        .map(|token| token.folded)
        .filter(|word| word.len() >= 4)
        .collect();
    domains.iter().any(|domain| {
        let main = domain
            .split('.')
            .next()
            .unwrap_or_default()
            .replace('-', "");
        let written_out = main
            .replace("ae", "a")
            .replace("oe", "o")
            .replace("ue", "u");
        main.len() >= 3
            && words
                .iter()
                .any(|word| main.contains(word.as_str()) || written_out.contains(word.as_str()))
    })
}

/// Words in the name of a mailbox that do not belong to the name of its owner (folded).
const MAILBOX_WORDS: [&str; 20] = [
    "noreply",
    "no-reply",
    "kundenservice",
    "service",
    "support",
    "billing",
    "team",
    "info",
    "customer",
    "newsletter",
    "rechnung",
    "rechnungen",
    "invoice",
    "invoices",
    "accounts",
    "notifications",
    "kundendienst",
    "via",
    "do-not-reply",
    "buchhaltung",
];

fn mail_sender(reading: &Reading) -> Option<Finding<String>> {
    let header = reading.sender.as_deref()?;
    let (name, address) = match header.split_once('<') {
        Some((name, address)) => (name, address.trim_end_matches('>')),
        None if header.contains('@') => ("", header),
        None => (header, ""),
    };
    let name = name.trim().trim_matches(['"', '\'']);
    let words: Vec<&str> = name
        .split_whitespace()
        .filter(|word| !MAILBOX_WORDS.contains(&fold(word).trim_matches([',', '.', '-', '|'])))
        .collect();
    let kept = tidy(&words.join(" "));
    if kept
        .chars()
        .filter(|character| character.is_alphabetic())
        .count()
        >= 2
        && !kept.contains('@')
    {
        let value: String = kept.chars().take(MAX_NAME_CHARS).collect();
        return Some(Finding {
            value,
            confidence: 0.85,
            reason: header.to_owned(),
        });
    }
    // Only an address: its domain, unless anyone may have a mailbox there.
    let domain = domains(reading).into_iter().next().filter(|domain| {
        address
            .trim()
            .to_ascii_lowercase()
            .ends_with(domain.as_str())
    })?;
    let main = domain.split('.').next().unwrap_or_default();
    let value = main
        .split('-')
        .map(capitalised)
        .collect::<Vec<_>>()
        .join(" ");
    Some(Finding {
        value,
        confidence: 0.55,
        reason: domain,
    })
}

fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    characters
        .next()
        .map(|first| first.to_uppercase().chain(characters).collect())
        .unwrap_or_default()
}
