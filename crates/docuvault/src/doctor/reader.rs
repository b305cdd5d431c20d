//! The program that reads documents, and the languages it can recognise in pictures.

use docuvault_extract::Reader;

use super::Report;
use crate::config::Config;

const PART: &str = "reading";

pub async fn examine(config: &Config, report: &mut Report) {
    let reader = match Reader::locate(config.reading.program.as_deref()) {
        Ok(reader) => reader,
        Err(error) => {
            report.problem(
                PART,
                format!("documents are kept but not read: {error}"),
                "Put docuvault-extract beside docuvault or on PATH, or name it in DOCUVAULT_EXTRACT_PROGRAM.",
            );
            return;
        }
    };
    match reader.sandbox_report().await {
        Ok(sandbox) if sandbox.file_access_confined && !sandbox.can_open_network_socket => {
            report.ok(PART, "documents are read, shut off from files and network");
        }
        Ok(_) => report.warn(
            PART,
            "documents are read, but the system cannot shut the reading off wholly",
            "Use a Linux kernel with Landlock (5.13 or newer).",
        ),
        Err(error) => report.problem(
            PART,
            format!("docuvault-extract does not run: {error}"),
            "Use the docuvault-extract that came with this docuvault.",
        ),
    }
    languages(&reader, &config.reading.ocr_languages, report);
}

fn languages(reader: &Reader, wanted: &[String], report: &mut Report) {
    let Some(ocr) = reader.ocr() else {
        report.warn(
            PART,
            "text in scans is not recognised: there is no tesseract",
            "Install tesseract and its language data.",
        );
        return;
    };
    let missing: Vec<&str> = wanted
        .iter()
        .filter(|language| !ocr.languages.contains(language))
        .map(String::as_str)
        .collect();
    if missing.is_empty() {
        report.ok(
            PART,
            format!("text in scans is recognised: {}", ocr.languages.join(", ")),
        );
    } else {
        report.warn(
            PART,
            format!("tesseract has no data for {}", missing.join(", ")),
            "Install it (Debian: tesseract-ocr-…), or change DOCUVAULT_OCR_LANGUAGES.",
        );
    }
}
