//! Reads the document on standard input with the parser for its kind, and writes the answer.

use std::io::{self, Read, Write, stdin};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use docuvault_extract::protocol::{
    Completion, Failure, Job, write_completion, write_failure, write_nothing_recognised,
    write_preview, write_recognised, write_text, write_thumbnail,
};
use docuvault_extract::{Note, PageText, TextSource, sniff, write_attachment};

use crate::findings::{DrawFirstPage, Findings, Preview, RecogniseScans};
use crate::watchdog::Watchdog;
use crate::{archive, attachments, email, language, office, pdf, picture, plain_text, thumbnail};

/// Reads standard input and writes the answer to `out`.
pub fn answer(job: &Job, watchdog: &Watchdog, out: &mut impl Write) -> io::Result<()> {
    let (content_type, mut findings) =
        match read(job, &mut |page_count, text| preview(out, page_count, text)) {
            Ok(read) => read,
            Err(failure) => return write_failure(out, &failure),
        };
    findings.truncate(job.limits.text_bytes);
    write_text(
        out,
        content_type,
        findings.page_count,
        findings.scan_count + u32::from(!findings.attachments.is_empty()),
        &findings.properties,
        &findings.pages,
    )?;
    if let Some(scans) = findings.scans.take() {
        answer_scans(&mut findings, scans, out)?;
    }
    answer_attachments(&mut findings, job, out)?;
    let first_page = findings.first_page.filter(|_| job.thumbnail_width_px > 0);
    write_completion(
        out,
        &Completion {
            language: language::detect(&findings.pages),
            notes: findings.notes,
            thumbnail_follows: first_page.is_some(),
        },
    )?;
    first_page.map_or(Ok(()), |draw| answer_thumbnail(job, watchdog, draw, out))
}

/// Reads the message on standard input and writes what is attached to it to `out`.
pub fn hand_out(job: &Job, out: &mut impl Write) -> io::Result<()> {
    let attached = match read(job, &mut |_, _| {}) {
        Ok((_, findings)) => findings.attachments,
        Err(failure) => return write_failure(out, &failure),
    };
    let (attached, is_cut) = attachments::within_limits(attached, &job.limits);
    for attachment in &attached {
        write_attachment(out, attachment.name.as_deref(), &attachment.bytes)?;
    }
    let notes = if is_cut {
        vec![Note::Truncated]
    } else {
        Vec::new()
    };
    write_completion(
        out,
        &Completion {
            notes,
            ..Completion::default()
        },
    )
}

/// Who watches may miss it: a broken pipe will show at the next write.
fn preview(out: &mut impl Write, page_count: u32, text: String) {
    let page = PageText {
        number: 1,
        text,
        source: TextSource::Text,
        confidence: None,
    };
    let _ = write_preview(out, page_count, &page);
}

fn answer_scans(
    findings: &mut Findings,
    scans: RecogniseScans,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut written = Ok(());
    let notes = scans(&mut |number, page| {
        if written.is_ok() {
            written = match &page {
                Some(page) => write_recognised(out, page),
                None => write_nothing_recognised(out, number),
            };
        }
        findings.pages.extend(page);
    });
    findings.notes.extend(notes);
    written
}

/// The text of attachments follows that of their message: its page is written again, longer.
fn answer_attachments(findings: &mut Findings, job: &Job, out: &mut impl Write) -> io::Result<()> {
    let attachments = std::mem::take(&mut findings.attachments);
    let Some(page) = findings
        .pages
        .first_mut()
        .filter(|_| !attachments.is_empty())
    else {
        return Ok(());
    };
    let (text, is_cut) = attachments::read_all(attachments, job);
    page.text.push_str(&text);
    if is_cut {
        findings.notes.push(Note::Truncated);
    }
    findings.truncate(job.limits.text_bytes);
    findings
        .pages
        .first()
        .map_or(Ok(()), |page| write_recognised(out, page))
}

fn answer_thumbnail(
    job: &Job,
    watchdog: &Watchdog,
    draw: DrawFirstPage,
    out: &mut impl Write,
) -> io::Result<()> {
    watchdog.end_after(job.limits.thumbnail_budget);
    let picture = draw(job.thumbnail_width_px);
    match picture.and_then(|picture| thumbnail::encode(picture, job.thumbnail_width_px)) {
        Some(thumbnail) => write_thumbnail(out, &thumbnail),
        None => Ok(()),
    }
}

fn read(job: &Job, preview: &mut Preview<'_>) -> Result<(&'static str, Findings), Failure> {
    let bytes = read_input(job.limits.input_bytes)?;
    let content_type = sniff(&bytes, job.extension.as_deref());
    Ok((content_type, parse(content_type, bytes, job, preview)?))
}

/// The document on standard input, if it is not too large.
pub fn read_input(limit_bytes: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    stdin()
        .take(limit_bytes + 1)
        .read_to_end(&mut bytes)
        .map_err(|_| Failure::OutOfMemory)?;
    match bytes.len() as u64 {
        0 => Err(Failure::Damaged),
        size if size > limit_bytes => Err(Failure::LimitExceeded("file_size".to_owned())),
        _ => Ok(bytes),
    }
}

/// Reads a document of a known type; what takes long is left to the closures in the findings. One that brings its parser
/// down would do so again: it is damaged.
pub fn parse(
    content_type: &'static str,
    bytes: Vec<u8>,
    job: &Job,
    preview: &mut Preview<'_>,
) -> Result<Findings, Failure> {
    catch_unwind(AssertUnwindSafe(|| {
        parse_trusting(content_type, bytes, job, preview)
    }))
    .unwrap_or(Err(Failure::Damaged))
}

fn parse_trusting(
    content_type: &'static str,
    bytes: Vec<u8>,
    job: &Job,
    preview: &mut Preview<'_>,
) -> Result<Findings, Failure> {
    match content_type {
        "application/zip" => archive::list(&bytes, &job.limits),
        "application/pdf" => pdf::read(&Arc::new(bytes), job, preview),
        _ if picture::reads(content_type) => picture::read(bytes, job),
        "message/rfc822" => email::read(&bytes),
        "text/plain" | "text/csv" | "text/markdown" | "application/json" => {
            Ok(plain_text::read(&bytes))
        }
        _ if office::reads(content_type) => office::read(bytes, content_type, &job.limits),
        _ => Err(Failure::Unsupported),
    }
}
