//! What `xberg` does not hand out of an Outlook message: the documents attached to it.

use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use cfb::CompoundFile;
use docuvault_extract::Limits;

use crate::attachments::Attachment;

const ATTACHMENT_FOLDER: &str = "__attach_version1.0_";
const NAMES: [&str; 2] = ["__substg1.0_3707001F", "__substg1.0_3704001F"];
const CONTENT: &str = "__substg1.0_37010102";
/// A message in a message is a folder of the same kind as the message around it.
const MESSAGE_FOLDER: &str = "__substg1.0_3701000D";
const SUBJECT: &str = "__substg1.0_0037001F";
const BODY: &str = "__substg1.0_1000001F";
/// Names and subjects are no longer than this.
const NAME_BYTES: u64 = 4 << 10;

type OleFile<'a> = CompoundFile<Cursor<&'a [u8]>>;

/// The attachments of a message and of the messages in it, up to the limits; none if the file is damaged.
pub fn attachments(bytes: &[u8], limits: &Limits) -> Vec<Attachment> {
    let found = catch_unwind(AssertUnwindSafe(|| {
        let mut file = CompoundFile::open(Cursor::new(bytes)).ok()?;
        let mut found = Vec::new();
        collect(
            &mut file,
            Path::new("/"),
            limits,
            limits.attachment_depth,
            &mut found,
        );
        Some(found)
    }));
    found.ok().flatten().unwrap_or_default()
}

fn collect(
    file: &mut OleFile<'_>,
    message: &Path,
    limits: &Limits,
    depth_left: u32,
    found: &mut Vec<Attachment>,
) {
    for folder in attachment_folders(file, message) {
        // One more than may be read, so that the reader notices.
        if found.len() > limits.attachments as usize {
            return;
        }
        let inner = folder.join(MESSAGE_FOLDER);
        if file.is_storage(&inner) {
            found.push(Attachment {
                name: text(file, &inner.join(SUBJECT), NAME_BYTES),
                bytes: text(file, &inner.join(BODY), limits.attached_bytes)
                    .unwrap_or_default()
                    .into_bytes(),
            });
            if depth_left > 1 {
                collect(file, &inner, limits, depth_left - 1, found);
            }
            continue;
        }
        let name = NAMES
            .iter()
            .find_map(|name| text(file, &folder.join(name), NAME_BYTES));
        if let Some(bytes) = stream(file, &folder.join(CONTENT), limits.attached_bytes) {
            found.push(Attachment { name, bytes });
        }
    }
}

fn attachment_folders(file: &OleFile<'_>, message: &Path) -> Vec<PathBuf> {
    let Ok(entries) = file.read_storage(message) else {
        return Vec::new();
    };
    entries
        .filter(|entry| entry.is_storage() && entry.name().starts_with(ATTACHMENT_FOLDER))
        .map(|entry| message.join(entry.name()))
        .collect()
}

fn text(file: &mut OleFile<'_>, path: &Path, limit_bytes: u64) -> Option<String> {
    let raw = stream(file, path, limit_bytes)?;
    let units = raw
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    let text: String = char::decode_utf16(units)
        .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    (!text.trim().is_empty()).then_some(text)
}

fn stream(file: &mut OleFile<'_>, path: &Path, limit_bytes: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let stream = file.open_stream(path).ok()?;
    stream.take(limit_bytes).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}
