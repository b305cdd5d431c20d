//! Reads the document on standard input with the parser for its kind, and writes the answer.

use std::io::{self, Read, Write, stdin};
use std::sync::Arc;

use docuvault_extract::protocol::{Failure, Job, write_failure, write_text, write_thumbnail};
use docuvault_extract::{Reading, sniff};

use crate::findings::{DrawFirstPage, Findings};
use crate::watchdog::Watchdog;
use crate::{email, language, office, pdf, picture, plain_text, thumbnail};

/// Reads standard input and writes the answer to `out`.
pub fn answer(job: &Job, watchdog: &Watchdog, out: &mut impl Write) -> io::Result<()> {
    match read(job) {
        Err(failure) => write_failure(out, &failure),
        Ok((reading, first_page)) => {
            let first_page = first_page.filter(|_| job.thumbnail_width_px > 0);
            write_text(out, &reading, first_page.is_some())?;
            first_page.map_or(Ok(()), |draw| answer_thumbnail(job, watchdog, draw, out))
        }
    }
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

fn read(job: &Job) -> Result<(Reading, Option<DrawFirstPage>), Failure> {
    let bytes = read_input(job.limits.input_bytes)?;
    let content_type = sniff(&bytes, job.extension.as_deref());
    let mut findings = parse(content_type, bytes, job)?;
    findings.truncate(job.limits.text_bytes);
    let reading = Reading {
        content_type: content_type.to_owned(),
        language: language::detect(&findings.pages),
        pages: findings.pages,
        page_count: findings.page_count,
        properties: findings.properties,
        thumbnail: None,
        notes: findings.notes,
    };
    Ok((reading, findings.first_page))
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
