//! Words: cleaning a text, folding spellings onto each other, and cutting a text into tokens.

use std::collections::HashSet;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Longer runs of letters are noise (encoded data, missing spaces), not words.
const MAX_WORD_CHARS: usize = 40;

/// One word of a text. `start..end` are byte offsets into that text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    pub(crate) folded: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Folds case, accents and ligatures away: `Gebühren` and `gebuhren` become the same.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    for character in text
        .nfkd()
        .filter(|character| !is_combining_mark(*character))
    {
        match character {
            'ß' | 'ẞ' => folded.push_str("ss"),
            'æ' | 'Æ' => folded.push_str("ae"),
            'œ' | 'Œ' => folded.push_str("oe"),
            'ø' | 'Ø' => folded.push('o'),
            'ł' | 'Ł' => folded.push('l'),
            'đ' | 'Đ' => folded.push('d'),
            _ => folded.extend(character.to_lowercase()),
        }
    }
    folded
}

/// The start of `text`, at most `max_bytes` long and cut between characters.
pub(crate) fn head(text: &str, max_bytes: usize) -> &str {
    &text[..text.floor_char_boundary(max_bytes)]
}

/// Composes characters, joins words broken at line ends and evens out control characters, so that
/// the rest of the crate sees one spelling of every text. Line ends become `\n`, page ends stay `\x0c`.
pub(crate) fn clean(text: &str) -> String {
    let composed: Vec<char> = text
        .nfkc()
        .filter(|character| !matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{feff}'))
        .collect();
    let mut cleaned = String::with_capacity(text.len());
    let mut index = 0;
    while let Some(&character) = composed.get(index) {
        let next = composed.get(index + 1).copied();
        let after = composed.get(index + 2).copied();
        let broken_word = character == '-'
            && next == Some('\n')
            && index > 0
            && composed[index - 1].is_lowercase()
            && after.is_some_and(char::is_lowercase);
        if broken_word {
            index += 2;
            continue;
        }
        match character {
            '\r' if next == Some('\n') => {}
            '\r' => cleaned.push('\n'),
            '\n' | '\x0c' | '\t' => cleaned.push(character),
            _ if character.is_control() => cleaned.push(' '),
            _ => cleaned.push(character),
        }
        index += 1;
    }
    cleaned
}

/// Cuts `text` into words of letters and digits. Scripts written without spaces give pairs of characters.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut start = None;
    for (offset, character) in text.char_indices() {
        if character.is_alphanumeric() || (start.is_some() && is_combining_mark(character)) {
            start.get_or_insert(offset);
        } else if let Some(begin) = start.take() {
            push_word(text, begin, offset, &mut found);
        }
    }
    if let Some(begin) = start {
        push_word(text, begin, text.len(), &mut found);
    }
    found
}

fn push_word(text: &str, start: usize, end: usize, found: &mut Vec<Token>) {
    let word = &text[start..end];
    if word.chars().next().is_some_and(is_unspaced) {
        let offsets: Vec<usize> = word
            .char_indices()
            .map(|(offset, _)| start + offset)
            .chain([end])
            .collect();
        for pair in offsets.windows(3) {
            let folded = fold(&text[pair[0]..pair[2]]);
            found.push(Token {
                folded,
                start: pair[0],
                end: pair[2],
            });
        }
    } else if word.chars().nth(MAX_WORD_CHARS).is_none() {
        found.push(Token {
            folded: fold(word),
            start,
            end,
        });
    }
}

/// Chinese and Japanese characters, which follow each other without spaces.
fn is_unspaced(character: char) -> bool {
    matches!(character, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}

/// Whether a folded word is too usual to tell papers apart.
pub(crate) fn is_stopword(folded: &str) -> bool {
    static STOPWORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
        include_str!("../data/stopwords.txt")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .flat_map(str::split_whitespace)
            .collect()
    });
    STOPWORDS.contains(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_meets_every_spelling() {
        assert_eq!(fold("Gebühren"), "gebuhren");
        assert_eq!(fold("Gebu\u{308}hren"), "gebuhren");
        assert_eq!(fold("STRASSE"), fold("Straße"));
        assert_eq!(fold("Société Générale"), "societe generale");
    }

    #[test]
    fn words_broken_at_line_ends_are_joined() {
        assert_eq!(clean("Rech-\nnung"), "Rechnung");
        assert_eq!(clean("Tel. 0-\n1"), "Tel. 0-\n1");
        assert_eq!(clean("Baden-\nBaden"), "Baden-\nBaden");
        assert_eq!(clean("a\r\nb\rc\0d"), "a\nb\nc d");
    }

    #[test]
    fn scripts_without_spaces_give_pairs() {
        let words: Vec<String> = tokens("請求書 ok")
            .into_iter()
            .map(|token| token.folded)
            .collect();
        assert_eq!(words, ["請求", "求書", "ok"]);
    }
}
