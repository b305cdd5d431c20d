//! Correspondents the user has named before, found again by the exact keys on their papers.

use std::collections::HashMap;

use crate::sender_keys::SenderKey;

/// A later name for the same key counts this much more than the one before it.
const NEWER_COUNTS: f32 = 1.6;
/// Share of one name among all a key was seen with, from which the key means that name.
const SURE_KEY_SHARE: f32 = 0.55;
/// The same for keys that may be the reader's own (accounts) or shared (lines).
const WEAK_KEY_SHARE: f32 = 0.8;

/// Which name each key stood for, oldest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct KnownSenders {
    names: HashMap<u64, Vec<String>>,
}

impl KnownSenders {
    pub(crate) fn add(&mut self, keys: &[u64], name: &str) {
        for key in keys {
            self.names.entry(*key).or_default().push(name.to_owned());
        }
    }

    /// The correspondent the keys agree on, with the key that decided. Accounts and letterhead lines alone do not
    /// decide while the paper bears a domain or VAT id never seen before: that is another sender.
    pub(crate) fn find(&self, keys: &[SenderKey]) -> Option<(String, String)> {
        let mut votes: HashMap<&str, (f32, &str)> = HashMap::new();
        let (mut sure_match, mut unknown_sure_key) = (false, false);
        for key in keys {
            let Some(names) = self.names.get(&key.hash()) else {
                unknown_sure_key |= key.kind.is_sure();
                continue;
            };
            let Some(name) = agreed(
                names,
                if key.kind.is_sure() {
                    SURE_KEY_SHARE
                } else {
                    WEAK_KEY_SHARE
                },
            ) else {
                continue;
            };
            sure_match |= key.kind.is_sure();
            let vote = votes.entry(name).or_insert((0.0, &key.text));
            vote.0 += if key.kind.is_sure() { 2.0 } else { 1.0 };
        }
        if !sure_match && unknown_sure_key {
            return None;
        }
        let mut ranked: Vec<(&str, (f32, &str))> = votes.into_iter().collect();
        ranked.sort_by(|left, right| right.1.0.total_cmp(&left.1.0).then(left.0.cmp(right.0)));
        match ranked.as_slice() {
            [first, second, ..] if second.1.0 >= first.1.0 => None,
            [first, ..] => Some((first.0.to_owned(), first.1.1.to_owned())),
            [] => None,
        }
    }
}

/// The name with the greatest share, if it is great enough.
fn agreed(names: &[String], least_share: f32) -> Option<&str> {
    let mut shares: HashMap<&str, f32> = HashMap::new();
    let (mut weight, mut total) = (1.0_f32, 0.0);
    // Only the latest count: the weights grow too fast for more to matter.
    for name in &names[names.len().saturating_sub(12)..] {
        *shares.entry(name).or_default() += weight;
        total += weight;
        weight *= NEWER_COUNTS;
    }
    shares
        .into_iter()
        .find(|(_, share)| *share / total >= least_share)
        .map(|(name, _)| name)
}
