//! A paper as numbers: hashed words and word pairs, weighed by how rare they are among the user's papers.

use std::collections::HashMap;

use crate::evidence::Evidence;
use crate::reading::Reading;
use crate::sender_keys::SenderKey;
use crate::tokens::is_stopword;

/// Words and pairs are hashed into this many buckets.
pub(crate) const WORD_BUCKETS: u32 = 1 << 18;
/// Above the words there is room for what the lexicon thinks, one bucket for each of its entries.
pub(crate) const ALL_BUCKETS: u32 = WORD_BUCKETS + 256;
/// The rarest words of a paper are enough to know its like again.
const MAX_FEATURES: usize = 160;
/// As if this many papers without any shared word had been seen, so that the first few examples do not make
/// every word look common.
const PRIOR_PAPERS: f32 = 20.0;
const PAIR_WEIGHT: f32 = 0.6;
const SENDER_COUNT: u8 = 4;
const HINT_WEIGHT: f32 = 0.5;

/// What is kept of a paper.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Features {
    /// Bucket and how often, sorted by bucket.
    pub(crate) counts: Vec<(u32, u8)>,
    /// Lexicon entry and its confidence in 1/255, sorted by entry.
    pub(crate) hints: Vec<(u8, u8)>,
}

/// Sparse vector sorted by bucket: its words have length 1, the lexicon's hints come after them.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Vector(pub(crate) Vec<(u32, f32)>);

/// In how many of the user's papers each bucket occurs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rarity {
    papers: u32,
    papers_with: Vec<u16>,
}

impl Default for Rarity {
    fn default() -> Self {
        Self {
            papers: 0,
            papers_with: vec![0; WORD_BUCKETS as usize],
        }
    }
}

impl Rarity {
    pub(crate) fn add(&mut self, features: &Features) {
        self.papers += 1;
        for &(bucket, _) in &features.counts {
            let papers = &mut self.papers_with[bucket as usize];
            *papers = papers.saturating_add(1);
        }
    }

    pub(crate) fn remove(&mut self, features: &Features) {
        self.papers = self.papers.saturating_sub(1);
        for &(bucket, _) in &features.counts {
            let papers = &mut self.papers_with[bucket as usize];
            *papers = papers.saturating_sub(1);
        }
    }

    fn of(&self, bucket: u32) -> f32 {
        let with = f32::from(self.papers_with[bucket as usize]);
        ((self.papers as f32 + PRIOR_PAPERS) / (with + 1.0))
            .ln()
            .max(0.1)
    }
}

/// The features of a paper, and the words behind its buckets to explain decisions with.
pub(crate) fn features(
    reading: &Reading,
    evidence: &[Evidence],
    senders: &[SenderKey],
    rarity: &Rarity,
) -> (Features, HashMap<u32, String>) {
    let mut counts: HashMap<u32, (u8, f32)> = HashMap::new();
    let mut words = HashMap::new();
    let mut count = |word: String, times: u8, weight: f32| {
        let bucket = bucket_of(&word);
        let known = counts.entry(bucket).or_insert((0, weight));
        known.0 = known.0.saturating_add(times);
        words.entry(bucket).or_insert(word);
    };
    let filename = reading.filename_tokens();
    let telling = filename
        .iter()
        .chain(&reading.tokens)
        .map(|token| token.folded.as_str())
        .filter(|word| is_telling(word));
    let mut previous: Option<&str> = None;
    for word in telling {
        count(word.to_owned(), 1, 1.0);
        if let Some(previous) = previous.filter(|previous| *previous != word) {
            count(format!("{previous} {word}"), 1, PAIR_WEIGHT);
        }
        previous = Some(word);
    }
    for sender in senders {
        count(sender.text.clone(), SENDER_COUNT, 1.0);
    }
    let mut ranked: Vec<(u32, u8, f32)> = counts
        .into_iter()
        .map(|(bucket, (times, weight))| {
            (
                bucket,
                times,
                weight * times_weight(times) * rarity.of(bucket),
            )
        })
        .collect();
    // Equal weights are cut by bucket, so that like papers keep like words.
    ranked.sort_by(|left, right| right.2.total_cmp(&left.2).then(left.0.cmp(&right.0)));
    ranked.truncate(MAX_FEATURES);
    let mut kept: Vec<(u32, u8)> = ranked
        .into_iter()
        .map(|(bucket, times, _)| (bucket, times))
        .collect();
    kept.sort_unstable();
    let hints = evidence.iter().map(Evidence::confidence).zip(0..=u8::MAX);
    let hints = hints
        .map(|(confidence, entry)| (entry, (confidence * 255.0) as u8))
        .filter(|(_, hint)| *hint > 12);
    (
        Features {
            counts: kept,
            hints: hints.collect(),
        },
        words,
    )
}

impl Features {
    pub(crate) fn vector(&self, rarity: &Rarity) -> Vector {
        let mut values: Vec<(u32, f32)> = self
            .counts
            .iter()
            .map(|&(bucket, times)| (bucket, times_weight(times) * rarity.of(bucket)))
            .collect();
        let length = values
            .iter()
            .map(|(_, value)| value * value)
            .sum::<f32>()
            .sqrt();
        for (_, value) in &mut values {
            *value /= length;
        }
        let hints = self.hints.iter().map(|&(entry, hint)| {
            (
                WORD_BUCKETS + u32::from(entry),
                HINT_WEIGHT * f32::from(hint) / 255.0,
            )
        });
        values.extend(hints);
        Vector(values)
    }
}

impl Vector {
    fn words(&self) -> &[(u32, f32)] {
        &self.0[..self.0.partition_point(|(bucket, _)| *bucket < WORD_BUCKETS)]
    }

    /// The buckets both papers have, with their share of the likeness; the shares add up to the cosine.
    pub(crate) fn shared<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = (u32, f32)> + 'a {
        let (mine, mut theirs) = (self.words(), other.words());
        mine.iter().filter_map(move |&(bucket, value)| {
            while theirs.first().is_some_and(|(other, _)| *other < bucket) {
                theirs = &theirs[1..];
            }
            theirs
                .first()
                .filter(|(other, _)| *other == bucket)
                .map(|(_, other)| (bucket, value * other))
        })
    }

    /// Cosine of the words, from 0 to 1.
    pub(crate) fn likeness(&self, other: &Self) -> f32 {
        self.shared(other).map(|(_, share)| share).sum()
    }
}

fn times_weight(times: u8) -> f32 {
    1.0 + f32::from(times.max(1)).ln()
}

/// Words, form codes (`w2`) and long numbers (a customer's) tell papers apart; short numbers and amounts do not.
fn is_telling(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let all_digits = digits == word.len();
    word.len() >= 2
        && (!all_digits || (6..=14).contains(&digits))
        && (all_digits || digits == 0 || word.len() <= 12)
        && !is_stopword(word)
}

fn bucket_of(word: &str) -> u32 {
    (stable_hash(word) >> 32) as u32 % WORD_BUCKETS
}

/// FNV-1a with a final mix: the same on every machine and in every version, as memories outlive both.
pub(crate) fn stable_hash(text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mixed = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    mixed ^ (mixed >> 33)
}
