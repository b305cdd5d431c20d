//! How a stored file presents itself to a browser: only harmless types are shown, everything else is saved.

use std::fmt::Write;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::Disposition;

/// Longest name in a header, in characters; longer ones lose their middle, not their extension.
const MAX_NAME_CHARS: usize = 200;
/// Longest ending that is still taken for an extension.
const MAX_EXTENSION_CHARS: usize = 16;
/// For names of which nothing is left.
const NAMELESS: &str = "document";
/// Types a browser may show: none of them can run script.
const SHOWN: [&str; 5] = [
    "application/pdf",
    "image/png",
    "image/jpeg",
    "image/webp",
    "image/gif",
];
/// What RFC 8187 leaves unescaped.
const ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// The headers a stored type may be answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServedAs {
    /// `Content-Type`, from a fixed list.
    pub content_type: &'static str,
    /// As asked for, or saved where showing is not safe.
    pub disposition: Disposition,
}

/// Decides from our record of the type, never from the client's or the store's word. Also send `nosniff`.
pub fn served_as(content_type: &str, wanted: Disposition) -> ServedAs {
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let shown = SHOWN.into_iter().find(|shown| *shown == essence);
    // Without a charset a browser may guess one in which harmless bytes are markup.
    let shown = shown.or((essence == "text/plain").then_some("text/plain;charset=utf-8"));
    match shown {
        Some(content_type) => ServedAs {
            content_type,
            disposition: wanted,
        },
        None => ServedAs {
            content_type: "application/octet-stream",
            disposition: Disposition::Attachment,
        },
    }
}

/// The `Content-Disposition` header (RFC 6266): an ASCII name for old readers, the real one for all others.
pub fn content_disposition(disposition: Disposition, file_name: &str) -> String {
    let name = safe_file_name(file_name);
    let ascii: String = name.chars().map(ascii_or_underscore).collect();
    let kind = match disposition {
        Disposition::Inline => "inline",
        Disposition::Attachment => "attachment",
    };
    let mut header = format!("{kind}; filename=\"{ascii}\"");
    if ascii != name {
        // Writing to a String cannot fail.
        let _ = write!(
            header,
            "; filename*=UTF-8''{}",
            utf8_percent_encode(&name, ATTR_CHAR)
        );
    }
    header
}

/// Quotes and backslashes end a quoted string, and some browsers decode `%41` in it.
fn ascii_or_underscore(char: char) -> char {
    match char {
        '"' | '\\' | '%' => '_',
        ' '..='~' => char,
        _ => '_',
    }
}

/// `file_name` as it may be offered for saving: without paths, control characters and characters that disguise it.
pub fn safe_file_name(file_name: &str) -> String {
    let visible: String = file_name
        .chars()
        .filter(|char| !char.is_control() && !disguises(*char))
        .map(|char| {
            if matches!(char, '/' | '\\') {
                '_'
            } else {
                char
            }
        })
        .collect();
    // A leading dot hides a file, trailing dots and spaces are dropped by Windows.
    let trimmed = visible
        .trim_start_matches(['.', ' '])
        .trim_end_matches(['.', ' ']);
    if trimmed.is_empty() {
        NAMELESS.to_owned()
    } else {
        shortened(trimmed)
    }
}

/// Characters that are invisible or turn the reading direction, so that `exe.pdf` is not what it seems.
fn disguises(char: char) -> bool {
    matches!(char, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn shortened(name: &str) -> String {
    let chars = name.chars().count();
    if chars <= MAX_NAME_CHARS {
        return name.to_owned();
    }
    let extension = name
        .rfind('.')
        .map(|dot| &name[dot..])
        .filter(|extension| extension.chars().count() <= MAX_EXTENSION_CHARS)
        .unwrap_or_default();
    let kept = MAX_NAME_CHARS - extension.chars().count();
    let stem: String = name.chars().take(kept).collect();
    format!("{stem}{extension}")
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode_str;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_listed_types_are_shown() {
        let inline = |content_type| served_as(content_type, Disposition::Inline);
        for (given, answered) in [
            ("application/pdf", "application/pdf"),
            ("Image/PNG", "image/png"),
            ("image/jpeg; q=1", "image/jpeg"),
            ("text/plain", "text/plain;charset=utf-8"),
            ("text/plain; charset=utf-7", "text/plain;charset=utf-8"),
        ] {
            assert_eq!(
                inline(given),
                ServedAs {
                    content_type: answered,
                    disposition: Disposition::Inline
                }
            );
        }
        for hostile in [
            "text/html",
            "image/svg+xml",
            "application/xml",
            "application/xhtml+xml",
            "",
            "text/plain\r\nX: y",
        ] {
            let expected = ServedAs {
                content_type: "application/octet-stream",
                disposition: Disposition::Attachment,
            };
            assert_eq!(inline(hostile), expected, "{hostile:?}");
        }
        assert_eq!(
            served_as("application/pdf", Disposition::Attachment).disposition,
            Disposition::Attachment
        );
    }

    #[test]
    fn names_become_headers() {
        let header = |name| content_disposition(Disposition::Attachment, name);
        assert_eq!(
            header("Invoice 7.pdf"),
            r#"attachment; filename="Invoice 7.pdf""#
        );
        assert_eq!(
            header("Überweisung €.pdf"),
            r#"attachment; filename="_berweisung _.pdf"; filename*=UTF-8''%C3%9Cberweisung%20%E2%82%AC.pdf"#
        );
        assert_eq!(
            header("a\"b\\c%41.pdf"),
            r#"attachment; filename="a_b_c_41.pdf"; filename*=UTF-8''a%22b_c%2541.pdf"#
        );
        assert_eq!(
            header("x\r\nSet-Cookie: a=b"),
            r#"attachment; filename="xSet-Cookie: a=b""#
        );
        assert_eq!(
            header("../../etc/passwd"),
            r#"attachment; filename="_.._etc_passwd""#
        );
        assert_eq!(
            header("gpj\u{202e}fdp.exe"),
            r#"attachment; filename="gpjfdp.exe""#
        );
        assert_eq!(header("\0\u{7f}..."), r#"attachment; filename="document""#);
        assert_eq!(
            content_disposition(Disposition::Inline, "a"),
            r#"inline; filename="a""#
        );
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let name = safe_file_name(&format!("{}.tiff", "ü".repeat(400)));
        assert_eq!(name.chars().count(), MAX_NAME_CHARS);
        assert!(name.ends_with("ü.tiff"));
    }

    proptest! {
        #[test]
        fn a_header_is_one_line_and_says_the_safe_name(name in any::<String>()) {
            let header = content_disposition(Disposition::Attachment, &name);
            prop_assert!(header.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{header}");
            let rest = header.strip_prefix("attachment; filename=\"").unwrap();
            let (ascii, rest) = rest.split_once('"').unwrap();
            let encoded = rest.strip_prefix("; filename*=UTF-8''");
            prop_assert!(encoded.is_some() || rest.is_empty());
            let said = percent_decode_str(encoded.unwrap_or(ascii)).decode_utf8().unwrap();
            prop_assert_eq!(said, safe_file_name(&name));
        }

        #[test]
        fn a_safe_name_is_safe_and_stays_as_it_is(name in any::<String>()) {
            let safe = safe_file_name(&name);
            prop_assert!(!safe.is_empty() && !safe.starts_with('.') && safe.chars().count() <= MAX_NAME_CHARS);
            prop_assert!(!safe.chars().any(|char| char.is_control() || disguises(char) || "/\\".contains(char)));
            prop_assert_eq!(safe_file_name(&safe), safe);
        }
    }
}
