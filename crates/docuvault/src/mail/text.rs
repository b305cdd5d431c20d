//! Makes text of what others have chosen, so that a name can neither break a letter's lines nor become a link.

/// Longest name that a letter shows.
const NAME_CHARS: usize = 80;
const DEVICE_CHARS: usize = 200;

/// A name of someone: on one line, and nothing that a mail program would make a link of.
pub fn name(name: &str) -> String {
    let mut shown = String::new();
    for word in one_line(name, NAME_CHARS).split(' ') {
        if !shown.is_empty() {
            shown.push(' ');
        }
        // example.org → example. org
        let mut chars = word.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '/' | '\\' | '@' | ':' => shown.push(' '),
                '.' if chars.peek().is_some() => shown.push_str(". "),
                c => shown.push(c),
            }
        }
    }
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a browser says it is.
pub fn device(user_agent: &str) -> String {
    one_line(user_agent, DEVICE_CHARS).replace("://", " ")
}

/// An address, which must not be anything else.
pub fn address(address: &str) -> String {
    one_line(address, usize::MAX)
}

fn one_line(text: &str, chars: usize) -> String {
    let clean: String = text
        .chars()
        .map(|c| {
            if c.is_control() || is_invisible(c) {
                ' '
            } else {
                c
            }
        })
        .collect();
    let words = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().take(chars).collect()
}

/// Line separators, and marks that turn the direction of the text around them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_on_its_line_and_becomes_no_link() {
        assert_eq!(name("Zoë  O'Neill"), "Zoë O'Neill");
        assert_eq!(name("Dr. J.R. Müller"), "Dr. J. R. Müller");
        assert_eq!(
            name("Ann\r\nBcc: eve@example.org"),
            "Ann Bcc eve example. org"
        );
        assert_eq!(
            name("click https://evil.example/x now"),
            "click https evil. example x now"
        );
        assert_eq!(name("\u{202E}nnA\u{2028}x"), "nnA x");
        assert_eq!(name(&"n".repeat(500)).len(), NAME_CHARS);
    }

    #[test]
    fn a_device_is_one_line_of_limited_length() {
        assert_eq!(device("Mozilla/5.0\r\n (X11)"), "Mozilla/5.0 (X11)");
        assert_eq!(device(&"x ".repeat(500)).chars().count(), DEVICE_CHARS);
    }
}
