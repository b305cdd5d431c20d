//! Puts the provider's word together with the device's.

use docuvault_filing::{Filing, Finding, TopicProposal};

use super::Filed;
use crate::ai::{Advice, AdvisedTopic, Opinion};

const DEVICE: &str = "device";
const AI: &str = "ai";
/// A correspondent that the device knows by a bank account or a tax number is surer than any model.
const EXACT: f32 = 0.93;
/// A provider gives no confidence for these.
const PROVIDED: f32 = 0.8;

/// Topics of the provider count as it says; those only the device thinks of are proposed, not applied from `apply_threshold` on.
pub fn merge(on_device: Filing, opinion: Opinion, apply_threshold: f32) -> Filed {
    let (by, notice, advice) = match opinion {
        Opinion::None => (DEVICE, None, None),
        Opinion::Left(notice) => (DEVICE, Some(notice), None),
        Opinion::From(provider, advice) => (provider, None, Some(advice)),
    };
    let mut filed = Filed {
        filing: on_device,
        by,
        notice,
        title_by: DEVICE,
        date_by: DEVICE,
        correspondent_by: DEVICE,
    };
    if let Some(advice) = advice {
        take(&mut filed, advice, apply_threshold);
    }
    filed
}

fn take(filed: &mut Filed, advice: Advice, apply_threshold: f32) {
    let Filing {
        topics,
        date,
        correspondent,
        title,
        facts: _,
    } = &mut filed.filing;
    for proposal in topics.iter_mut() {
        proposal.confidence = proposal.confidence.min((apply_threshold - 0.01).max(0.0));
    }
    for advised in advice.topics {
        take_topic(topics, advised, filed.by);
    }
    topics.sort_by(|left, right| right.confidence.total_cmp(&left.confidence));
    if let Some(advised) = advice.title {
        *title = provided(advised, filed.by);
        filed.title_by = AI;
    }
    if let Some(advised) = advice.date {
        *date = Some(provided(advised, filed.by));
        filed.date_by = AI;
    }
    let is_exact = correspondent
        .as_ref()
        .is_some_and(|found| found.confidence >= EXACT);
    if let Some(advised) = advice.correspondent.filter(|_| !is_exact) {
        *correspondent = Some(provided(advised, filed.by));
        filed.correspondent_by = AI;
    }
}

fn provided<T>(value: T, provider: &str) -> Finding<T> {
    Finding {
        value,
        confidence: PROVIDED,
        reason: provider.to_owned(),
    }
}

fn take_topic(topics: &mut Vec<TopicProposal>, advised: AdvisedTopic, provider: &'static str) {
    let known = topics
        .iter()
        .position(|proposal| proposal.topic == advised.id)
        .map(|place| topics.swap_remove(place));
    let reasons = advised
        .reason
        .into_iter()
        .chain(known.into_iter().flat_map(|known| known.reasons));
    topics.push(TopicProposal {
        topic: advised.id,
        confidence: advised.confidence,
        reasons: reasons.collect(),
        provider,
    });
}

#[cfg(test)]
mod tests {
    use docuvault_filing::Facts;
    use uuid::Uuid;

    use super::*;

    fn filing(confidence: f32) -> Filing {
        let proposal = |topic: u128, word: &str| TopicProposal {
            topic: Uuid::from_u128(topic),
            confidence: 0.95,
            reasons: vec![word.to_owned()],
            provider: DEVICE,
        };
        Filing {
            topics: vec![proposal(1, "a"), proposal(2, "b")],
            date: None,
            correspondent: Some(Finding {
                value: "Bank".to_owned(),
                confidence,
                reason: String::new(),
            }),
            title: Finding {
                value: "On device".to_owned(),
                confidence: 0.9,
                reason: String::new(),
            },
            facts: Facts::default(),
        }
    }

    fn advice() -> Advice {
        Advice {
            topics: vec![AdvisedTopic {
                id: Uuid::from_u128(2),
                confidence: 0.97,
                reason: Some("because".to_owned()),
            }],
            title: Some("Advised".to_owned()),
            date: None,
            correspondent: Some("Model".to_owned()),
        }
    }

    #[test]
    fn the_provider_s_topics_lead_and_the_device_s_are_only_proposed() {
        let filed = merge(filing(0.5), Opinion::From("openai", advice()), 0.75);
        let topics: Vec<_> = filed
            .filing
            .topics
            .iter()
            .map(|topic| {
                (
                    topic.topic.as_u128(),
                    topic.provider,
                    topic.confidence >= 0.75,
                )
            })
            .collect();
        assert_eq!(topics, [(2, "openai", true), (1, DEVICE, false)]);
        assert_eq!(filed.filing.topics[0].reasons, ["because", "b"]);
        assert_eq!(
            (filed.by, filed.title_by, filed.date_by),
            ("openai", AI, DEVICE)
        );
        assert_eq!(
            filed
                .filing
                .correspondent
                .map(|found| found.value)
                .as_deref(),
            Some("Model")
        );
    }

    #[test]
    fn a_sender_known_exactly_stays_and_without_an_opinion_all_does() {
        let filed = merge(filing(0.95), Opinion::From("openai", advice()), 0.75);
        assert_eq!(
            filed
                .filing
                .correspondent
                .map(|found| found.value)
                .as_deref(),
            Some("Bank")
        );
        let filed = merge(filing(0.5), Opinion::Left("paused"), 0.75);
        assert_eq!(
            (&filed.filing, filed.by, filed.notice),
            (&filing(0.5), DEVICE, Some("paused"))
        );
    }
}
