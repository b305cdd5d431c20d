//! Hands bytes to one parser of docuvault-extract as its `main` would, without the sandbox around it.

use std::io::{Cursor, Write};

use docuvault_extract::Limits;
use docuvault_extract::protocol::Job;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// Wide enough for every step of drawing, and quick.
const DRAWN_PX: u32 = 64;

/// Where Cargo keeps the sources of libraries.
const LIBRARIES: &str = "/registry/src/";

/// Before the first document: a panic inside a library no longer ends the fuzzer at once, for the program answers it
/// ("damaged"). One that nobody answers still does, and so does every panic of our own.
pub fn allow_answered_panics() {
    let end = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let is_ours = panic
            .location()
            .is_none_or(|place| !place.file().contains(LIBRARIES));
        if is_ours {
            end(panic);
        }
    }));
}

/// Reads `bytes` as a document of this type, and draws its first page. Whatever comes of it is fine, as long as it comes.
pub fn read_as(content_type: &'static str, bytes: &[u8]) {
    let job = Job {
        parent_pid: 0,
        run_as: None,
        extension: None,
        ocr: None,
        thumbnail_width_px: DRAWN_PX,
        password: None,
        limits: Limits::default(),
    };
    let Ok(mut findings) =
        docuvault_extract_program::parse(content_type, bytes.to_vec(), &job, &mut |_, _| {})
    else {
        return;
    };
    findings.truncate(job.limits.text_bytes);
    if let Some(draw) = findings.first_page {
        draw(DRAWN_PX);
    }
}

/// The same for formats that are archives: packs the parts, not compressed, so that what is changed is what is read.
pub fn read_packed(content_type: &'static str, parts: &[(&str, &[u8])]) {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in parts {
        if archive.start_file(*name, stored).is_err() || archive.write_all(bytes).is_err() {
            return;
        }
    }
    if let Ok(packed) = archive.finish() {
        read_as(content_type, packed.get_ref());
    }
}
