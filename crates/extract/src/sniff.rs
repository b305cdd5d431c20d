//! The content type of a file, from its bytes. The name's extension only tells text-like types apart.

use crate::sniff_container::{sniff_ole, sniff_zip};

/// Every type [`sniff`] can answer.
const CONTENT_TYPES: [&str; 32] = [
    "application/epub+zip",
    "application/gzip",
    "application/json",
    "application/msword",
    "application/octet-stream",
    "application/pdf",
    "application/rtf",
    "application/vnd.ms-excel",
    "application/vnd.ms-outlook",
    "application/vnd.ms-powerpoint",
    "application/vnd.oasis.opendocument.presentation",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/x-ole-storage",
    "application/xml",
    "application/zip",
    "image/bmp",
    "image/gif",
    "image/heic",
    "image/jpeg",
    "image/png",
    "image/svg+xml",
    "image/tiff",
    "image/webp",
    "message/rfc822",
    "text/csv",
    "text/html",
    "text/markdown",
    "text/plain",
];

/// How far into a text its kind is looked for.
const TEXT_HEAD_BYTES: usize = 8 * 1024;

/// The content type of a file that starts with `head`; the more of the file, the surer the answer for archives.
/// `extension` is without the dot and is believed only where the bytes are text of no recognisable kind.
pub fn sniff(head: &[u8], extension: Option<&str>) -> &'static str {
    if let Some(content_type) = sniff_magic(head) {
        return content_type;
    }
    match text_head(head) {
        Some(text) => sniff_text(&text, extension),
        None => "application/octet-stream",
    }
}

/// The static form of a type [`sniff`] can answer.
pub(crate) fn known_content_type(content_type: &str) -> Option<&'static str> {
    CONTENT_TYPES
        .into_iter()
        .find(|known| *known == content_type)
}

fn sniff_magic(head: &[u8]) -> Option<&'static str> {
    let found = match head {
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => "image/png",
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => "image/gif",
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => "image/webp",
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => "image/tiff",
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => "image/bmp",
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] if is_heif(brand) => "image/heic",
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => sniff_zip(head),
        [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => sniff_ole(head),
        [0x1f, 0x8b, 8, ..] => "application/gzip",
        [b'{', b'\\', b'r', b't', b'f', ..] => "application/rtf",
        // Readers accept some junk before a PDF's header, and some scanners write it.
        _ if starts_pdf(&head[..head.len().min(1024)]) => "application/pdf",
        _ => return None,
    };
    Some(found)
}

fn starts_pdf(head: &[u8]) -> bool {
    let at_line_start = |start: usize| start == 0 || matches!(head[start - 1], b'\n' | b'\r' | 0);
    find(head, b"%PDF-").is_some_and(at_line_start)
}

fn is_heif(brand: &[u8]) -> bool {
    [
        b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif",
    ]
    .iter()
    .any(|known| brand.starts_with(*known))
}

/// The first few KiB as text, or `None` if they are not text in UTF-8, UTF-16 or an eight-bit code.
fn text_head(head: &[u8]) -> Option<String> {
    let whole = head.len() <= TEXT_HEAD_BYTES;
    let head = &head[..head.len().min(TEXT_HEAD_BYTES)];
    match head {
        [] => return None,
        [0xff, 0xfe, rest @ ..] => return Some(utf16_head(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => return Some(utf16_head(rest, u16::from_be_bytes)),
        _ => {}
    }
    let is_text_byte = |byte: &u8| {
        *byte >= b' ' && *byte != 0x7f || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b)
    };
    if !head.iter().all(is_text_byte) {
        return None;
    }
    let text = match str::from_utf8(head) {
        Ok(text) => text.to_owned(),
        Err(error) if error.error_len().is_none() && !whole => {
            String::from_utf8_lossy(&head[..error.valid_up_to()]).into_owned()
        }
        Err(_) => head.iter().map(|byte| char::from(*byte)).collect(),
    };
    Some(text.trim_start_matches('\u{feff}').to_owned())
}

fn utf16_head(bytes: &[u8], decode: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| decode([pair[0], pair[1]]));
    char::decode_utf16(units)
        .map(|character| character.unwrap_or('\u{fffd}'))
        .collect()
}

fn sniff_text(text: &str, extension: Option<&str>) -> &'static str {
    let start = text.trim_start();
    if let Some(content_type) = sniff_markup(start) {
        return content_type;
    }
    if is_email(start) {
        return "message/rfc822";
    }
    match extension.unwrap_or_default().to_ascii_lowercase().as_str() {
        "csv" | "tsv" => "text/csv",
        "md" | "markdown" => "text/markdown",
        "json" if start.starts_with(['{', '[']) => "application/json",
        _ => "text/plain",
    }
}

