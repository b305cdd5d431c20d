//! One logistic regression per topic, trained on the user's own decisions; always the same for the same examples.

use std::collections::HashMap;

use uuid::Uuid;

use crate::features::{ALL_BUCKETS, Vector};

const ROUNDS: usize = 14;
const CALIBRATION_ROUNDS: usize = 8;
const MAX_DECISIONS: usize = 400;
const LEARNING_RATE: f32 = 0.6;
const PULL_TO_ZERO: f32 = 2e-4;
/// The weights that matter; the rest is noise that would only grow the memory.
const MAX_WEIGHTS: usize = 1500;
/// With fewer decisions of either kind there is nothing to generalise from.
const MIN_EXAMPLES: usize = 2;
/// Positives at which what was learned counts half.
const HALF_TRUST_POSITIVES: f32 = 2.0;
/// Parts in which papers are held back to measure what a sum is worth.
const FOLDS: usize = 4;
const CALIBRATION_STEPS: usize = 12;
/// Keeps the measured slope near one while there are few papers.
const SLOPE_PULL: f32 = 0.5;

/// One decision of the user about a topic.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decision {
    /// Position of the example.
    pub(crate) example: usize,
    pub(crate) belongs: bool,
    /// A topic that was taken away by hand counts more than one that was merely not chosen.
    pub(crate) weight: f32,
}

/// What was learned about one topic.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TopicModel {
    pub(crate) topic: Uuid,
    /// Papers that belong to the topic, and all papers it was decided about.
    pub(crate) positives: u32,
    pub(crate) decisions: u32,
    /// Evidence (log odds) of a paper without any known word.
    pub(crate) bias: f32,
    /// A weight is its small number times this.
    pub(crate) scale: f32,
    /// Sorted by bucket.
    pub(crate) weights: Vec<(u32, i8)>,
}

impl TopicModel {
    /// Learns from the decisions; `None` while there are too few.
    pub(crate) fn train(topic: Uuid, vectors: &[Vector], decisions: &[Decision]) -> Option<Self> {
        let positives = decisions.iter().filter(|decision| decision.belongs).count();
        if positives < MIN_EXAMPLES || decisions.len() - positives < MIN_EXAMPLES {
            return None;
        }
        let telling = most_telling(decisions);
        let telling_positives = telling.iter().filter(|decision| decision.belongs).count();
        let calibration = Calibration::of(vectors, &telling);
        let line = Line::fit(vectors, telling.iter().copied(), ROUNDS);
        let mut model = Self {
            topic,
            positives: positives as u32,
            decisions: decisions.len() as u32,
            bias: 0.0,
            scale: 1.0,
            weights: Vec::new(),
        };
        model.keep_greatest(&line.weights);
        // What a sum means was measured on papers held back; the model carries it in its numbers.
        model.scale *= calibration.slope;
        model.bias = line.bias * calibration.slope + calibration.offset
            - log_odds(telling_positives as f32 / telling.len() as f32);
        Some(model)
    }

    fn keep_greatest(&mut self, dense: &[f32]) {
        let mut kept: Vec<(u32, f32)> = (0..)
            .zip(dense.iter().copied())
            .filter(|(_, weight)| *weight != 0.0)
            .collect();
        kept.sort_by(|left, right| {
            right
                .1
                .abs()
                .total_cmp(&left.1.abs())
                .then(left.0.cmp(&right.0))
        });
        kept.truncate(MAX_WEIGHTS);
        self.scale = kept
            .first()
            .map_or(1.0, |(_, largest)| largest.abs() / 127.0);
        let small = kept
            .into_iter()
            .map(|(bucket, weight)| (bucket, (weight / self.scale).round() as i8));
        self.weights = small.filter(|(_, weight)| *weight != 0).collect();
        self.weights.sort_unstable();
    }

    /// How much a paper's words speak for the topic (above zero) or against it, in log odds.
    pub(crate) fn evidence(&self, vector: &Vector) -> f32 {
        self.bias + self.shares(vector).map(|(_, share)| share).sum::<f32>()
    }

    /// How many of the papers usually belong to the topic.
    pub(crate) fn usual_share(&self) -> f32 {
        self.positives as f32 / self.decisions.max(1) as f32
    }

