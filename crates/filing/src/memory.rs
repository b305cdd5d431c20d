//! What one user taught: the papers they filed by hand and what follows from them.

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use crate::evidence::{Evidence, lexicon_evidence};
use crate::features::{Features, Rarity, Vector, features};
use crate::known_senders::KnownSenders;
use crate::learn::{Decision, TopicModel, sigmoid, telling_words};
use crate::paper::Paper;
use crate::reading::Reading;
use crate::sender_keys::{SenderKey, sender_keys};

/// Papers kept; the oldest of well-known topics go first.
pub(crate) const MAX_EXAMPLES: usize = 1000;
/// A topic with more examples than this can lose old ones.
const ENOUGH_EXAMPLES: usize = 15;
const REJECTION_WEIGHT: f32 = 2.0;
/// Likeness (cosine) at which two papers belong together as likely as not.
const EVEN_LIKENESS: f32 = 0.3;
const LIKENESS_STEEPNESS: f32 = 16.0;
/// Another filed paper that is much more alike and lacks the topic speaks against it.
const DOUBT: f32 = 0.6;

/// A paper as the user wants it filed. Learning the same document again replaces what was learned from it before.
#[derive(Debug, Clone, Copy)]
pub struct Example<'a> {
    /// Id of the document.
    pub document: Uuid,
    /// The paper itself; only hashed words of it are kept.
    pub paper: Paper<'a>,
    /// Topics the paper has, chosen or confirmed by hand.
    pub topics: &'a [Uuid],
    /// Topics the user took away.
    pub rejected: &'a [Uuid],
    /// Correspondent, if the user set or confirmed it.
    pub correspondent: Option<&'a str>,
}

/// One user's learning. It holds hashed words of that user's papers, so it must stay as private as they are.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Memory {
    pub(crate) examples: Vec<KeptExample>,
    pub(crate) models: Vec<TopicModel>,
    // All below follows from the examples.
    rarity: Rarity,
    vectors: Vec<Vector>,
    senders: KnownSenders,
}

/// What is kept of an [`Example`].
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct KeptExample {
    pub(crate) document: Uuid,
    pub(crate) topics: Vec<Uuid>,
    pub(crate) rejected: Vec<Uuid>,
    pub(crate) correspondent: Option<String>,
    pub(crate) sender_keys: Vec<u64>,
    pub(crate) features: Features,
}

/// What the memory thinks about one topic for one paper.
#[derive(Debug, Clone, Default)]
pub(crate) struct Opinion {
    pub(crate) learned: Option<Learned>,
    /// Confidence that follows from the likest paper filed under the topic.
    pub(crate) like_filed: f32,
    /// The same for papers the topic was taken away from, where they are liker than any filed one.
    pub(crate) like_rejected: f32,
    /// Words that spoke for the topic, with their shares.
    pub(crate) words: Vec<(String, f32)>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Learned {
    /// Log odds that the words add to what was known before, already weighed by how much was learned.
    pub(crate) evidence: f32,
    /// How many of the papers usually belong to the topic, from 0 to 1.
    pub(crate) usual_share: f32,
}

/// The memory's view of one paper.
pub(crate) struct Opinions<'a> {
    memory: &'a Memory,
    vector: Vector,
    words: HashMap<u32, String>,
    likeness: Vec<f32>,
}

