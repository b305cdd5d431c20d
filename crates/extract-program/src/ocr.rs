//! Text recognition by the `tesseract` program, one page per process.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use docuvault_extract::Limits;
use docuvault_extract::protocol::OcrProgram;
use image::{DynamicImage, GrayImage};

use crate::ocr_words::{Recognised, parse_words};

/// The raster handed over, in the scratch folder, which is the current one.
pub const PAGE_FILE: &str = "page.pgm";

const OUTPUT_BYTES: u64 = 16 << 20;
/// Below this mean confidence the page may be upside down or sideways.
const DOUBTFUL_CONFIDENCE: f32 = 70.0;

/// Recognises pages with the languages chosen for this document.
pub struct Ocr<'a> {
    program: &'a OcrProgram,
    page_cpu_seconds: u64,
}

impl<'a> Ocr<'a> {
    /// A recogniser within the limits.
    pub fn new(program: &'a OcrProgram, limits: &Limits) -> Self {
        Self {
            program,
            page_cpu_seconds: limits.ocr_page_cpu_seconds,
        }
    }

    /// The text of a page, turned if it turns out to lie on its side or head. `None` when there is none.
    pub fn recognise(&self, page: DynamicImage, dpi: f32) -> Option<Recognised> {
        let upright = self.recognise_as_it_lies(&page, dpi).unwrap_or_default();
        if upright.confidence >= DOUBTFUL_CONFIDENCE || !self.program.detects_orientation {
            return upright.if_convincing();
        }
        let turned = match self.orientation(dpi) {
            90 => page.rotate90(),
            180 => page.rotate180(),
            270 => page.rotate270(),
            _ => return upright.if_convincing(),
        };
        let turned = self.recognise_as_it_lies(&turned, dpi).unwrap_or_default();
        let better = if turned.confidence > upright.confidence {
            turned
        } else {
            upright
        };
        better.if_convincing()
    }

    fn recognise_as_it_lies(&self, page: &DynamicImage, dpi: f32) -> Option<Recognised> {
        write_page(&page.to_luma8()).ok()?;
        let output = self.run(
            &["--psm", "3", "-l", &self.program.languages.join("+")],
            dpi,
            &["tsv"],
        )?;
        Some(parse_words(&output))
    }

    /// Degrees by which to turn the page last written, clockwise; 0 when the program cannot tell.
    fn orientation(&self, dpi: f32) -> u32 {
        let output = self
            .run(&["--psm", "0", "-l", "osd"], dpi, &[])
            .unwrap_or_default();
        let rotate = output.lines().find_map(|line| line.strip_prefix("Rotate:"));
        rotate
            .and_then(|degrees| degrees.trim().parse().ok())
            .unwrap_or(0)
    }

    fn run(&self, options: &[&str], dpi: f32, outputs: &[&str]) -> Option<String> {
        let mut command = Command::new(&self.program.program);
        command.args([
            PAGE_FILE,
            "stdout",
            "--dpi",
            &format!("{:.0}", dpi.clamp(70.0, 600.0)),
        ]);
        if let Some(folder) = &self.program.data_directory {
            command.arg("--tessdata-dir").arg(folder);
        }
        command
            .args(options)
            .args(outputs)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().ok()?;
        limit_cpu(child.id(), self.page_cpu_seconds);
        let mut output = Vec::new();
        let read = child
            .stdout
            .take()
            .map(|stdout| stdout.take(OUTPUT_BYTES).read_to_end(&mut output));
        let ended_well = child.wait().is_ok_and(|status| status.success());
        (ended_well && matches!(read, Some(Ok(_))))
            .then(|| String::from_utf8_lossy(&output).into_owned())
    }
}

/// The limit this process has would be too generous for one page.
#[cfg(target_os = "linux")]
fn limit_cpu(process_id: u32, seconds: u64) {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let limit = Rlimit {
        current: Some(seconds),
        maximum: Some(seconds),
    };
    if let Some(pid) = Pid::from_raw(process_id.cast_signed()) {
        let _ = prlimit(Some(pid), Resource::Cpu, limit);
    }
}

#[cfg(not(target_os = "linux"))]
fn limit_cpu(_process_id: u32, _seconds: u64) {}

/// A grey raster in the simplest format there is: a line of text and the bytes.
fn write_page(page: &GrayImage) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(Path::new(PAGE_FILE))?);
    write!(file, "P5\n{} {}\n255\n", page.width(), page.height())?;
    file.write_all(page.as_raw())?;
    file.flush()
}