    /// What each bucket of the paper adds to the decision.
    pub(crate) fn shares<'a>(
        &'a self,
        vector: &'a Vector,
    ) -> impl Iterator<Item = (u32, f32)> + 'a {
        vector.0.iter().filter_map(|&(bucket, value)| {
            let position = self
                .weights
                .binary_search_by_key(&bucket, |(known, _)| *known)
                .ok()?;
            Some((
                bucket,
                f32::from(self.weights[position].1) * self.scale * value,
            ))
        })
    }

    /// How much the model counts, from 0 to 1.
    pub(crate) fn trust(&self) -> f32 {
        self.positives as f32 / (self.positives as f32 + HALF_TRUST_POSITIVES)
    }
}

/// The latest papers of the topic, all it was taken away from, and an even choice of the others: more would only
/// make learning slow.
fn most_telling(decisions: &[Decision]) -> Vec<Decision> {
    if decisions.len() <= MAX_DECISIONS {
        return decisions.to_vec();
    }
    let (belonging, others): (Vec<Decision>, Vec<Decision>) =
        decisions.iter().partition(|decision| decision.belongs);
    let (rejected, others): (Vec<Decision>, Vec<Decision>) = others
        .into_iter()
        .partition(|decision| decision.weight > 1.0);
    let latest = |kind: &[Decision], most: usize| kind[kind.len().saturating_sub(most)..].to_vec();
    let mut telling = [
        latest(&belonging, MAX_DECISIONS / 2),
        latest(&rejected, MAX_DECISIONS / 4),
    ]
    .concat();
    let room = (MAX_DECISIONS - telling.len()).min(others.len());
    telling.extend((0..room).map(|index| others[index * others.len() / room]));
    telling.sort_by_key(|decision| decision.example);
    telling
}

/// A dense linear model while it is being trained.
struct Line {
    bias: f32,
    weights: Vec<f32>,
}

impl Line {
    fn fit(vectors: &[Vector], decisions: impl Iterator<Item = Decision>, rounds: usize) -> Self {
        let decisions: Vec<Decision> = decisions.collect();
        let positives = decisions.iter().filter(|decision| decision.belongs).count();
        // Rare topics would drown among papers of other topics.
        let balance = ((decisions.len() - positives) as f32 / positives.max(1) as f32)
            .sqrt()
            .clamp(1.0, 4.0);
        let mut line = Self {
            bias: 0.0,
            weights: vec![0.0; ALL_BUCKETS as usize],
        };
        let mut squares = vec![0.0_f32; ALL_BUCKETS as usize];
        let mut bias_squares = 0.0_f32;
        let mut order: Vec<usize> = (0..decisions.len()).collect();
        let mut random = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..rounds {
            shuffle(&mut order, &mut random);
            for decision in order.iter().map(|&index| decisions[index]) {
                let vector = &vectors[decision.example];
                let importance = decision.weight * if decision.belongs { balance } else { 1.0 };
                let error = (sigmoid(line.sum(vector)) - decision.target()) * importance;
                bias_squares += error * error;
                line.bias -= 0.5 * LEARNING_RATE * error / (bias_squares.sqrt() + 1e-6);
                for &(bucket, value) in &vector.0 {
                    let (weight, square) = (
                        &mut line.weights[bucket as usize],
                        &mut squares[bucket as usize],
                    );
                    let slope = error * value + PULL_TO_ZERO * *weight;
                    *square += slope * slope;
                    *weight -= LEARNING_RATE * slope / (square.sqrt() + 1e-3);
                }
            }
        }
        line
    }

    fn sum(&self, vector: &Vector) -> f32 {
        self.bias
            + vector
                .0
                .iter()
                .map(|&(bucket, value)| self.weights[bucket as usize] * value)
                .sum::<f32>()
    }
}

/// What a model's sum is worth on papers it has not seen (Platt's scaling on papers held back in turn).
struct Calibration {
    slope: f32,
    offset: f32,
}