impl Memory {
    /// Learns everything anew, in the order of the examples (oldest first).
    pub fn train<'a>(examples: impl IntoIterator<Item = Example<'a>>) -> Self {
        let mut memory = Self::default();
        for example in examples {
            memory.keep(&example);
        }
        memory.refresh();
        memory.retrain(&memory.all_topics());
        memory
    }

    /// Learns from one correction or confirmation.
    pub fn learn(&mut self, example: &Example<'_>) {
        let mut concerned = self.topics_of(example.document);
        concerned.extend(example.topics.iter().chain(example.rejected));
        self.keep(example);
        self.refresh();
        self.retrain(&concerned);
    }

    /// Forgets a document that was deleted.
    pub fn forget(&mut self, document: Uuid) {
        let concerned = self.topics_of(document);
        self.drop_document(document);
        self.refresh();
        self.retrain(&concerned);
    }

    /// Forgets a topic that was deleted.
    pub fn forget_topic(&mut self, topic: Uuid) {
        for example in &mut self.examples {
            example.topics.retain(|known| *known != topic);
            example.rejected.retain(|known| *known != topic);
        }
        self.models.retain(|model| model.topic != topic);
    }

    /// How many papers the memory holds.
    pub fn len(&self) -> usize {
        self.examples.len()
    }

    /// Whether nothing was learned yet.
    pub fn is_empty(&self) -> bool {
        self.examples.is_empty()
    }

    /// The correspondent these keys belong to, with the key that decided.
    pub(crate) fn known_sender(&self, keys: &[SenderKey]) -> Option<(String, String)> {
        self.senders.find(keys)
    }

    pub(crate) fn restore(examples: Vec<KeptExample>, models: Vec<TopicModel>) -> Self {
        let mut memory = Self {
            examples,
            models,
            ..Self::default()
        };
        for example in &memory.examples {
            memory.rarity.add(&example.features);
        }
        memory.refresh();
        memory
    }

    fn keep(&mut self, example: &Example<'_>) {
        self.drop_document(example.document);
        let reading = Reading::of(&example.paper);
        let keys = sender_keys(&reading);
        let (features, _) = features(&reading, &lexicon_evidence(&reading), &keys, &self.rarity);
        self.rarity.add(&features);
        let correspondent = example
            .correspondent
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(str::to_owned);
        self.examples.push(KeptExample {
            document: example.document,
            topics: example.topics.to_vec(),
            rejected: example.rejected.to_vec(),
            sender_keys: if correspondent.is_some() {
                keys.iter().map(SenderKey::hash).collect()
            } else {
                Vec::new()
            },
            correspondent,
            features,
        });
        if self.examples.len() > MAX_EXAMPLES {
            self.drop_at(self.least_missed());
        }
    }

    /// The oldest example whose topics are all well known without it, else simply the oldest.
    fn least_missed(&self) -> usize {
        let mut examples_of: HashMap<Uuid, usize> = HashMap::new();
        for topic in self.examples.iter().flat_map(|example| &example.topics) {
            *examples_of.entry(*topic).or_default() += 1;
        }
        let is_spare = |example: &KeptExample| {
            example
                .topics
                .iter()
                .all(|topic| examples_of[topic] > ENOUGH_EXAMPLES)
        };
        self.examples.iter().position(is_spare).unwrap_or(0)
    }

    fn drop_document(&mut self, document: Uuid) {
        if let Some(position) = self
            .examples
            .iter()
            .position(|example| example.document == document)
        {
            self.drop_at(position);
        }
    }

    fn drop_at(&mut self, position: usize) {
        let dropped = self.examples.remove(position);
        self.rarity.remove(&dropped.features);
    }

    /// Brings everything that follows from the examples up to date, except the models.
    fn refresh(&mut self) {
        self.vectors = self
            .examples
            .iter()
            .map(|example| example.features.vector(&self.rarity))
            .collect();
        self.senders = KnownSenders::default();
        for example in &self.examples {
            if let Some(name) = &example.correspondent {
                self.senders.add(&example.sender_keys, name);
            }
        }
    }

    fn retrain(&mut self, topics: &BTreeSet<Uuid>) {
        self.models.retain(|model| !topics.contains(&model.topic));
        for topic in topics {
            let decisions = self.decisions_about(*topic);
            self.models
                .extend(TopicModel::train(*topic, &self.vectors, &decisions));
        }
        self.models.sort_by_key(|model| model.topic);
    }

    fn decisions_about(&self, topic: Uuid) -> Vec<Decision> {
        let decide = |(index, example): (usize, &KeptExample)| {
            let weight = if example.rejected.contains(&topic) {
                REJECTION_WEIGHT
            } else {
                1.0
            };
            Decision {
                example: index,
                belongs: example.topics.contains(&topic),
                weight,
            }
        };
        self.examples.iter().enumerate().map(decide).collect()
    }

    fn topics_of(&self, document: Uuid) -> BTreeSet<Uuid> {
        let example = self
            .examples
            .iter()
            .find(|example| example.document == document);
        example
            .into_iter()
            .flat_map(|example| example.topics.iter().chain(&example.rejected))
            .copied()
            .collect()
    }

    fn all_topics(&self) -> BTreeSet<Uuid> {
        self.examples
            .iter()
            .flat_map(|example| example.topics.iter().chain(&example.rejected))
            .copied()
            .collect()
    }

    pub(crate) fn opinions(&self, reading: &Reading, evidence: &[Evidence]) -> Opinions<'_> {
        let (features, words) = features(reading, evidence, &sender_keys(reading), &self.rarity);
        let vector = features.vector(&self.rarity);
        let likeness = self
            .vectors
            .iter()
            .map(|known| vector.likeness(known))
            .collect();
        Opinions {
            memory: self,
            vector,
            words,
            likeness,
        }
    }
}

impl Opinions<'_> {
    pub(crate) fn about(&self, topic: Uuid) -> Opinion {
        let filed = self.likest(|example| example.topics.contains(&topic));
        let rejected = self
            .likest(|example| example.rejected.contains(&topic))
            .map_or(0.0, |(_, likeness)| likeness);
        let elsewhere =
            self.likest(|example| !example.topics.is_empty() && !example.topics.contains(&topic));
        let (nearest, likeness) = filed.unzip();
        let likeness: f32 = likeness.unwrap_or(0.0);
        let doubt = if elsewhere.is_some_and(|(_, other)| other > likeness) {
            DOUBT
        } else {
            1.0
        };
        let model = self.memory.models.iter().find(|model| model.topic == topic);
        let mut words = model
            .map(|model| telling_words(model.shares(&self.vector), &self.words))
            .unwrap_or_default();
        if let Some(nearest) = nearest.filter(|_| words.is_empty()) {
            words = telling_words(
                self.vector.shared(&self.memory.vectors[nearest]),
                &self.words,
            );
        }
        Opinion {
            learned: model.map(|model| Learned {
                evidence: model.trust() * model.evidence(&self.vector),
                usual_share: model.usual_share(),
            }),
            like_filed: doubt * belonging(likeness),
            like_rejected: if rejected >= likeness {
                belonging(rejected)
            } else {
                0.0
            },
            words,
        }
    }

    fn likest(&self, counts: impl Fn(&KeptExample) -> bool) -> Option<(usize, f32)> {
        let candidates = self
            .memory
            .examples
            .iter()
            .zip(&self.likeness)
            .enumerate()
            .filter(|(_, (example, _))| counts(example));
        candidates
            .map(|(index, (_, likeness))| (index, *likeness))
            .max_by(|left, right| left.1.total_cmp(&right.1))
    }
}

/// How surely papers this much alike belong together; nothing for papers with hardly a word in common.
fn belonging(likeness: f32) -> f32 {
    if likeness < 0.1 {
        0.0
    } else {
        sigmoid(LIKENESS_STEEPNESS * (likeness - EVEN_LIKENESS))
    }
}