fn sniff_markup(start: &str) -> Option<&'static str> {
    if !start.starts_with('<') {
        return None;
    }
    let lower = start.to_ascii_lowercase();
    let is_html = ["<!doctype html", "<html", "<head", "<body"]
        .iter()
        .any(|tag| lower.starts_with(tag));
    let is_xml = lower.starts_with("<?xml");
    if is_html || (lower.starts_with("<!--") || is_xml) && lower.contains("<html") {
        Some("text/html")
    } else if lower.starts_with("<svg") || is_xml && lower.contains("<svg") {
        Some("image/svg+xml")
    } else {
        is_xml.then_some("application/xml")
    }
}

/// An e-mail starts with header lines, at least two of them well known.
fn is_email(start: &str) -> bool {
    const HEADERS: [&str; 14] = [
        "received",
        "return-path",
        "delivered-to",
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "mime-version",
        "content-type",
        "reply-to",
        "x-mailer",
        "dkim-signature",
        "cc",
    ];
    let mut known = 0;
    for line in start.lines().take_while(|line| !line.is_empty()) {
        if line.starts_with([' ', '\t']) {
            continue;
        }
        let Some((name, _)) = line.split_once(':') else {
            return false;
        };
        if name.is_empty()
            || !name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        {
            return false;
        }
        known += usize::from(HEADERS.contains(&name.to_ascii_lowercase().as_str()));
    }
    // A letter may well start with "From:" and "To:"; what only a mail program writes decides.
    let lower = start.to_ascii_lowercase();
    let mechanical = ["message-id:", "mime-version:", "received:", "return-path:"];
    known >= 2
        && mechanical
            .iter()
            .any(|header| lower.lines().any(|line| line.starts_with(header)))
}

pub(crate) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::{CONTENT_TYPES, known_content_type, sniff};

    #[test]
    fn pictures_and_pdf_by_their_first_bytes() {
        let table: [(&[u8], &str); 9] = [
            (b"%PDF-1.7\n", "application/pdf"),
            (b"junk before\n%PDF-1.4", "application/pdf"),
            (b"\x89PNG\r\n\x1a\nrest", "image/png"),
            (b"\xff\xd8\xff\xe0rest", "image/jpeg"),
            (b"GIF89a", "image/gif"),
            (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
            (b"II*\0rest", "image/tiff"),
            (b"BM\x10\0\0\0\0\0\0\0rest", "image/bmp"),
            (b"\0\0\0\x18ftypheic", "image/heic"),
        ];
        for (bytes, expected) in table {
            assert_eq!(sniff(bytes, Some("txt")), expected);
        }
    }

    #[test]
    fn a_text_about_pdf_is_a_text() {
        assert_eq!(
            sniff(b"Files start with %PDF-1.7 and a number.", Some("pdf")),
            "text/plain"
        );
    }

    #[test]
    fn extension_refines_text_and_nothing_else() {
        assert_eq!(sniff(b"a,b\n1,2\n", Some("CSV")), "text/csv");
        assert_eq!(sniff(b"# Title\n", Some("md")), "text/markdown");
        assert_eq!(sniff(b"hello", Some("pdf")), "text/plain");
        assert_eq!(sniff(b"hello", Some("html")), "text/plain");
        assert_eq!(
            sniff(b"\0\x01\x02binary", Some("csv")),
            "application/octet-stream"
        );
        assert_eq!(sniff(b"", Some("txt")), "application/octet-stream");
        assert_eq!(
            sniff(b"MZ\x90\0\x03", Some("md")),
            "application/octet-stream"
        );
    }

    #[test]
    fn text_in_other_codes() {
        assert_eq!(sniff("Grüße".as_bytes(), None), "text/plain");
        assert_eq!(sniff(b"Gr\xfc\xdfe aus K\xf6ln", None), "text/plain");
        assert_eq!(sniff(b"\xff\xfeh\0i\0", None), "text/plain");
        let long = "é".repeat(5_000);
        assert_eq!(sniff(format!("x{long}").as_bytes(), None), "text/plain");
    }

    #[test]
    fn markup_and_mail() {
        assert_eq!(sniff(b"  <!DOCTYPE html><p>x", Some("txt")), "text/html");
        assert_eq!(sniff(b"<?xml version='1.0'?><svg/>", None), "image/svg+xml");
        assert_eq!(
            sniff(b"<?xml version='1.0'?><note/>", None),
            "application/xml"
        );
        assert_eq!(sniff(b"{\\rtf1 x}", None), "application/rtf");
        let mail = b"Received: from a\r\n by b\r\nFrom: a@b.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n\r\nhello";
        assert_eq!(sniff(mail, Some("txt")), "message/rfc822");
        assert_eq!(
            sniff(b"From: me\nTo: you\n\nDear you, ...", None),
            "text/plain"
        );
        assert_eq!(sniff(b"Note: buy milk\nSubject: life", None), "text/plain");
    }

    #[test]
    fn the_table_is_sorted_and_complete_enough_to_look_up() {
        assert!(CONTENT_TYPES.is_sorted());
        assert_eq!(known_content_type("image/png"), Some("image/png"));
        assert_eq!(known_content_type("text/evil"), None);
    }
}
