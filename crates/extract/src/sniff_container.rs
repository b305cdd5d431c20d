//! Which kind of document a ZIP archive or an OLE file holds, from the names inside it.

use crate::sniff::find;

/// The part by which each kind of Office document is known.
const OFFICE_PARTS: [(&[u8], &str); 3] = [
    (
        b"word/document",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    (
        b"xl/workbook",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    (
        b"ppt/presentation",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
];

/// Names are looked for at both ends of the file.
const SEARCHED_BYTES: usize = 256 * 1024;

pub(crate) fn sniff_zip(file: &[u8]) -> &'static str {
    if let Some(content_type) = declared_type(file) {
        return content_type;
    }
    // A presentation may hold a workbook, and show its names too. In the directory stand only its own; without it, they come first.
    let names = directory(file).unwrap_or(&file[..file.len().min(SEARCHED_BYTES)]);
    if find(names, b"[Content_Types].xml").is_none() {
        return "application/zip";
    }
    let found = OFFICE_PARTS
        .iter()
        .filter_map(|(part, content_type)| Some((find(names, part)?, *content_type)));
    found
        .min()
        .map_or("application/zip", |(_, content_type)| content_type)
}

/// The list of all entries at the end of an archive, if the file is there to its end.
fn directory(file: &[u8]) -> Option<&[u8]> {
    const END: &[u8] = b"PK\x05\x06";
    const COMMENT_BYTES: usize = 65_557;
    let tail_at = file.len().saturating_sub(COMMENT_BYTES);
    let end = file[tail_at..]
        .windows(END.len())
        .rposition(|window| window == END)?;
    let number = |at: usize| {
        let bytes = file.get(tail_at + end + at..tail_at + end + at + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
    };
    let (size, start) = (number(12)?, number(16)?);
    file.get(start..start.checked_add(size)?)
        .filter(|_| size > 0)
}

/// ODF and EPUB start with a stored entry called `mimetype` that holds the type in the clear.
fn declared_type(file: &[u8]) -> Option<&'static str> {
    const NAME_AT: usize = 30;
    let name = file.get(NAME_AT..NAME_AT + 8)?;
    if name != b"mimetype" {
        return None;
    }
    let extra_length = u16::from_le_bytes([*file.get(28)?, *file.get(29)?]);
    let declared = file.get(NAME_AT + 8 + usize::from(extra_length)..)?;
    [
        "application/epub+zip",
        "application/vnd.oasis.opendocument.presentation",
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.oasis.opendocument.text",
    ]
    .into_iter()
    .find(|known| declared.starts_with(known.as_bytes()))
}

pub(crate) fn sniff_ole(file: &[u8]) -> &'static str {
    let holds = |name: &str| {
        let utf16: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        contains(file, &utf16)
    };
    if holds("__substg1.0_") {
        "application/vnd.ms-outlook"
    } else if holds("WordDocument") {
        "application/msword"
    } else if holds("PowerPoint Document") {
        "application/vnd.ms-powerpoint"
    } else if holds("Workbook") {
        "application/vnd.ms-excel"
    } else {
        "application/x-ole-storage"
    }
}

fn contains(file: &[u8], name: &[u8]) -> bool {
    let head = &file[..file.len().min(SEARCHED_BYTES)];
    let tail = &file[file.len().saturating_sub(SEARCHED_BYTES)..];
    find(head, name).is_some() || find(tail, name).is_some()
}

#[cfg(test)]
mod tests {
    use crate::sniff;

    /// A local file header with the given name and content, as ZIP writers start a file.
    fn zip_entry(name: &str, content: &str) -> Vec<u8> {
        let mut entry = b"PK\x03\x04".to_vec();
        entry.extend([0; 22]);
        entry.extend((name.len() as u16).to_le_bytes());
        entry.extend([0, 0]);
        entry.extend(name.bytes());
        entry.extend(content.bytes());
        entry
    }

    #[test]
    fn office_documents_by_their_entries() {
        let word = [
            zip_entry("[Content_Types].xml", "x"),
            zip_entry("word/document.xml", "x"),
        ]
        .concat();
        assert!(sniff(&word, Some("zip")).ends_with("wordprocessingml.document"));
        let sheet = [
            zip_entry("[Content_Types].xml", "x"),
            zip_entry("xl/workbook.xml", "x"),
        ]
        .concat();
        assert!(sniff(&sheet, None).ends_with("spreadsheetml.sheet"));
        let text = zip_entry("mimetype", "application/vnd.oasis.opendocument.textPK");
        assert_eq!(
            sniff(&text, None),
            "application/vnd.oasis.opendocument.text"
        );
        let other = zip_entry("holiday.jpg", "x");
        assert_eq!(sniff(&other, Some("docx")), "application/zip");
    }

    #[test]
    fn what_a_document_holds_is_not_what_it_is() {
        let workbook = [
            zip_entry("[Content_Types].xml", "x"),
            zip_entry("xl/workbook.xml", "x"),
        ]
        .concat();
        let workbook = String::from_utf8(workbook).unwrap();
        let mut slides = [
            zip_entry("[Content_Types].xml", "x"),
            zip_entry("ppt/embeddings/costs.xlsx", &workbook),
        ]
        .concat();
        let mut early = zip_entry("[Content_Types].xml", "x");
        early.extend(zip_entry("ppt/presentation.xml", "x"));
        early.extend(&slides);
        assert!(sniff(&early, None).ends_with("presentationml.presentation"));

        slides.extend(zip_entry("ppt/presentation.xml", "x"));
        let directory = b"[Content_Types].xml ppt/embeddings/costs.xlsx ppt/presentation.xml";
        let start = slides.len() as u32;
        slides.extend(directory);
        slides.extend(b"PK\x05\x06\0\0\0\0\0\0\0\0");
        slides.extend((directory.len() as u32).to_le_bytes());
        slides.extend(start.to_le_bytes());
        slides.extend(b"\0\0");
        assert!(sniff(&slides, None).ends_with("presentationml.presentation"));
    }

    #[test]
    fn ole_documents_by_their_streams() {
        let mut file = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
        assert_eq!(sniff(&file, Some("doc")), "application/x-ole-storage");
        file.extend("WordDocument".encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(sniff(&file, None), "application/msword");
    }
}
