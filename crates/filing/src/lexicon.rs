//! The built-in lexicon: which words speak for which starter topic, read once from `data/lexicon.txt`.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use crate::tokens::tokens;

/// Weight of words that decide nearly alone.
const DECIDING_WEIGHT: f32 = 5.0;

/// How a topic competes with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What sort of paper it is (invoice, contract): rarely two at once.
    Genre,
    /// What it is about (vehicle, travel): several may be right.
    Subject,
    /// Right when nothing else is.
    Background,
}

/// A starter topic with its names.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: &'static str,
    pub(crate) color: &'static str,
    pub(crate) kind: Kind,
    pub(crate) name_en: &'static str,
    pub(crate) name_de: &'static str,
    pub(crate) singular_en: &'static str,
    pub(crate) singular_de: &'static str,
}

/// A word or phrase that speaks for (or against) the entry with this index.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Vote {
    pub(crate) entry: usize,
    pub(crate) weight: f32,
}

#[derive(Debug)]
struct Phrase {
    rest: Vec<String>,
    vote: Vote,
}

/// The parsed lexicon.
#[derive(Debug, Default)]
pub(crate) struct Lexicon {
    pub(crate) entries: Vec<Entry>,
    exact: HashMap<String, Vec<Vote>>,
    silent: HashSet<String>,
    prefixes: HashMap<String, Vec<Vote>>,
    suffixes: HashMap<String, Vec<Vote>>,
    prefix_bytes: BTreeSet<usize>,
    suffix_bytes: BTreeSet<usize>,
    phrases: HashMap<String, Vec<Phrase>>,
    names: HashMap<String, usize>,
}

/// The lexicon of this build.
pub(crate) fn lexicon() -> &'static Lexicon {
    static LEXICON: LazyLock<Lexicon> =
        LazyLock::new(|| parse(include_str!("../data/lexicon.txt")).0);
    &LEXICON
}

impl Lexicon {
    /// Votes of one folded word: as a whole, by its longest known start and by its longest known end, which is how
    /// German compounds (`stromrechnung`) say two things at once. For each entry the first of these counts.
    /// Umlauts written as two letters (`kuendigung`) are understood too.
    pub(crate) fn votes(&self, word: &str) -> Vec<Vote> {
        let votes = self.votes_as_spelled(word);
        if votes.is_empty() && ["ae", "oe", "ue"].iter().any(|pair| word.contains(pair)) {
            return self.votes_as_spelled(
                &word
                    .replace("ae", "a")
                    .replace("oe", "o")
                    .replace("ue", "u"),
            );
        }
        votes
    }

    fn votes_as_spelled(&self, word: &str) -> Vec<Vote> {
        if self.silent.contains(word) {
            return Vec::new();
        }
        let exact = self.exact.get(word);
        let prefix = self
            .prefix_bytes
            .range(..=word.len())
            .rev()
            .find_map(|&length| {
                word.get(..length)
                    .and_then(|start| self.prefixes.get(start))
            });
        let suffix = self
            .suffix_bytes
            .range(..=word.len())
            .rev()
            .find_map(|&length| {
                word.get(word.len() - length..)
                    .and_then(|end| self.suffixes.get(end))
            });
        let mut votes: Vec<Vote> = Vec::new();
        for vote in exact.into_iter().chain(prefix).chain(suffix).flatten() {
            if vote.entry < self.entries.len()
                && !votes.iter().any(|known| known.entry == vote.entry)
            {
                votes.push(*vote);
            }
        }
        votes
    }

    /// Phrases that start with `word`: how many words they take and what they vote for. `following` yields the
    /// folded words after it.
    pub(crate) fn phrase_votes<'a>(
        &self,
        word: &str,
        following: impl Fn(usize) -> Option<&'a str>,
    ) -> Vec<(usize, Vote)> {
        let Some(phrases) = self.phrases.get(word) else {
            return Vec::new();
        };
        phrases
            .iter()
            .filter(|phrase| {
                phrase
                    .rest
                    .iter()
                    .enumerate()
                    .all(|(index, part)| following(index) == Some(part.as_str()))
            })
            .map(|phrase| (phrase.rest.len() + 1, phrase.vote))
            .collect()
    }

    /// Whether a text holds a word or phrase that names a sort of paper.
    pub(crate) fn names_paper(&self, text: &str) -> bool {
        let words = tokens(text);
        let decides = |vote: &Vote| vote.weight >= DECIDING_WEIGHT;
        words.iter().enumerate().any(|(index, word)| {
            let following = |offset: usize| {
                words
                    .get(index + 1 + offset)
                    .map(|next| next.folded.as_str())
            };
            self.votes(&word.folded).iter().any(decides)
                || self
                    .phrase_votes(&word.folded, following)
                    .iter()
                    .any(|(_, vote)| decides(vote))
        })
    }

    /// The entry a topic stands for: by its starter key, else by its name.
    pub(crate) fn entry_of(&self, starter_key: Option<&str>, name: &str) -> Option<usize> {
        starter_key
            .and_then(|key| self.entries.iter().position(|entry| entry.key == key))
            .or_else(|| self.names.get(&normal_name(name)).copied())
    }

    fn add_name(&mut self, name: &str, entry: usize) {
        self.names.entry(normal_name(name)).or_insert(entry);
    }

    fn add_term(&mut self, term: &str, vote: Vote) {
        let (opens, closes) = (term.starts_with('*'), term.ends_with('*'));
        let words: Vec<String> = tokens(term.trim_matches('*'))
            .into_iter()
            .map(|token| token.folded)
            .collect();
        let Some((first, rest)) = words.split_first() else {
            return;
        };
        if !rest.is_empty() {
            let phrase = Phrase {
                rest: rest.to_vec(),
                vote,
            };
            self.phrases.entry(first.clone()).or_default().push(phrase);
        } else if opens {
            self.suffix_bytes.insert(first.len());
            add_vote(&mut self.suffixes, first, vote);
        } else if closes {
            self.prefix_bytes.insert(first.len());
            add_vote(&mut self.prefixes, first, vote);
        } else if vote.entry < self.entries.len() {
            add_vote(&mut self.exact, first, vote);
        } else {
            self.silent.insert(first.clone());
        }
    }
}

