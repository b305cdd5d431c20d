//! Office documents, web pages and books, through `xberg`.

use docuvault_extract::protocol::Failure;
use docuvault_extract::{Limits, PageText, Properties, TextSource};
use xberg::{ExtractInput, ExtractedDocument, ExtractionConfig, SecurityLimits, XbergError};

use crate::findings::Findings;
use crate::{archive, compound_file, outlook, picture, slides};

const OLE_ENCRYPTED_STREAM: &str = "EncryptedPackage";

const EXCEL_97: &str = "application/vnd.ms-excel";
const OUTLOOK: &str = "application/vnd.ms-outlook";
/// Larger previews are not previews.
const PREVIEW_BYTES: u64 = 16 << 20;

/// Whether this parser is the one for the content type.
pub fn reads(content_type: &str) -> bool {
    is_zip_based(content_type)
        || matches!(
            content_type,
            "application/msword"
                | "application/rtf"
                | EXCEL_97
                | OUTLOOK
                | "application/vnd.ms-powerpoint"
                | "application/x-ole-storage"
                | "application/xml"
                | "text/html"
        )
}

fn is_zip_based(content_type: &str) -> bool {
    content_type == "application/epub+zip"
        || content_type.starts_with("application/vnd.oasis.opendocument.")
        || content_type.starts_with("application/vnd.openxmlformats-officedocument.")
}

/// Reads one document; slides and sheets are its pages, everything else is one page.
pub fn read(
    bytes: Vec<u8>,
    content_type: &'static str,
    limits: &Limits,
) -> Result<Findings, Failure> {
    if is_zip_based(content_type) {
        archive::check(&bytes, limits)?;
    } else if content_type == EXCEL_97 {
        compound_file::check(&bytes)?;
    } else if content_type == "application/x-ole-storage" {
        return Err(if holds_encrypted_package(&bytes) {
            Failure::Encrypted
        } else {
            Failure::Unsupported
        });
    }
    let attachments = if content_type == OUTLOOK {
        outlook::attachments(&bytes, limits)
    } else {
        Vec::new()
    };
    let preview = is_zip_based(content_type)
        .then(|| archive::preview_picture(&bytes, PREVIEW_BYTES))
        .flatten();
    let slides = is_presentation(content_type)
        .then(|| archive::entry(&bytes, "content.xml", limits.expanded_bytes))
        .flatten()
        .map(|xml| slides::read(&xml))
        .unwrap_or_default();
    let mut findings = read_text(bytes, content_type, limits)?;
    if !slides.is_empty() {
        findings.page_count = slides.len() as u32;
        findings.pages = slides;
    }
    findings.attachments = attachments;
    if let Some(preview) = preview {
        let limits = limits.clone();
        findings.first_page = Some(Box::new(move |_| picture::decode(&preview, &limits).ok()));
    }
    Ok(findings)
}

fn read_text(
    bytes: Vec<u8>,
    content_type: &'static str,
    limits: &Limits,
) -> Result<Findings, Failure> {
    let mut document = extract(bytes, content_type, None, limits)?;
    if content_type == "application/epub+zip" {
        document.content = without_picture_names(&document.content);
    }
    if is_spreadsheet(content_type) {
        document
            .pages
            .iter_mut()
            .flatten()
            .for_each(|page| page.content = table_text(&page.content));
    }
    let mut properties = properties(&mut document);
    if content_type == OUTLOOK {
        properties = of_message(properties, &document.content);
    }
    let mut pages: Vec<PageText> = document
        .pages
        .unwrap_or_default()
        .into_iter()
        .map(page_text)
        .collect();
    pages.sort_by_key(|page| page.number);
    pages.dedup_by_key(|page| page.number);
    if pages.iter().all(|page| page.text.trim().is_empty()) {
        return Ok(Findings {
            properties,
            ..Findings::single_page(document.content, TextSource::Text)
        });
    }
    let page_count = pages.last().map_or(0, |page| page.number);
    Ok(Findings {
        pages,
        page_count,
        properties,
        ..Findings::default()
    })
}

fn page_text(page: xberg::PageContent) -> PageText {
    let notes = page
        .speaker_notes
        .map(|notes| format!("\n\n{notes}"))
        .unwrap_or_default();
    PageText {
        number: page.page_number,
        text: page.content + &notes,
        source: TextSource::Text,
        confidence: None,
    }
}

fn is_presentation(content_type: &str) -> bool {
    content_type == "application/vnd.oasis.opendocument.presentation"
}

/// Books come with the names of their pictures in brackets where the pictures are.
fn without_picture_names(text: &str) -> String {
    let is_name = |line: &&str| line.starts_with("[Image: ") && line.ends_with(']');
    let lines: Vec<&str> = text.lines().filter(|line| !is_name(line)).collect();
    lines.join("\n")
}

/// A message is titled by its subject and comes from someone, whom its second line names with the address.
fn of_message(raw: Properties, text: &str) -> Properties {
    let from = text
        .lines()
        .take(5)
        .find_map(|line| line.strip_prefix("From: "));
    Properties {
        title: raw.title.or(raw.subject),
        author: None,
        subject: None,
        sender: from.map(str::to_owned).or(raw.author),
        created: raw.created,
    }
}

