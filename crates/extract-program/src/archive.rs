//! Checks a ZIP-based document before any parser unpacks it: how much comes out is counted while inflating, because
//! the sizes an archive states about itself are the author's word.

use std::io::{Cursor, Read};

use docuvault_extract::protocol::Failure;
use docuvault_extract::{Limits, Note, TextSource};
use zip::ZipArchive;
use zip::result::ZipError;

use crate::findings::Findings;

/// Small documents may compress as well as they like.
const RATIO_APPLIES_FROM_BYTES: u64 = 16 << 20;

/// Fails if the archive has too many entries, expands too far, or is encrypted.
pub fn check(bytes: &[u8], limits: &Limits) -> Result<(), Failure> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Failure::Damaged)?;
    if archive.len() > limits.archive_entries {
        return Err(exceeded("archive_entries"));
    }
    let ratio_limit = (bytes.len() as u64)
        .saturating_mul(limits.expansion_ratio)
        .max(RATIO_APPLIES_FROM_BYTES);
    let mut room = limits.expanded_bytes.min(ratio_limit);
    for index in 0..archive.len() {
        let entry = match archive.by_index(index) {
            Ok(entry) => entry,
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => {
                return Err(Failure::Encrypted);
            }
            Err(_) => continue,
        };
        let is_manifest = entry
            .name()
            .is_ok_and(|name| name == "META-INF/manifest.xml");
        let (expanded, head) = expand(entry, room, is_manifest);
        room = room
            .checked_sub(expanded)
            .ok_or_else(|| exceeded("expanded_size"))?;
        // OpenDocument files are encrypted entry by entry, which only their manifest tells.
        if String::from_utf8_lossy(&head).contains("encryption-data") {
            return Err(Failure::Encrypted);
        }
    }
    Ok(())
}

/// Inflates up to one byte more than `room` and returns how many came out, keeping them if asked. A damaged entry
/// counts as far as it goes: whether the document needs it is for its parser to say.
fn expand(mut entry: impl Read, room: u64, keep: bool) -> (u64, Vec<u8>) {
    const KEPT_BYTES: usize = 256 << 10;
    let mut kept = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    let mut expanded = 0;
    while expanded <= room {
        match entry.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(count) => {
                expanded += count as u64;
                if keep && kept.len() < KEPT_BYTES {
                    kept.extend_from_slice(&buffer[..count]);
                }
            }
        }
    }
    (expanded, kept)
}

/// The names of the entries of an archive, as its text. They are listed, not unpacked.
pub fn list(bytes: &[u8], limits: &Limits) -> Result<Findings, Failure> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Failure::Damaged)?;
    let mut names = String::new();
    for index in 0..archive.len().min(limits.archive_entries) {
        if names.len() > limits.text_bytes {
            break;
        }
        if let Ok(entry) = archive.by_index_raw(index)
            && let Ok(name) = entry.name()
        {
            names.push_str(&name);
            names.push('\n');
        }
    }
    let mut findings = Findings::single_page(names, TextSource::Text);
    if archive.len() > limits.archive_entries {
        findings.notes.push(Note::Truncated);
    }
    Ok(findings)
}

/// One entry of an archive that was checked before, by its name.
pub fn entry(bytes: &[u8], name: &str, limit_bytes: u64) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut content = Vec::new();
    let entry = archive.by_name(name).ok()?;
    entry.take(limit_bytes).read_to_end(&mut content).ok()?;
    Some(content)
}

/// The picture of its first page or cover that a document brings with it.
pub fn preview_picture(bytes: &[u8], limit_bytes: u64) -> Option<Vec<u8>> {
    const PREVIEWS: [&str; 4] = [
        "Thumbnails/thumbnail.png",
        "docProps/thumbnail.jpeg",
        "docProps/thumbnail.jpg",
        "docProps/thumbnail.png",
    ];
    let archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let is_cover = |name: &&str| {
        let name = name.to_ascii_lowercase();
        name.contains("cover")
            && [".jpg", ".jpeg", ".png", ".webp"]
                .iter()
                .any(|end| name.ends_with(end))
    };
    let names = || archive.file_names().filter_map(Result::ok);
    let name = names()
        .find(|name| PREVIEWS.contains(&&**name))
        .or_else(|| names().find(|name| is_cover(&&**name)))?
        .to_string();
    entry(bytes, &name, limit_bytes)
}

fn exceeded(what: &str) -> Failure {
    Failure::LimitExceeded(what.to_owned())
}
