//! Text files: plain, Markdown, CSV, JSON, in UTF-8, UTF-16 or the old Western code of Windows.

use docuvault_extract::TextSource;

use crate::findings::Findings;

/// The file as one page.
pub fn read(bytes: &[u8]) -> Findings {
    Findings::single_page(decode(bytes), TextSource::Text)
}

/// Follows the byte order mark if there is one, else takes valid UTF-8 for what it is and the rest for Windows-1252.
pub fn decode(bytes: &[u8]) -> String {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        [0xff, 0xfe, rest @ ..] => decode_utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => decode_utf16(rest, u16::from_be_bytes),
        _ => match str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes
                .iter()
                .map(|byte| decode_windows_1252(*byte))
                .collect(),
        },
    }
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units)
        .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// Latin-1 except for the 32 codes that Windows fills with printable characters.
fn decode_windows_1252(byte: u8) -> char {
    const FROM_0X80: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    match byte {
        0x80..0xa0 => FROM_0X80[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn follows_the_code_of_the_file() {
        assert_eq!(decode("Grüße €".as_bytes()), "Grüße €");
        assert_eq!(decode(b"\xef\xbb\xbfhi"), "hi");
        assert_eq!(decode(b"\xff\xfeh\0\xfc\0"), "hü");
        assert_eq!(decode(b"\xfe\xff\0h\0\xfc"), "hü");
        assert_eq!(decode(b"Gr\xfc\xdfe 5 \x80 \x84so\x93"), "Grüße 5 € „so“");
    }
}
