//! What the words of a paper say about topics before anything was learned: the lexicon and the topics' own names.

use std::collections::HashMap;

use crate::lexicon::{Kind, Vote, lexicon};
use crate::paper::Topic;
use crate::reading::Reading;
use crate::tokens::{Token, is_stopword, tokens};

/// Score at which a topic is as likely right as wrong.
const EVEN_SCORE: f32 = 4.2;
/// Words this far in count little: transactions, small print, annexes.
const BODY_TOKENS: usize = 500;
const FILENAME_FACTOR: f32 = 1.7;
const HEADING_FACTOR: f32 = 1.7;
const TOP_FACTOR: f32 = 1.3;
/// A bank's list of transactions names everything the reader ever paid for.
const LEDGER_FACTOR: f32 = 0.3;
const FAR_FACTOR: f32 = 0.35;

/// Why a topic may be right.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evidence {
    pub(crate) score: f32,
    /// Words of the paper with their share of the score.
    pub(crate) words: Vec<(String, f32)>,
}

impl Evidence {
    /// From 0 to 1, rising steeply around [`EVEN_SCORE`].
    pub(crate) fn confidence(&self) -> f32 {
        let square = self.score.max(0.0).powi(2);
        square / (square + EVEN_SCORE.powi(2))
    }
}

/// Evidence of the lexicon, one for each of its entries.
pub(crate) fn lexicon_evidence(reading: &Reading) -> Vec<Evidence> {
    let mut terms: HashMap<(usize, String), Term> = HashMap::new();
    let mut count = |votes: &[Vote], word: String, factor: f32| {
        for vote in votes {
            let term = terms.entry((vote.entry, word.clone())).or_default();
            term.weight = vote.weight;
            term.factor = term.factor.max(factor);
            term.times += 1;
        }
    };
    let filename = reading.filename_tokens();
    count_votes(&filename, |_| FILENAME_FACTOR, &mut count);
    let title = reading
        .embedded_title
        .as_deref()
        .map(tokens)
        .unwrap_or_default();
    count_votes(&title, |_| HEADING_FACTOR, &mut count);
    let line_of = line_of_token(reading);
    count_votes(
        &reading.tokens,
        |index| zone_factor(reading, &line_of, index),
        &mut count,
    );

    let mut evidence = vec![Evidence::default(); lexicon().entries.len()];
    for ((entry, word), term) in terms {
        let share = term.share();
        evidence[entry].score += share;
        evidence[entry].words.push((word, share));
    }
    for one in &mut evidence {
        one.words.sort_by(|left, right| {
            right
                .1
                .total_cmp(&left.1)
                .then_with(|| left.0.cmp(&right.0))
        });
    }
    compete(&mut evidence);
    evidence
}

#[derive(Debug, Default)]
struct Term {
    weight: f32,
    factor: f32,
    times: u8,
}

impl Term {
    fn share(&self) -> f32 {
        let repetition = 0.15 * f32::from(self.times.saturating_sub(1).min(4));
        self.weight * self.factor * (1.0 + repetition)
    }
}

/// Looks every word and phrase up; votes of single words are looked up once per word.
fn count_votes(
    words: &[Token],
    factor: impl Fn(usize) -> f32,
    count: &mut impl FnMut(&[Vote], String, f32),
) {
    let lexicon = lexicon();
    let mut known: HashMap<&str, Vec<Vote>> = HashMap::new();
    let mut covered = 0;
    for (index, token) in words.iter().enumerate() {
        let following = |offset: usize| {
            words
                .get(index + 1 + offset)
                .map(|next| next.folded.as_str())
        };
        for (length, vote) in lexicon.phrase_votes(&token.folded, following) {
            let phrase: Vec<&str> = words[index..index + length]
                .iter()
                .map(|word| word.folded.as_str())
                .collect();
            count(&[vote], phrase.join(" "), factor(index));
            covered = covered.max(index + length);
        }
        // Words inside a phrase have spoken with it, unless they stand for another topic by themselves.
        let votes = known
            .entry(&token.folded)
            .or_insert_with(|| lexicon.votes(&token.folded));
        if !votes.is_empty() {
            let damped = if index < covered { 0.5 } else { 1.0 };
            count(votes, token.folded.clone(), damped * factor(index));
        }
    }
}

fn line_of_token(reading: &Reading) -> Vec<usize> {
    let mut line_of = vec![0; reading.tokens.len()];
    for (index, line) in reading.lines.iter().enumerate() {
        line_of[line.tokens.clone()].fill(index);
    }
    line_of
}