fn is_spreadsheet(content_type: &str) -> bool {
    content_type.contains("spreadsheet") || content_type == EXCEL_97
}

/// Sheets come as Markdown: turns its tables into rows of cells between tabs, and its headings into lines.
fn table_text(markdown: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in markdown.lines().map(str::trim) {
        let is_rule = !line.is_empty()
            && line
                .chars()
                .all(|character| matches!(character, '|' | '-' | ':' | ' '));
        let cells = line.strip_prefix('|').and_then(|row| row.strip_suffix('|'));
        let text = match cells {
            Some(cells) => cells
                .split(" | ")
                .map(str::trim)
                .collect::<Vec<_>>()
                .join("\t")
                .replace("\\|", "|")
                .trim_end()
                .to_owned(),
            None => line.trim_start_matches('#').trim().to_owned(),
        };
        // The name of a sheet comes twice; rows that are alike are all there.
        let is_repeated_name = cells.is_none() && lines.last() == Some(&text);
        if !is_rule && !text.trim().is_empty() && !is_repeated_name {
            lines.push(text);
        }
    }
    lines.join("\n")
}

/// Password-protected Office documents are an OLE file around an encrypted archive.
fn holds_encrypted_package(bytes: &[u8]) -> bool {
    let name: Vec<u8> = OLE_ENCRYPTED_STREAM
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    bytes.windows(name.len()).any(|window| window == name)
}

/// Runs `xberg` on the bytes (a PDF's password is the only one it takes): in memory, without its cache (which would keep documents in the home folder),
/// without OCR (which is ours), pages apart.
pub fn extract(
    bytes: Vec<u8>,
    content_type: &str,
    password: Option<&str>,
    limits: &Limits,
) -> Result<ExtractedDocument, Failure> {
    let config = ExtractionConfig {
        use_cache: false,
        disable_ocr: true,
        pages: Some(xberg::PageConfig {
            extract_pages: true,
            ..Default::default()
        }),
        // Looking for tables among the lines of a drawing takes gigabytes; the text is the same without.
        pdf_options: Some(xberg::PdfConfig {
            extract_tables: false,
            passwords: password.map(|password| vec![password.to_owned()]),
            ..Default::default()
        }),
        max_archive_depth: 1,
        max_embedded_file_bytes: Some(0),
        security_limits: Some(SecurityLimits {
            max_archive_size: limits.expanded_bytes as usize,
            max_compression_ratio: usize::MAX,
            max_files_in_archive: limits.archive_entries,
            max_table_cells: 1_000_000,
            ..SecurityLimits::default()
        }),
        ..ExtractionConfig::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|_| Failure::OutOfMemory)?;
    let input = ExtractInput::from_bytes(bytes, content_type, None);
    let result = runtime
        .block_on(xberg::extract(input, &config))
        .map_err(|error| failure(&error))?;
    match result.errors.first() {
        Some(error) => Err(failure_by_name(&error.error_type, &error.message)),
        None => result.results.into_iter().next().ok_or(Failure::Damaged),
    }
}

fn failure(error: &XbergError) -> Failure {
    let name = match error {
        XbergError::Security { .. } => "security",
        XbergError::UnsupportedFormat(_) => "unsupported_format",
        _ => "parsing",
    };
    failure_by_name(name, &error.to_string())
}

fn failure_by_name(name: &str, message: &str) -> Failure {
    if name.contains("security") {
        Failure::LimitExceeded("document_complexity".to_owned())
    } else if name.contains("unsupported") {
        Failure::Unsupported
    } else if message.contains("password") || message.contains("encrypted") {
        Failure::Encrypted
    } else {
        Failure::Damaged
    }
}

/// What the document says about itself, taken out of it, without the words programs put there by themselves.
pub fn properties(document: &mut ExtractedDocument) -> Properties {
    const PLACEHOLDERS: [&str; 5] = ["untitled", "anonymous", "unspecified", "unknown", "none"];
    let metadata = &mut document.metadata;
    let meant = |value: Option<String>| {
        value.filter(|value| !PLACEHOLDERS.contains(&value.trim().to_lowercase().as_str()))
    };
    let authors = metadata.authors.take().map(|authors| authors.join(", "));
    Properties {
        title: meant(metadata.title.take()),
        author: meant(authors.or(metadata.created_by.take())),
        subject: meant(metadata.subject.take()),
        sender: None,
        created: metadata.created_at.take(),
    }
}

#[cfg(test)]
mod tests {
    use super::table_text;

    #[test]
    fn sheets_become_lines_of_cells() {
        let markdown = "## Costs\n\n## Costs\n\n| Item | EUR |\n| --- | --- |\n| Rent | 780 |\n| Rent | 780 |\n| a\\|b |  |\n";
        assert_eq!(
            table_text(markdown),
            "Costs\nItem\tEUR\nRent\t780\nRent\t780\na|b"
        );
    }
}
