//! Text fit for the database and for search: no control characters, no marker characters.

/// Removes what no reader needs: control characters other than `\n` and `\t`, the private-use characters
/// U+E000 and U+E001 (search marks its hits with them), and non-characters. Line ends become `\n`.
pub fn clean_text(raw: &str) -> String {
    let mut clean = String::with_capacity(raw.len());
    let mut characters = raw.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' if characters.peek() == Some(&'\n') => {}
            '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => clean.push('\n'),
            '\n' | '\t' => clean.push(character),
            '\u{e000}' | '\u{e001}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {}
            _ if character.is_control() => {}
            _ => clean.push(character),
        }
    }
    clean
}

/// The longest prefix of at most `max_bytes` that ends between two characters.
pub(crate) fn prefix(text: &str, max_bytes: usize) -> &str {
    &text[..text.floor_char_boundary(max_bytes)]
}

#[cfg(test)]
mod tests {
    use super::{clean_text, prefix};

    #[test]
    fn keeps_words_lines_and_tabs() {
        assert_eq!(clean_text("a\tb\r\nc\rd\u{c}é漢🙂"), "a\tb\nc\nd\né漢🙂");
    }

    #[test]
    fn drops_control_and_marker_characters() {
        assert_eq!(
            clean_text("a\0b\u{e000}c\u{e001}d\u{1b}e\u{9f}f\u{feff}"),
            "abcdef"
        );
    }

    #[test]
    fn prefix_never_splits_a_character() {
        assert_eq!(prefix("aé", 2), "a");
        assert_eq!(prefix("aé", 3), "aé");
        assert_eq!(prefix("aé", 99), "aé");
    }
}
