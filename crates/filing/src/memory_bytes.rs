//! A memory as bytes: compact, versioned, and safe to read whatever the bytes are.

use thiserror::Error;
use uuid::Uuid;

use crate::features::{ALL_BUCKETS, Features, WORD_BUCKETS};
use crate::learn::TopicModel;
use crate::memory::{KeptExample, MAX_EXAMPLES, Memory};

const MAGIC: &[u8; 3] = b"DVM";
/// To be raised with the layout, the hashing, or the order of the lexicon's topics; older memories are then trained anew.
const VERSION: u8 = 1;

/// Why bytes are not a memory. The caller trains anew from the user's documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MemoryError {
    /// The bytes are something else.
    #[error("these bytes are not a memory")]
    NotAMemory,
    /// Written by another version of the program.
    #[error("the memory has version {0}, this program reads version {VERSION}")]
    OtherVersion(u8),
    /// Cut off, altered, or too long.
    #[error("the memory is damaged")]
    Damaged,
}

impl Memory {
    /// The memory as bytes, some hundred kilobytes at most.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut topics: Vec<Uuid> = self
            .examples
            .iter()
            .flat_map(|example| example.topics.iter().chain(&example.rejected))
            .copied()
            .collect();
        topics.extend(self.models.iter().map(|model| model.topic));
        topics.sort_unstable();
        topics.dedup();
        let mut names: Vec<&str> = self
            .examples
            .iter()
            .filter_map(|example| example.correspondent.as_deref())
            .collect();
        names.sort_unstable();
        names.dedup();

        let mut out = MAGIC.to_vec();
        out.push(VERSION);
        put_number(&mut out, topics.len());
        for topic in &topics {
            out.extend(topic.as_bytes());
        }
        put_number(&mut out, names.len());
        for name in &names {
            put_number(&mut out, name.len());
            out.extend(name.as_bytes());
        }
        put_number(&mut out, self.examples.len());
        for example in &self.examples {
            put_example(&mut out, example, &topics, &names);
        }
        put_number(&mut out, self.models.len());
        for model in &self.models {
            put_model(&mut out, model, &topics);
        }
        out
    }

    /// Reads what [`Memory::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MemoryError> {
        let Some((magic, [version, rest @ ..])) = bytes.split_first_chunk() else {
            return Err(MemoryError::NotAMemory);
        };
        if magic != MAGIC {
            return Err(MemoryError::NotAMemory);
        }
        if *version != VERSION {
            return Err(MemoryError::OtherVersion(*version));
        }
        let mut bytes = Bytes(rest);
        let (examples, models) = bytes.memory().ok_or(MemoryError::Damaged)?;
        Ok(Self::restore(examples, models))
    }
}

