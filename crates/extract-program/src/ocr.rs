//! Text recognition by the `tesseract` program, one page per process.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use docuvault_extract::Limits;
use docuvault_extract::protocol::{OcrProgram, PASSWORD_VARIABLE};
use hayro::kurbo::Affine;
use image::imageops::{rotate90, rotate180, rotate270};
use image::{DynamicImage, GrayImage};

use crate::ocr_words::{Recognised, parse_words};
use crate::straighten::straighten;
use crate::word_layer::WordLayer;

/// The raster handed over, in the scratch folder, which is the current one.
pub const PAGE_FILE: &str = "page.pgm";

/// What the words and their places are written to, without extension.
const WORDS_FILE: &str = "words";

const OUTPUT_BYTES: u64 = 16 << 20;
/// Below this mean confidence the page may be upside down or sideways.
const DOUBTFUL_CONFIDENCE: f32 = 70.0;
/// A page with fewer letters read for sure than this may be, too.
const FEW_LETTERS: usize = 20;

/// Recognises pages with the languages chosen for this document.
pub struct Ocr<'a> {
    program: &'a OcrProgram,
    page_cpu_seconds: u64,
    keeps_places: bool,
}

impl<'a> Ocr<'a> {
    /// A recogniser within the limits.
    pub fn new(program: &'a OcrProgram, limits: &Limits) -> Self {
        Self {
            program,
            page_cpu_seconds: limits.ocr_page_cpu_seconds,
            keeps_places: false,
        }
    }

    /// One that keeps where the words stand, too.
    pub fn with_places(self) -> Self {
        Self {
            keeps_places: true,
            ..self
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
                let mut found = self.recognise_as_it_lies(&turned, dpi).unwrap_or_default();
                if let Some(layer) = &mut found.layer {
                    layer.on_page = turn_back(turn, &turned) * layer.on_page;
                }
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
        let straightened = straighten(page);
        let (page, on_page) = straightened
            .as_ref()
            .map_or((page, Affine::IDENTITY), |straightened| {
                (&straightened.page, straightened.as_it_lay)
            });
        write_page(page).ok()?;
        let languages = self.program.languages.join("+");
        let options = ["--psm", "3", "-l", &languages];
        if !self.keeps_places {
            let output = self.run("stdout", &options, dpi, &["tsv"])?;
            return Some(parse_words(&output));
        }
        let options = [&options[..], &["-c", "textonly_pdf=1"]].concat();
        self.run(WORDS_FILE, &options, dpi, &["tsv", "pdf"])?;
        let output = |extension: &str| fs::read(format!("{WORDS_FILE}.{extension}")).ok();
        let mut found = parse_words(&String::from_utf8_lossy(&output("tsv")?));
        found.layer = Some(WordLayer {
            pdf: output("pdf")?,
            size_px: (page.width(), page.height()),
            on_page,
        });
        Some(found)
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
        let output = self.run("stdout", &["--psm", "0", "-l", "osd"], dpi, &[])?;
        let rotate = output.lines().find_map(|line| line.strip_prefix("Rotate:"));
        rotate?.trim().parse().ok()
    }

    /// Answers what it says, which is the output itself where that goes to `stdout`.
    fn run(
        &self,
        output_base: &str,
        options: &[&str],
        dpi: f32,
        outputs: &[&str],
    ) -> Option<String> {
        let mut command = Command::new(&self.program.program);
        command.env_remove(PASSWORD_VARIABLE);
        command.args([
            PAGE_FILE,
            output_base,
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

/// From the pixels of a page turned clockwise by that many degrees to those of the page before.
fn turn_back(degrees: u32, turned: &GrayImage) -> Affine {
    let (width, height) = (f64::from(turned.width()), f64::from(turned.height()));
    Affine::new(match degrees {
        90 => [0.0, -1.0, 1.0, 0.0, 0.0, width],
        180 => [-1.0, 0.0, 0.0, -1.0, width, height],
        _ => [0.0, 1.0, -1.0, 0.0, height, 0.0],
    })
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

#[cfg(test)]
mod tests {
    use hayro::kurbo::Point;
    use image::imageops::{rotate90, rotate180, rotate270};
    use image::{GrayImage, Luma};

    use super::turn_back;

    #[test]
    fn a_turned_page_is_turned_back() {
        let mut page = GrayImage::new(30, 50);
        page.put_pixel(7, 11, Luma([255]));
        for (degrees, turned) in [
            (90, rotate90(&page)),
            (180, rotate180(&page)),
            (270, rotate270(&page)),
        ] {
            let (x, y, _) = turned
                .enumerate_pixels()
                .find(|(_, _, pixel)| pixel.0[0] == 255)
                .unwrap();
            // The middle of the pixel.
            let back =
                turn_back(degrees, &turned) * Point::new(f64::from(x) + 0.5, f64::from(y) + 0.5);
            assert_eq!(back, Point::new(7.5, 11.5), "{degrees}");
        }
    }
}