impl Calibration {
    fn of(vectors: &[Vector], decisions: &[Decision]) -> Self {
        let mut turn = [0_usize; 2];
        let fold_of: Vec<usize> = decisions
            .iter()
            .map(|decision| {
                let count = &mut turn[usize::from(decision.belongs)];
                *count += 1;
                *count % FOLDS
            })
            .collect();
        let mut sums: Vec<(f32, bool)> = Vec::with_capacity(decisions.len());
        for fold in 0..FOLDS {
            let kept = decisions
                .iter()
                .zip(&fold_of)
                .filter(|(_, of)| **of != fold)
                .map(|(decision, _)| *decision);
            let line = Line::fit(vectors, kept, CALIBRATION_ROUNDS);
            let held_back = decisions
                .iter()
                .zip(&fold_of)
                .filter(|(_, of)| **of == fold);
            sums.extend(
                held_back
                    .map(|(decision, _)| (line.sum(&vectors[decision.example]), decision.belongs)),
            );
        }
        Self::fit(&sums)
    }

    /// Newton's method on slope and offset, with targets short of 0 and 1 so that few examples do not make sure.
    fn fit(sums: &[(f32, bool)]) -> Self {
        let positives = sums.iter().filter(|(_, belongs)| *belongs).count() as f32;
        let (high, low) = (
            (positives + 1.0) / (positives + 2.0),
            1.0 / (sums.len() as f32 - positives + 2.0),
        );
        let mut fitted = Self {
            slope: 1.0,
            offset: 0.0,
        };
        for _ in 0..CALIBRATION_STEPS {
            // Gradient, and the three entries of the matrix of second derivatives.
            let (mut by_slope, mut by_offset) = (SLOPE_PULL * (fitted.slope - 1.0), 0.0);
            let (mut slope_slope, mut slope_offset, mut offset_offset) = (SLOPE_PULL, 0.0, 1e-4);
            for &(sum, belongs) in sums {
                let chance = sigmoid(fitted.slope * sum + fitted.offset);
                let error = chance - if belongs { high } else { low };
                let spread = chance * (1.0 - chance);
                by_slope += error * sum;
                by_offset += error;
                slope_slope += spread * sum * sum;
                slope_offset += spread * sum;
                offset_offset += spread;
            }
            let determinant = slope_slope * offset_offset - slope_offset * slope_offset;
            if determinant.abs() < 1e-9 {
                break;
            }
            let slope_step = (by_slope * offset_offset - by_offset * slope_offset) / determinant;
            let offset_step = (by_offset * slope_slope - by_slope * slope_offset) / determinant;
            fitted.slope = (fitted.slope - slope_step.clamp(-1.0, 1.0)).clamp(0.05, 5.0);
            fitted.offset = (fitted.offset - offset_step.clamp(-1.0, 1.0)).clamp(-10.0, 10.0);
        }
        fitted
    }
}

impl Decision {
    fn target(self) -> f32 {
        f32::from(u8::from(self.belongs))
    }
}

/// The words behind the greatest shares.
pub(crate) fn telling_words(
    shares: impl Iterator<Item = (u32, f32)>,
    words: &HashMap<u32, String>,
) -> Vec<(String, f32)> {
    let mut ranked: Vec<(String, f32)> = shares
        .filter(|(_, share)| *share > 0.0)
        .filter_map(|(bucket, share)| words.get(&bucket).map(|word| (word.clone(), share)))
        .collect();
    ranked.sort_by(|left, right| {
        right
            .1
            .total_cmp(&left.1)
            .then_with(|| left.0.cmp(&right.0))
    });
    ranked.truncate(5);
    ranked
}

pub(crate) fn sigmoid(sum: f32) -> f32 {
    1.0 / (1.0 + (-sum).exp())
}

/// The inverse of [`sigmoid`], kept from running off to infinity.
pub(crate) fn log_odds(chance: f32) -> f32 {
    let bounded = chance.clamp(0.02, 0.98);
    (bounded / (1.0 - bounded)).ln()
}

fn shuffle(order: &mut [usize], random: &mut u64) {
    for index in (1..order.len()).rev() {
        *random ^= *random << 13;
        *random ^= *random >> 7;
        *random ^= *random << 17;
        order.swap(index, (*random % (index as u64 + 1)) as usize);
    }
}