fn zone_factor(reading: &Reading, line_of: &[usize], token_index: usize) -> f32 {
    let line = line_of[token_index];
    if reading.is_ledger_row(line) {
        LEDGER_FACTOR
    } else if reading.is_heading(line) {
        HEADING_FACTOR
    } else if line < reading.top().len() {
        TOP_FACTOR
    } else if token_index < BODY_TOKENS {
        1.0
    } else {
        FAR_FACTOR
    }
}

/// Lets the strongest genre push the others back, strong subjects weaken faint ones, and the background speak only
/// in silence.
fn compete(evidence: &mut [Evidence]) {
    let entries = &lexicon().entries;
    let best = |kind: Kind, evidence: &[Evidence]| {
        let scores = evidence
            .iter()
            .zip(entries)
            .filter(|(_, entry)| entry.kind == kind)
            .map(|(one, _)| one.score);
        scores.fold(0.0_f32, f32::max)
    };
    let (genre, subject) = (best(Kind::Genre, evidence), best(Kind::Subject, evidence));
    for (one, entry) in evidence.iter_mut().zip(entries) {
        match entry.kind {
            Kind::Genre if one.score < genre => one.score *= (one.score / genre).max(0.0).sqrt(),
            Kind::Subject if one.score < subject => {
                one.score *= 0.45 + 0.55 * (one.score / subject).max(0.0);
            }
            Kind::Background => one.score -= 0.6 * genre.max(subject),
            Kind::Genre | Kind::Subject => {}
        }
        one.score = one.score.max(0.0);
    }
}

/// Names that say nothing about a paper's words.
const EMPTY_NAMES: [&str; 22] = [
    "other",
    "others",
    "misc",
    "miscellaneous",
    "inbox",
    "documents",
    "papers",
    "important",
    "archive",
    "old",
    "new",
    "private",
    "todo",
    "sonstiges",
    "diverses",
    "wichtig",
    "privat",
    "archiv",
    "dokumente",
    "allgemein",
    "eingang",
    "alt",
];

/// Evidence of a topic's own name: all of its words must appear, in the text or the file name.
pub(crate) fn name_evidence(reading: &Reading, topic: &Topic<'_>) -> Evidence {
    let name: Vec<String> = tokens(topic.name)
        .into_iter()
        .map(|token| token.folded)
        .filter(|word| word.len() > 1 && !is_stopword(word))
        .collect();
    if name.is_empty() || name.iter().all(|word| EMPTY_NAMES.contains(&word.as_str())) {
        return Evidence::default();
    }
    let line_of = line_of_token(reading);
    let in_filename = reading
        .filename_tokens()
        .iter()
        .map(|token| (token.folded.clone(), FILENAME_FACTOR))
        .collect();
    let in_text = reading
        .tokens
        .iter()
        .enumerate()
        .map(|(index, token)| (token.folded.clone(), zone_factor(reading, &line_of, index)))
        .collect();
    let sources: [Vec<(String, f32)>; 2] = [in_filename, in_text];
    sources
        .iter()
        .map(|words| name_in(words, &name))
        .max_by(|left, right| left.score.total_cmp(&right.score))
        .unwrap_or_default()
}

fn name_in(words: &[(String, f32)], name: &[String]) -> Evidence {
    let mut evidence = Evidence::default();
    let mut weakest = f32::INFINITY;
    for part in name {
        let hits: Vec<f32> = words
            .iter()
            .filter(|(word, _)| same_word(word, part))
            .map(|(_, factor)| *factor)
            .collect();
        let Some(best) = hits.iter().copied().reduce(f32::max) else {
            return Evidence::default();
        };
        let length = (part.chars().count() as f32 / 6.0).clamp(0.4, 1.2);
        let share = 3.2 * best * length * (1.0 + 0.3 * (hits.len() - 1).min(4) as f32);
        evidence.words.push((part.clone(), share));
        weakest = weakest.min(share);
    }
    let in_order = name.len() > 1
        && words.windows(name.len()).any(|window| {
            window
                .iter()
                .zip(name)
                .all(|((word, _), part)| same_word(word, part))
        });
    // A long name is as sure as its weakest word, surer when its words stand together.
    evidence.score = weakest * if in_order { 2.2 } else { 1.0 };
    evidence
}

/// Equal, or one the other's plural or simple ending: `invoice` and `invoices`, `garten` and `gartens`.
fn same_word(word: &str, name: &str) -> bool {
    let (short, long) = if word.len() <= name.len() {
        (word, name)
    } else {
        (name, word)
    };
    long == short
        || (short.len() >= 4
            && long
                .strip_prefix(short)
                .is_some_and(|ending| matches!(ending, "s" | "es" | "n" | "en" | "e" | "er")))
}
