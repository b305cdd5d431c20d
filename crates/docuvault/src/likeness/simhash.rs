//! A digest of a text that changes little when the text does (Charikar, "Similarity estimation techniques from rounding algorithms",
//! 2002; with the four-part search of Manku, Jain and Das Sarma, "Detecting near-duplicates for web crawling", 2007).

use sha2::{Digest, Sha256};

/// Words that are taken together, so that their order counts.
const SHINGLE: usize = 3;
/// A shorter text says too little: two different ones could be taken for the same.
const MIN_WORDS: usize = 20;
/// Of a longer text only the beginning counts, as in search.
const MAX_CHARS: usize = 240_000;

/// `None`: the text is too short. Case, signs and blanks do not count.
pub fn simhash(text: &str) -> Option<u64> {
    let end = text
        .char_indices()
        .nth(MAX_CHARS)
        .map_or(text.len(), |(end, _)| end);
    let words: Vec<String> = text[..end]
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    if words.len() < MIN_WORDS {
        return None;
    }
    let mut votes = [0_i64; 64];
    for shingle in words.windows(SHINGLE) {
        let digest = digest(shingle);
        for (bit, votes) in votes.iter_mut().enumerate() {
            *votes += if digest >> bit & 1 == 1 { 1 } else { -1 };
        }
    }
    let set = |bit: usize| u64::from(votes[bit] > 0) << bit;
    Some((0..64).map(set).fold(0, |all, bit| all | bit))
}

fn digest(shingle: &[String]) -> u64 {
    let mut hasher = Sha256::new();
    for word in shingle {
        hasher.update(word.as_bytes());
        hasher.update([0]);
    }
    let digest = hasher.finalize();
    digest
        .iter()
        .take(8)
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;

    const LETTER: &str = "Dear customer, thank you for your order of the fourth of May. We have shipped two pairs of climbing shoes and one rope to the \
        address below; they will arrive within three working days. Please pay the enclosed invoice within fourteen days of receiving it. If anything \
        is missing or damaged, write to us and we will send it again at no cost. With kind regards, your friends at the mountain shop in the old town.";

    fn differing_bits(one: &str, other: &str) -> u32 {
        (simhash(one).unwrap() ^ simhash(other).unwrap()).count_ones()
    }

    #[test]
    fn case_signs_and_blanks_do_not_count() {
        let shouted = LETTER
            .to_uppercase()
            .replace(", ", " -- ")
            .replace(' ', "\n");
        assert_eq!(differing_bits(LETTER, &shouted), 0);
    }

    #[test]
    fn one_other_word_in_a_long_text_changes_few_bits_and_another_text_many() {
        let mut long = String::new();
        for n in 0..40 {
            let room = n * 7;
            let _ = write!(
                long,
                "Clause {n}: the tenant of flat {n} keeps the {room} in good repair. "
            );
        }
        let corrected = long.replacen("Clause 17: the tenant", "Clause 17: the lodger", 1);
        assert!(
            differing_bits(&long, &corrected) <= 3,
            "{}",
            differing_bits(&long, &corrected)
        );
        assert!(differing_bits(LETTER, &long) > 16);
    }

    #[test]
    fn what_is_too_short_has_no_digest() {
        assert_eq!(simhash(""), None);
        assert_eq!(simhash(&"word ".repeat(MIN_WORDS - 1)), None);
        assert!(simhash(&"word ".repeat(MIN_WORDS)).is_some());
    }

    /// Digests are kept: a change to how they are made must begin them anew.
    #[test]
    fn the_digest_of_a_text_stays_what_it_was() {
        assert_eq!(simhash(LETTER), Some(10_449_620_837_400_468_837));
    }

    proptest! {
        #[test]
        fn blanks_never_count(text in ".{0,400}") {
            prop_assert_eq!(simhash(&text), simhash(&format!(" {} ", text.replace(' ', "\n  "))));
        }
    }
}
