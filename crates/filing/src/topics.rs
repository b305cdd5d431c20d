//! Proposes topics for a paper and says why.

use std::cmp::Ordering;

use serde::Serialize;
use uuid::Uuid;

use crate::evidence::{Evidence, lexicon_evidence, name_evidence};
use crate::learn::{log_odds, sigmoid};
use crate::lexicon::{Kind, lexicon};
use crate::memory::{Memory, Opinion};
use crate::paper::{Paper, Topic};
use crate::reading::Reading;

/// From this confidence on, a topic is meant to be applied without asking.
pub const APPLY_THRESHOLD: f32 = 0.75;
/// From this confidence on, a topic is worth suggesting; below it is shown only among the first three.
pub const SUGGEST_THRESHOLD: f32 = 0.3;
/// Below this, there is nothing to say.
const SILENCE_THRESHOLD: f32 = 0.04;
const ALWAYS_SHOWN: usize = 3;
const MAX_REASONS: usize = 5;
/// The lexicon alone is never surer than this.
const MAX_UNLEARNED_CONFIDENCE: f32 = 0.97;

/// A topic every new vault starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct StarterTopic {
    /// Stays with the topic when it is renamed or translated.
    pub key: &'static str,
    /// Name in the user's language.
    pub name: &'static str,
    /// Name of a palette colour, such as `amber`.
    pub color: &'static str,
}

/// A topic that may fit, with how sure and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TopicProposal {
    /// Id of the proposed topic.
    pub topic: Uuid,
    /// From 0 to 1; compare with [`APPLY_THRESHOLD`] and [`SUGGEST_THRESHOLD`].
    pub confidence: f32,
    /// The words that decided, the weightiest first, at most five.
    pub reasons: Vec<String>,
    /// Who proposes: always `device` here.
    pub provider: &'static str,
}

/// The topics of a new vault, named in German for a German locale and in English for any other.
pub fn starter_topics(locale: &str) -> Vec<StarterTopic> {
    let german = locale
        .get(..2)
        .is_some_and(|language| language.eq_ignore_ascii_case("de"));
    let named = lexicon().entries.iter().map(|entry| StarterTopic {
        key: entry.key,
        name: if german { entry.name_de } else { entry.name_en },
        color: entry.color,
    });
    named.collect()
}

/// Proposes topics for a paper, the likeliest first. Empty when nothing speaks for any.
pub fn propose_topics(
    paper: &Paper<'_>,
    topics: &[Topic<'_>],
    memory: Option<&Memory>,
) -> Vec<TopicProposal> {
    propose(&Reading::of(paper), topics, memory)
}

pub(crate) fn propose(
    reading: &Reading,
    topics: &[Topic<'_>],
    memory: Option<&Memory>,
) -> Vec<TopicProposal> {
    let evidence = lexicon_evidence(reading);
    let opinions = memory.map(|memory| memory.opinions(reading, &evidence));
    let mut proposals: Vec<TopicProposal> = topics
        .iter()
        .filter_map(|topic| {
            let unlearned = unlearned_evidence(reading, topic, &evidence);
            let opinion = opinions
                .as_ref()
                .map(|opinions| opinions.about(topic.id))
                .unwrap_or_default();
            weigh(topic.id, &unlearned, opinion)
        })
        .collect();
    proposals.sort_by(|left, right| {
        right
            .confidence
            .partial_cmp(&left.confidence)
            .unwrap_or(Ordering::Equal)
            .then(left.topic.cmp(&right.topic))
    });
    let strong = proposals
        .iter()
        .take_while(|proposal| proposal.confidence >= SUGGEST_THRESHOLD)
        .count();
    proposals.truncate(strong.max(ALWAYS_SHOWN));
    proposals
}

/// The better of what the lexicon says (for starter topics) and what the topic's own name says.
fn unlearned_evidence(reading: &Reading, topic: &Topic<'_>, evidence: &[Evidence]) -> Evidence {
    match lexicon().entry_of(topic.starter_key, topic.name) {
        Some(entry) => evidence[entry].clone(),
        None => name_evidence(reading, topic),
    }
}

/// Puts what was known from the start together with what this user taught.
fn weigh(topic: Uuid, unlearned: &Evidence, opinion: Opinion) -> Option<TopicProposal> {
    let mut confidence = unlearned.confidence().min(MAX_UNLEARNED_CONFIDENCE);
    let mut reasons: Vec<(String, f32)> = unlearned.words.clone();
    if let Some(learned) = opinion.learned {
        // The model has seen the lexicon's hints, so it may speak instead of it, but not with it.
        let blended = if learned.evidence < 0.0 {
            sigmoid(log_odds(confidence) + learned.evidence)
        } else {
            confidence.max(sigmoid(log_odds(learned.usual_share) + learned.evidence))
        };
        if blended > confidence {
            reasons = merged(opinion.words, reasons);
        }
        confidence = blended;
    } else if opinion.like_filed > confidence {
        reasons = merged(opinion.words, reasons);
    }
    confidence = confidence.max(opinion.like_filed);
    if opinion.like_rejected > opinion.like_filed {
        confidence = confidence.min(1.0 - opinion.like_rejected);
    }
    let reasons = reasons
        .into_iter()
        .filter(|(_, share)| *share > 0.0)
        .map(|(word, _)| word)
        .take(MAX_REASONS)
        .collect();
    (confidence >= SILENCE_THRESHOLD).then_some(TopicProposal {
        topic,
        confidence,
        reasons,
        provider: "device",
    })
}

fn merged(first: Vec<(String, f32)>, second: Vec<(String, f32)>) -> Vec<(String, f32)> {
    let mut all = first;
    for (word, share) in second {
        if !all.iter().any(|(known, _)| *known == word) {
            all.push((word, share));
        }
    }
    all
}

/// What sort of paper this is, in the singular and in the paper's language, for titles: the user's topic decides,
/// else the strongest genre.
pub(crate) fn paper_type(reading: &Reading, topic: Option<&Topic<'_>>) -> Option<String> {
    let entries = &lexicon().entries;
    let evidence = lexicon_evidence(reading);
    let genre = (0..entries.len())
        .filter(|&index| entries[index].kind == Kind::Genre && evidence[index].confidence() >= 0.5)
        .max_by(|&left, &right| evidence[left].score.total_cmp(&evidence[right].score));
    let told = topic.and_then(|topic| lexicon().entry_of(topic.starter_key, topic.name));
    let named = |index: usize| {
        if reading.is_german() {
            entries[index].singular_de
        } else {
            entries[index].singular_en
        }
    };
    match (told, genre) {
        // "Invoice" says more than "Utilities paper" about a paper filed under utilities.
        (Some(told), Some(genre)) if entries[told].kind != Kind::Genre => {
            Some(named(genre).to_owned())
        }
        (Some(told), _) => Some(named(told).to_owned()),
        (None, genre) => genre
            .map(|index| named(index).to_owned())
            .or_else(|| topic.map(|topic| topic.name.to_owned())),
    }
}
