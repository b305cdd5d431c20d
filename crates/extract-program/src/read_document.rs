//! Reads the document on standard input with the parser for its kind, and writes the answer.

use std::io::{self, Read, Write, stdin};
use std::sync::Arc;

use docuvault_extract::protocol::{
    Completion, Failure, Job, write_completion, write_failure, write_recognised, write_text,
    write_thumbnail,
};
use docuvault_extract::sniff;

use crate::findings::{DrawFirstPage, Findings, RecogniseScans};
use crate::watchdog::Watchdog;
use crate::{email, language, office, pdf, picture, plain_text, thumbnail};

/// Reads standard input and writes the answer to `out`.
pub fn answer(job: &Job, watchdog: &Watchdog, out: &mut impl Write) -> io::Result<()> {
    let (content_type, mut findings) = match read(job) {
        Ok(read) => read,
        Err(failure) => return write_failure(out, &failure),
    };
    findings.truncate(job.limits.text_bytes);
    write_text(
        out,
        content_type,
        findings.page_count,
        &findings.properties,
        &findings.pages,
    )?;
    if let Some(scans) = findings.scans.take() {
        answer_scans(&mut findings, scans, out)?;
    }
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

fn answer_scans(
    findings: &mut Findings,
    scans: RecogniseScans,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut written = Ok(());
    let notes = scans(&mut |page| {
        if written.is_ok() {
            written = write_recognised(out, &page);
        }
        findings.pages.push(page);
    });
    findings.notes.extend(notes);
    written
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

fn read(job: &Job) -> Result<(&'static str, Findings), Failure> {
    let bytes = read_input(job.limits.input_bytes)?;
    let content_type = sniff(&bytes, job.extension.as_deref());
    Ok((content_type, parse(content_type, bytes, job)?))
}

fn read_input(limit_bytes: u64) -> Result<Vec<u8>, Failure> {
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

fn parse(content_type: &'static str, bytes: Vec<u8>, job: &Job) -> Result<Findings, Failure> {
    match content_type {
        "application/pdf" => pdf::read(&Arc::new(bytes), job),
        "image/bmp" | "image/gif" | "image/jpeg" | "image/png" | "image/tiff" | "image/webp" => {
            picture::read(&bytes, job)
        }
        "message/rfc822" => email::read(&bytes),
        "text/plain" | "text/csv" | "text/markdown" | "application/json" => {
            Ok(plain_text::read(&bytes))
        }
        _ if office::reads(content_type) => office::read(bytes, content_type, &job.limits),
        _ => Err(Failure::Unsupported),
    }
}
