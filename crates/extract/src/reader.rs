//! Reads documents, each in a child process of its own.

use std::fs::File;
use std::io::Seek;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use secrecy::SecretString;

use crate::attached::{Attachments, SearchableCopy, parse_attachments, parse_searchable};
use crate::child;
use crate::limits::Limits;
use crate::ocr_capability::OcrCapability;
use crate::program::locate_program;
use crate::progress::{Progress, Watcher};
use crate::protocol::{self, Job};
use crate::read_error::ReadError;
use crate::reading::Reading;
use crate::sandbox_report::SandboxReport;

/// Room for what stands around attachments.
const FRAMES_BYTES: u64 = 1 << 20;
/// A searchable copy may be larger than its scan by this: words, and pictures packed less tightly.
const COPY_GROWTH_BYTES: u64 = 64 << 20;

/// Knows the reading program, what this machine can do, and the limits. Cheap to clone, free to share.
#[derive(Debug, Clone)]
pub struct Reader {
    program: PathBuf,
    limits: Limits,
    ocr: Option<OcrCapability>,
}

/// What is wanted from one document.
#[derive(Debug, Clone, Default)]
pub struct ReadRequest {
    /// Extension of the file's name, without the dot; only tells text-like types apart.
    pub extension: Option<String>,
    /// The user's languages for OCR, most likely first, as ISO 639 codes of two or three letters.
    pub ocr_languages: Vec<String>,
    /// Width of the thumbnail in pixels; 0 for none.
    pub thumbnail_width_px: u32,
    /// What opens the document, if it asks for a password.
    pub password: Option<SecretString>,
}

impl Reader {
    /// Finds `docuvault-extract` (the given path, else beside the running program, else on `PATH`) and asks
    /// `tesseract` for its languages; removes what a killed server left in the folder for temporary files. Blocks for some milliseconds: call it once, at start.
    pub fn locate(explicit: Option<&Path>) -> Result<Self, ReadError> {
        let program = locate_program(explicit).ok_or(ReadError::ProgramMissing)?;
        child::remove_abandoned_scratch();
        Ok(Self {
            program,
            limits: Limits::default(),
            ocr: OcrCapability::detect(),
        })
    }

    /// The same reader with other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The same reader on a machine without OCR.
    #[must_use]
    pub fn without_ocr(mut self) -> Self {
        self.ocr = None;
        self
    }

    /// The same reader on a machine where the OCR program cannot tell which way up a page is.
    #[must_use]
    pub fn without_orientation_data(mut self) -> Self {
        self.ocr = self.ocr.map(|ocr| OcrCapability {
            detects_orientation: false,
            ..ocr
        });
        self
    }

    /// The OCR program and its languages; `None` when text in pictures cannot be recognised on this machine.
    pub fn ocr(&self) -> Option<&OcrCapability> {
        self.ocr.as_ref()
    }

    /// Reads the open document from its beginning; it becomes the child's standard input. Dropping the future kills the child and
    /// everything it started, and removes its scratch folder.
    pub async fn read(&self, input: File, request: ReadRequest) -> Result<Reading, ReadError> {
        self.read_watched(input, request, |_| {}).await
    }

    /// The same, and `on_progress` is told of each page as soon as it is read. It is called between two reads of the child's output, so it
    /// must not block; a sender of a channel is what it is for.
    pub async fn read_watched(
        &self,
        mut input: File,
        request: ReadRequest,
        on_progress: impl FnMut(Progress) + Send,
    ) -> Result<Reading, ReadError> {
        input.rewind()?;
        let job = self.job(&request);
        let mut watcher = Watcher::new(on_progress);
        let answer = child::run(
            &self.program,
            protocol::READ_COMMAND,
            job,
            Stdio::from(input),
            &mut |output| watcher.look_at(output),
        )
        .await?;
        protocol::parse_answer(&answer.stdout, &self.limits)
            .unwrap_or_else(|| Err(answer.cause_of_death()))
    }

    /// Hands out what is attached to a message, read from its beginning, as far as the limits go. None for what is no message.
    pub async fn attachments(&self, input: File) -> Result<Attachments, ReadError> {
        let mut job = self.job(&ReadRequest::default());
        job.limits.output_bytes = job.limits.attached_bytes + FRAMES_BYTES;
        let answer = self.ask(protocol::ATTACHMENTS_COMMAND, job, input).await?;
        parse_attachments(&answer.stdout).unwrap_or_else(|| Err(answer.cause_of_death()))
    }

    /// Makes a PDF of a scan that shows the same and can be searched, read from its beginning. Takes as long as reading the scan.
    pub async fn searchable_copy(
        &self,
        input: File,
        request: ReadRequest,
    ) -> Result<SearchableCopy, ReadError> {
        let mut job = self.job(&request);
        job.limits.output_bytes = input.metadata()?.len() + COPY_GROWTH_BYTES;
        let answer = self.ask(protocol::SEARCHABLE_COMMAND, job, input).await?;
        parse_searchable(&answer.stdout).unwrap_or_else(|| Err(answer.cause_of_death()))
    }

    async fn ask(
        &self,
        command: &str,
        job: Job,
        mut input: File,
    ) -> Result<child::Answer, ReadError> {
        input.rewind()?;
        child::run(&self.program, command, job, Stdio::from(input), &mut |_| {}).await
    }

    /// What a child can do from inside the sandbox, tried out by a child.
    pub async fn sandbox_report(&self) -> Result<SandboxReport, ReadError> {
        let job = self.job(&ReadRequest::default());
        let answer = child::run(
            &self.program,
            protocol::PROBE_COMMAND,
            job,
            Stdio::null(),
            &mut |_| {},
        )
        .await?;
        serde_json::from_slice(&answer.stdout).map_err(|_| answer.cause_of_death())
    }

    fn job(&self, request: &ReadRequest) -> Job {
        Job {
            parent_pid: std::process::id(),
            run_as: None,
            extension: request
                .extension
                .as_ref()
                .map(|extension| extension.to_ascii_lowercase()),
            ocr: self
                .ocr
                .as_ref()
                .map(|ocr| ocr.for_languages(&request.ocr_languages)),
            thumbnail_width_px: request.thumbnail_width_px.min(2_000),
            password: request.password.clone(),
            limits: self.limits.clone(),
        }
    }
}
