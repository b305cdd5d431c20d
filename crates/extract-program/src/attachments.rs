//! The text of documents that came attached to a message, as far as they can be read without recognising pictures.

use std::fmt::Write;

use docuvault_extract::protocol::Job;
use docuvault_extract::{Limits, sniff};

use crate::findings::Findings;
use crate::read_document;

/// A document in a message.
pub struct Attachment {
    pub name: Option<String>,
    pub bytes: Vec<u8>,
}

/// Adds up what all attachments of a message take, however deep they lie.
struct Reading<'a> {
    job: &'a Job,
    room_bytes: u64,
    room_count: u32,
    text: String,
    is_cut: bool,
}

/// The attachments of one message as they came, up to the limits, and whether some had to be left out.
pub fn within_limits(attachments: Vec<Attachment>, limits: &Limits) -> (Vec<Attachment>, bool) {
    let count = attachments.len();
    let mut room_bytes = limits.attached_bytes;
    let mut kept = attachments;
    kept.retain(|attachment| {
        let fits = attachment.bytes.len() as u64 <= room_bytes;
        if fits {
            room_bytes -= attachment.bytes.len() as u64;
        }
        fits
    });
    kept.truncate(limits.attachments as usize);
    let is_cut = kept.len() < count;
    (kept, is_cut)
}

/// The text of the attachments, each under its name, and whether some had to be left out.
pub fn read_all(attachments: Vec<Attachment>, job: &Job) -> (String, bool) {
    let mut reading = Reading {
        job,
        room_bytes: job.limits.attached_bytes,
        room_count: job.limits.attachments,
        text: String::new(),
        is_cut: false,
    };
    reading.read(attachments, job.limits.attachment_depth);
    (reading.text, reading.is_cut)
}

impl Reading<'_> {
    fn read(&mut self, attachments: Vec<Attachment>, depth_left: u32) {
        for attachment in attachments {
            let size_bytes = attachment.bytes.len() as u64;
            if depth_left == 0
                || self.room_count == 0
                || size_bytes > self.room_bytes
                || self.text.len() >= self.job.limits.text_bytes
            {
                self.is_cut = true;
                continue;
            }
            self.room_count -= 1;
            self.room_bytes -= size_bytes;
            self.read_one(attachment, depth_left);
        }
    }

    fn read_one(&mut self, attachment: Attachment, depth_left: u32) {
        let name = attachment.name.unwrap_or_default();
        let extension = name
            .rsplit_once('.')
            .map(|(_, extension)| extension.to_ascii_lowercase());
        let content_type = sniff(&attachment.bytes, extension.as_deref());
        let findings =
            read_document::parse(content_type, attachment.bytes, self.job, &mut |_, _| {});
        let Ok(Findings {
            pages, attachments, ..
        }) = findings
        else {
            return;
        };
        let mut is_named = false;
        for page in pages.iter().filter(|page| !page.text.trim().is_empty()) {
            if !is_named {
                let _ = write!(self.text, "\n\n{name}");
                is_named = true;
            }
            let _ = write!(self.text, "\n{}", page.text.trim());
        }
        self.read(attachments, depth_left - 1);
    }
}
