//! Text around the words that were found: which of them to show, and as what HTML.

use std::ops::Range;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::SearchText;

/// Words of one piece of text.
const WIDTH: usize = 22;
/// Of them before the first that was found.
const LEAD: usize = 6;
/// Pieces that are shown.
const PIECES: usize = 2;
/// Bytes of a piece at each side of the word it is shown for: words and signs can be of any length.
const REACH: usize = 240;
/// Bytes of a word that the index takes.
const LONGEST_WORD: usize = 2046;
/// Signs that are shown before the first word and after the last.
const SIGNS: usize = 8;

/// A word that is looked for, as the index spells it.
#[derive(Debug, PartialEq, Eq)]
pub struct Wanted {
    word: String,
    /// Anything that begins so.
    begun: bool,
}

/// All that may be marked.
pub fn wanted(text: &SearchText) -> Vec<Wanted> {
    let mut all = Vec::new();
    for term in text.terms().filter(|term| !term.negated) {
        let last = term.words.len().saturating_sub(1);
        for (at, word) in term.words.iter().enumerate() {
            all.push(Wanted {
                word: word.clone(),
                begun: term.prefix && at == last,
            });
        }
        all.extend(term.forms.iter().map(|form| Wanted {
            word: form.clone(),
            begun: false,
        }));
    }
    all
}

/// A word of the text and which of the wanted ones it is.
struct Word {
    place: Range<usize>,
    wanted: Option<usize>,
}

/// The pieces of `text` in which most of the wanted words are, in its order, as HTML: all escaped but `<mark>` around those words.
/// Empty: there is none.
pub fn fragments(text: &str, wanted: &[Wanted]) -> Vec<String> {
    let words = words(text, wanted);
    let mut chosen: Vec<Range<usize>> = Vec::new();
    let mut seen = vec![false; wanted.len()];
    while chosen.len() < PIECES {
        let Some(best) = best_piece(&words, &chosen, &seen) else {
            break;
        };
        for found in words[best.clone()].iter().filter_map(|word| word.wanted) {
            seen[found] = true;
        }
        chosen.push(best);
    }
    chosen.sort_by_key(|piece| piece.start);
    chosen
        .into_iter()
        .map(|piece| to_html(text, &words[piece]))
        .collect()
}

/// The words of a text, split as the index splits them when joining signs are blanks.
fn words(text: &str, wanted: &[Wanted]) -> Vec<Word> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (start, c.is_alphanumeric()) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                let word = index_spelling(&text[from..at]);
                let fits = |wanted: &Wanted| {
                    word == wanted.word || wanted.begun && word.starts_with(&wanted.word)
                };
                let indexed = word.len() <= LONGEST_WORD;
                words.push(Word {
                    place: from..at,
                    wanted: wanted.iter().position(fits).filter(|_| indexed),
                });
                start = None;
            }
            _ => {}
        }
    }
    words
}

/// In lower case and without accents, as PostgreSQL's `unaccent` has it.
fn index_spelling(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    let mut plain = String::with_capacity(word.len());
    for c in word.to_lowercase().nfd().filter(|c| !is_combining_mark(*c)) {
        match c {
            'ß' => plain.push_str("ss"),
            'æ' => plain.push_str("ae"),
            'œ' => plain.push_str("oe"),
            'ø' => plain.push('o'),
            'đ' | 'ð' => plain.push('d'),
            'ł' => plain.push('l'),
            'þ' => plain.push_str("th"),
            'ı' => plain.push('i'),
            c => plain.push(c),
        }
    }
    plain
}

/// The piece with most words that no piece has yet, then with most words that were found, then the first. Pieces do not overlap.
fn best_piece(words: &[Word], chosen: &[Range<usize>], seen: &[bool]) -> Option<Range<usize>> {
    let mut best: Option<((usize, usize), Range<usize>)> = None;
    let found = words
        .iter()
        .enumerate()
        .filter(|(_, word)| word.wanted.is_some());
    for (at, _) in found {
        let floor = chosen
            .iter()
            .map(|piece| piece.end)
            .filter(|end| *end <= at)
            .max();
        let ceiling = chosen
            .iter()
            .map(|piece| piece.start)
            .filter(|start| *start > at)
            .min();
        if chosen.iter().any(|piece| piece.contains(&at)) {
            continue;
        }
        let start = at.saturating_sub(LEAD).max(floor.unwrap_or(0));
        let end = (start + WIDTH).min(ceiling.unwrap_or(words.len()));
        let (start, end) = within_reach(words, at, start..end);
        let score = score(&words[at..end], seen);
        if best.as_ref().is_none_or(|(known, _)| score > *known) {
            best = Some((score, start..end));
        }
    }
    best.map(|(_, piece)| piece)
}

/// The part of a piece that is near enough to the word at `at`.
fn within_reach(words: &[Word], at: usize, piece: Range<usize>) -> (usize, usize) {
    let Range {
        start: from,
        end: to,
    } = words[at].place.clone();
    let too_early = words[piece.start..at]
        .iter()
        .take_while(|word| word.place.start + REACH < from);
    let near = words[at..piece.end]
        .iter()
        .take_while(|word| word.place.end <= to + REACH);
    (piece.start + too_early.count(), at + near.count())
}