fn put_number(out: &mut Vec<u8>, number: usize) {
    let mut rest = number;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

fn put_position<T: Ord>(out: &mut Vec<u8>, table: &[T], item: &T) {
    put_number(out, table.binary_search(item).unwrap_or_default());
}

fn put_example(out: &mut Vec<u8>, example: &KeptExample, topics: &[Uuid], names: &[&str]) {
    out.extend(example.document.as_bytes());
    for list in [&example.topics, &example.rejected] {
        put_number(out, list.len());
        for topic in list {
            put_position(out, topics, topic);
        }
    }
    match example.correspondent.as_deref() {
        Some(name) => put_number(out, 1 + names.binary_search(&name).unwrap_or_default()),
        None => put_number(out, 0),
    }
    put_number(out, example.sender_keys.len());
    for key in &example.sender_keys {
        out.extend(key.to_le_bytes());
    }
    put_number(out, example.features.counts.len());
    let mut previous = 0;
    for &(bucket, times) in &example.features.counts {
        // Nearly all words occur once: one bit says so.
        put_number(
            out,
            ((bucket - previous) as usize) << 1 | usize::from(times != 1),
        );
        if times != 1 {
            out.push(times);
        }
        previous = bucket;
    }
    put_number(out, example.features.hints.len());
    for &(entry, hint) in &example.features.hints {
        out.extend([entry, hint]);
    }
}

fn put_model(out: &mut Vec<u8>, model: &TopicModel, topics: &[Uuid]) {
    put_position(out, topics, &model.topic);
    put_number(out, model.positives as usize);
    put_number(out, model.decisions as usize);
    out.extend(model.bias.to_le_bytes());
    out.extend(model.scale.to_le_bytes());
    put_number(out, model.weights.len());
    let mut previous = 0;
    for &(bucket, weight) in &model.weights {
        put_number(out, (bucket - previous) as usize);
        out.extend(weight.to_le_bytes());
        previous = bucket;
    }
}

/// What is left to read. Every method gives `None` when it does not fit.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn memory(&mut self) -> Option<(Vec<KeptExample>, Vec<TopicModel>)> {
        let topics = self.list(16, Bytes::uuid)?;
        let names = self.list(1, |bytes| {
            let length = bytes.number()?;
            String::from_utf8(bytes.take(length)?.to_vec()).ok()
        })?;
        let examples = self.list(20, |bytes| bytes.example(&topics, &names))?;
        let models = self.list(10, |bytes| bytes.model(&topics))?;
        (self.0.is_empty() && examples.len() <= MAX_EXAMPLES).then_some((examples, models))
    }

    fn example(&mut self, topics: &[Uuid], names: &[String]) -> Option<KeptExample> {
        let document = self.uuid()?;
        let with_topics = self.list(1, |bytes| topics.get(bytes.number()?).copied())?;
        let rejected = self.list(1, |bytes| topics.get(bytes.number()?).copied())?;
        let correspondent = match self.number()? {
            0 => None,
            position => Some(names.get(position - 1)?.clone()),
        };
        let sender_keys = self.list(8, |bytes| bytes.array().map(u64::from_le_bytes))?;
        let mut previous = 0;
        let counts = self.list(1, |bytes| {
            let number = bytes.number()?;
            let bucket = next_bucket(&mut previous, number >> 1, WORD_BUCKETS)?;
            let times = if number & 1 == 0 {
                1
            } else {
                bytes.array::<1>()?[0]
            };
            Some((bucket, times))
        })?;
        let hints = self.list(2, |bytes| bytes.array().map(|[entry, hint]| (entry, hint)))?;
        Some(KeptExample {
            document,
            topics: with_topics,
            rejected,
            correspondent,
            sender_keys,
            features: Features { counts, hints },
        })
    }

    fn model(&mut self, topics: &[Uuid]) -> Option<TopicModel> {
        let topic = *topics.get(self.number()?)?;
        let positives = u32::try_from(self.number()?).ok()?;
        let decisions = u32::try_from(self.number()?).ok()?;
        let bias = self
            .array()
            .map(f32::from_le_bytes)
            .filter(|bias| bias.is_finite())?;
        let scale = self
            .array()
            .map(f32::from_le_bytes)
            .filter(|scale| scale.is_finite())?;
        let mut previous = 0;
        let weights = self.list(2, |bytes| {
            let step = bytes.number()?;
            let bucket = next_bucket(&mut previous, step, ALL_BUCKETS)?;
            bytes
                .array()
                .map(|weight| (bucket, i8::from_le_bytes(weight)))
        })?;
        Some(TopicModel {
            topic,
            positives,
            decisions,
            bias,
            scale,
            weights,
        })
    }

    /// A list of items of at least `item_bytes` each, so that a false length cannot ask for much memory.
    fn list<T>(
        &mut self,
        item_bytes: usize,
        mut item: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let length = self.number()?;
        if length > self.0.len() / item_bytes {
            return None;
        }
        (0..length).map(|_| item(self)).collect()
    }

    fn number(&mut self) -> Option<usize> {
        let mut number = 0_u64;
        for shift in (0..35).step_by(7) {
            let [byte] = self.array()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return usize::try_from(number).ok();
            }
        }
        None
    }

    fn uuid(&mut self) -> Option<Uuid> {
        self.array().map(Uuid::from_bytes)
    }

    fn array<const LENGTH: usize>(&mut self) -> Option<[u8; LENGTH]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }
}

/// Buckets are stored as steps from one to the next.
fn next_bucket(previous: &mut u32, step: usize, end: u32) -> Option<u32> {
    *previous = previous.checked_add(u32::try_from(step).ok()?)?;
    (*previous < end).then_some(*previous)
}
