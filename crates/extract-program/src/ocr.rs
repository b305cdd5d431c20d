//! Text recognition by the `tesseract` program, one page per process.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use docuvault_extract::Limits;
use docuvault_extract::protocol::{OcrProgram, PASSWORD_VARIABLE};
use image::imageops::{rotate90, rotate180, rotate270};
use image::{DynamicImage, GrayImage};

use crate::ocr_words::{Recognised, parse_words};
use crate::straighten::straighten;

/// The raster handed over, in the scratch folder, which is the current one.
pub const PAGE_FILE: &str = "page.pgm";

const OUTPUT_BYTES: u64 = 16 << 20;
/// Below this mean confidence the page may be upside down or sideways.
const DOUBTFUL_CONFIDENCE: f32 = 70.0;
/// A page with fewer letters read for sure than this may be, too.
const FEW_LETTERS: usize = 20;

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

    /// The text of a page, turned if it turns out to lie on its side or head, and straightened. `None` when there is none.
    pub fn recognise(&self, page: &DynamicImage, dpi: f32) -> Option<Recognised> {
        let page = page.to_luma8();
        let mut best = self.recognise_as_it_lies(&page, dpi).unwrap_or_default();
        if best.confidence < DOUBTFUL_CONFIDENCE || best.sure_letters < FEW_LETTERS {
            for turn in self.likely_turns(&best, dpi) {
                let turned = match turn {
                    90 => rotate90(&page),
                    180 => rotate180(&page),
                    _ => rotate270(&page),
                };
                let found = self.recognise_as_it_lies(&turned, dpi).unwrap_or_default();
                if found.sure_letters > best.sure_letters {
                    best = found;
                }
                if best.confidence >= DOUBTFUL_CONFIDENCE && best.sure_letters >= FEW_LETTERS {
                    break;
                }
            }
        }
        best.if_convincing()
    }

    fn recognise_as_it_lies(&self, page: &GrayImage, dpi: f32) -> Option<Recognised> {
        write_page(straighten(page).as_ref().unwrap_or(page)).ok()?;
        let output = self.run(
            &["--psm", "3", "-l", &self.program.languages.join("+")],
            dpi,
            &["tsv"],
        )?;
        Some(parse_words(&output))
    }

    /// Degrees by which to turn the page last written, clockwise, the likeliest first.
    fn likely_turns(&self, as_it_lies: &Recognised, dpi: f32) -> Vec<u32> {
        const ALL: [u32; 3] = [180, 90, 270];
        if !self.program.detects_orientation {
            return ALL.to_vec();
        }
        match self.orientation(dpi) {
            // Too few characters to tell: most likely a photograph.
            None => Vec::new(),
            Some(0) if as_it_lies.sure_letters >= FEW_LETTERS => Vec::new(),
            Some(first) => {
                let mut turns = ALL.to_vec();
                turns.sort_by_key(|turn| *turn != first);
                turns
            }
        }
    }

    fn orientation(&self, dpi: f32) -> Option<u32> {
        let output = self.run(&["--psm", "0", "-l", "osd"], dpi, &[])?;
        let rotate = output.lines().find_map(|line| line.strip_prefix("Rotate:"));
        rotate?.trim().parse().ok()
    }

    fn run(&self, options: &[&str], dpi: f32, outputs: &[&str]) -> Option<String> {
        let mut command = Command::new(&self.program.program);
        command.env_remove(PASSWORD_VARIABLE);
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