/// Words not seen before, and all that were found.
fn score(words: &[Word], seen: &[bool]) -> (usize, usize) {
    let mut new: Vec<usize> = Vec::new();
    let mut all = 0;
    for found in words.iter().filter_map(|word| word.wanted) {
        all += 1;
        if !seen[found] && !new.contains(&found) {
            new.push(found);
        }
    }
    (new.len(), all)
}

fn to_html(text: &str, words: &[Word]) -> String {
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return String::new();
    };
    let before = text[..first.place.start].chars().rev();
    let after = text[last.place.end..].chars();
    let mut html = Html::default();
    let mut at = first.place.start - signs(before);
    for word in words.iter().filter(|word| word.wanted.is_some()) {
        html.push(&text[at..word.place.start]);
        html.mark(&text[word.place.clone()]);
        at = word.place.end;
    }
    html.push(&text[at..last.place.end + signs(after)]);
    html.0.trim_end().to_owned()
}

/// Bytes of the signs at a word.
fn signs(chars: impl Iterator<Item = char>) -> usize {
    let signs = chars.take_while(|c| is_sign(*c)).take(SIGNS);
    signs.map(char::len_utf8).sum()
}

/// What stands at a word without a blank between: quotes, brackets, currency signs, the full stop.
fn is_sign(c: char) -> bool {
    !c.is_alphanumeric() && !c.is_whitespace() && !c.is_control()
}

/// Escapes everything; runs of blanks become one.
#[derive(Default)]
struct Html(String);

impl Html {
    fn push(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                c if c.is_whitespace() || c.is_control() => {
                    if !self.0.is_empty() && !self.0.ends_with(' ') {
                        self.0.push(' ');
                    }
                }
                c => self.0.push(c),
            }
        }
    }

    fn mark(&mut self, word: &str) {
        self.0.push_str("<mark>");
        self.push(word);
        self.0.push_str("</mark>");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn looking_for(words: &[&str]) -> Vec<Wanted> {
        words
            .iter()
            .map(|word| Wanted {
                word: word.trim_end_matches('*').to_owned(),
                begun: word.ends_with('*'),
            })
            .collect()
    }

    #[test]
    fn markup_in_a_document_stays_text() {
        let text = "<script>alert('x')</script>  Strom &\n\"Gas\"";
        assert_eq!(
            fragments(text, &looking_for(&["strom"])),
            [
                "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; <mark>Strom</mark> &amp; &quot;Gas&quot;"
            ]
        );
    }

    #[test]
    fn joined_accented_and_begun_words_are_marked() {
        let html = |text: &str, words: &[&str]| fragments(text, &looking_for(words)).join(" … ");
        assert_eq!(
            html("AB-4711/2024.", &["4711"]),
            "AB-<mark>4711</mark>/2024."
        );
        assert_eq!(
            html("die Straße, Crème", &["strasse", "creme"]),
            "die <mark>Straße</mark>, <mark>Crème</mark>"
        );
        assert_eq!(
            html("Rechnungen und Rechner", &["rechnung*"]),
            "<mark>Rechnungen</mark> und Rechner"
        );
        assert_eq!(html("nothing here", &["strom"]), "");
        assert_eq!(html("", &["strom"]), "");
    }

    #[test]
    fn pieces_are_few_short_and_where_most_words_are() {
        let filler = "filler ".repeat(60);
        let text = format!("tax {filler} the tax office and the duty {filler} duty");
        let pieces = fragments(&text, &looking_for(&["tax", "duty"]));
        assert_eq!(pieces.len(), 2);
        assert!(
            pieces.iter().any(
                |piece| piece.contains("the <mark>tax</mark> office and the <mark>duty</mark>")
            ),
            "{pieces:?}"
        );
        assert!(
            pieces
                .iter()
                .all(|piece| piece.split_whitespace().count() <= WIDTH),
            "{pieces:?}"
        );
    }

    #[test]
    fn long_words_and_lines_of_signs_do_not_make_a_long_piece() {
        let blob = "Zm9v".repeat(20_000);
        let text = format!(
            "{blob} tax {} tax {blob} {}",
            "-".repeat(9_000),
            "=".repeat(9_000)
        );
        for piece in fragments(&text, &looking_for(&["tax", "zm9v*"])) {
            assert!(piece.len() < 2 * REACH, "{}", piece.len());
        }
    }

    proptest! {
        #[test]
        fn there_is_no_markup_but_marks(text in "[ -~äß\\n]{0,300}", word in "[a-z]{1,3}") {
            for piece in fragments(&text, &looking_for(&[&format!("{word}*")])) {
                let plain = piece.replace("<mark>", "").replace("</mark>", "");
                prop_assert!(!plain.contains(['<', '>', '"', '\'']));
                prop_assert_eq!(piece.matches("<mark>").count(), piece.matches("</mark>").count());
                prop_assert!(piece.contains("<mark>"));
            }
        }
    }
}