/// The same word listed twice for one entry counts once, with its greater weight. A vote of nought keeps patterns away.
fn add_vote(votes: &mut HashMap<String, Vec<Vote>>, word: &str, vote: Vote) {
    let votes = votes.entry(word.to_owned()).or_default();
    match votes.iter_mut().find(|known| known.entry == vote.entry) {
        Some(known) if known.weight.abs() < vote.weight.abs() => known.weight = vote.weight,
        Some(_) => {}
        None => votes.push(vote),
    }
}

fn normal_name(name: &str) -> String {
    let words: Vec<String> = tokens(name).into_iter().map(|token| token.folded).collect();
    words.join(" ")
}

/// Reads the lexicon, and the lines it could not make sense of.
fn parse(source: &'static str) -> (Lexicon, Vec<&'static str>) {
    let mut lexicon = Lexicon::default();
    let mut complaints = Vec::new();
    for line in source
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        if parse_line(line, &mut lexicon).is_none() {
            complaints.push(line);
        }
    }
    (lexicon, complaints)
}

fn parse_line(line: &'static str, lexicon: &mut Lexicon) -> Option<()> {
    if let Some(rest) = line.strip_prefix('[') {
        let (key, traits) = rest.split_once(']')?;
        let mut traits = traits.split_whitespace();
        if key != "none" {
            let color = traits.next()?;
            let kind = match traits.next()? {
                "genre" => Kind::Genre,
                "subject" => Kind::Subject,
                "background" => Kind::Background,
                _ => return None,
            };
            let empty = Entry {
                key,
                color,
                kind,
                name_en: "",
                name_de: "",
                singular_en: "",
                singular_de: "",
            };
            lexicon.entries.push(empty);
        }
        return Some(());
    }
    let (tag, rest) = line.split_once(' ')?;
    let index = lexicon.entries.len().wrapping_sub(1);
    if tag == "also" {
        for name in rest.split(", ") {
            lexicon.add_name(name, index);
        }
        return lexicon.entries.get(index).map(|_| ());
    }
    let (key, rest) = rest.split_once(' ')?;
    if let "name" | "one" = tag {
        let entry = lexicon.entries.get_mut(index)?;
        *match (tag, key) {
            ("name", "en") => &mut entry.name_en,
            ("name", "de") => &mut entry.name_de,
            ("one", "en") => &mut entry.singular_en,
            ("one", "de") => &mut entry.singular_de,
            _ => return None,
        } = rest;
        lexicon.add_name(rest, index);
        return Some(());
    }
    let weight: f32 = key
        .parse()
        .ok()
        .filter(|weight: &f32| weight.abs() <= 5.0)?;
    for term in rest
        .split(',')
        .map(str::trim)
        .filter(|term| !term.is_empty())
    {
        lexicon.add_term(
            term,
            Vote {
                entry: index,
                weight,
            },
        );
    }
    (tag.len() == 2).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken_for(word: &str) -> Vec<&'static str> {
        let lexicon = lexicon();
        lexicon
            .votes(word)
            .iter()
            .filter(|vote| vote.weight > 0.0)
            .map(|vote| lexicon.entries[vote.entry].key)
            .collect()
    }

    #[test]
    fn every_line_of_the_file_is_understood() {
        let (lexicon, complaints) = parse(include_str!("../data/lexicon.txt"));
        assert_eq!(complaints, Vec::<&str>::new());
        assert_eq!(lexicon.entries.len(), 17);
        for entry in &lexicon.entries {
            let texts = [
                entry.name_en,
                entry.name_de,
                entry.singular_en,
                entry.singular_de,
            ];
            assert!(
                texts.iter().all(|text| !text.is_empty()),
                "{} lacks a name",
                entry.key
            );
        }
    }

    #[test]
    fn compounds_speak_with_both_ends() {
        assert_eq!(spoken_for("handyrechnung"), ["invoice"]);
        assert_eq!(spoken_for("stromschlussrechnung"), ["utilities", "invoice"]);
        assert_eq!(spoken_for("kuendigungsfrist"), ["contract"]);
        assert_eq!(spoken_for("berechnung"), Vec::<&str>::new());
        assert_eq!(spoken_for("quartalsabrechnung"), Vec::<&str>::new());
    }

    #[test]
    fn topics_are_known_by_key_and_by_name() {
        let lexicon = lexicon();
        let invoice = lexicon.entry_of(Some("invoice"), "My paper money");
        assert_eq!(invoice, Some(0));
        assert_eq!(lexicon.entry_of(None, "RECHNUNGEN"), invoice);
        assert_eq!(lexicon.entry_of(None, "Factures"), invoice);
        assert_eq!(lexicon.entry_of(None, "Pottery club"), None);
    }
}
