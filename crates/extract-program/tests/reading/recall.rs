//! How many of the words of a text another one has: the measure of how well something was read.

use std::collections::HashMap;

/// The share of the words of `reference`, each as often as it is there, that are in `found`; 1 when there are none.
/// A word is a run of letters and digits, in lower case.
pub fn word_recall(reference: &str, found: &str) -> f64 {
    let mut room = counted(found);
    let (mut total, mut kept) = (0_u32, 0_u32);
    for word in words(reference) {
        total += 1;
        if let Some(count) = room.get_mut(&word).filter(|count| **count > 0) {
            *count -= 1;
            kept += 1;
        }
    }
    if total == 0 {
        1.0
    } else {
        f64::from(kept) / f64::from(total)
    }
}

fn counted(text: &str) -> HashMap<String, u32> {
    let mut counts = HashMap::new();
    for word in words(text) {
        *counts.entry(word).or_default() += 1;
    }
    counts
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

#[test]
fn counts_words_as_often_as_they_are_there() {
    assert!((word_recall("Ab, cd! ab 7", "AB (7)") - 0.5).abs() < 1e-9);
    assert!((word_recall("", "x") - 1.0).abs() < 1e-9);
    assert!(word_recall("x", "").abs() < 1e-9);
}
