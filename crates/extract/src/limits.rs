//! How much of the machine one document may use, and how much of a document is read.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Limits for one reading. The defaults suit a small server; tests choose smaller ones.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Limits {
    /// The parent kills the child's process group after this time.
    pub wall_clock: Duration,
    /// After this time no further page is sent to OCR; what was read so far is kept.
    pub ocr_budget: Duration,
    /// The thumbnail may take this long; after it the document simply has none.
    pub thumbnail_budget: Duration,
    /// Processor seconds for the parsers.
    pub cpu_seconds: u64,
    /// Processor seconds for one page of OCR.
    pub ocr_page_cpu_seconds: u64,
    /// Address space of the child and of the OCR program.
    pub memory_bytes: u64,
    /// Largest file the child may write (it writes only page rasters for OCR).
    pub scratch_file_bytes: u64,
    /// Largest document read.
    pub input_bytes: u64,
    /// Bytes an archive-based document (DOCX, ODT, ...) may expand to, counted while inflating.
    pub expanded_bytes: u64,
    /// Expanded size divided by packed size, applied once an archive has expanded beyond a few MiB.
    pub expansion_ratio: u64,
    /// Entries in an archive-based document.
    pub archive_entries: usize,
    /// Documents attached to a message, and to messages in it, whose text is read.
    pub attachments: u32,
    /// Bytes of all of them together.
    pub attached_bytes: u64,
    /// Messages in messages whose attachments are read.
    pub attachment_depth: u32,
    /// Text kept per document; what follows is dropped and noted.
    pub text_bytes: usize,
    /// Pages whose text is read; what follows is dropped and noted.
    pub text_pages: u32,
    /// Pages sent to OCR; what follows is dropped and noted.
    pub ocr_pages: u32,
    /// Pixels of a picture we are willing to decode.
    pub picture_pixels: u64,
    /// Pixels of a page raster for OCR; larger pages are scaled down.
    pub raster_pixels: u64,
    /// Bytes accepted from the child.
    pub output_bytes: u64,
}

const MIB: u64 = 1024 * 1024;

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall_clock: Duration::from_mins(15),
            ocr_budget: Duration::from_mins(10),
            thumbnail_budget: Duration::from_secs(30),
            cpu_seconds: 180,
            ocr_page_cpu_seconds: 60,
            memory_bytes: 2048 * MIB,
            scratch_file_bytes: 64 * MIB,
            input_bytes: 256 * MIB,
            expanded_bytes: 256 * MIB,
            expansion_ratio: 200,
            archive_entries: 10_000,
            attachments: 100,
            attached_bytes: 64 * MIB,
            attachment_depth: 3,
            text_bytes: 32 << 20,
            text_pages: 2_000,
            ocr_pages: 300,
            picture_pixels: 120_000_000,
            raster_pixels: 25_000_000,
            output_bytes: 48 * MIB,
        }
    }
}
