//! Measures how well and how fast documents are read: `measure_reading PROGRAM FOLDER`, where `name.ext` has a
//! neighbour `name.ext.words` with the words it should yield. Prints one line a file, for `bench/formats`:
//! name, word recall, pages, processor seconds, characters, mean OCR confidence, outcome. `--show` prints the text instead.

#![expect(clippy::print_stdout, reason = "printing is what it is for")]

#[path = "../tests/reading/recall.rs"]
mod recall;

use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use docuvault_extract::{ReadError, ReadRequest, Reader, Reading};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [program, place, options @ ..] = arguments.as_slice() else {
        return Err("measure_reading PROGRAM FOLDER [--show]".into());
    };
    let reader = Reader::locate(Some(&Path::new(program).canonicalize()?))?;
    for path in documents(Path::new(place))? {
        let before = children_cpu_seconds()?;
        let outcome = read(&reader, &path).await?;
        let seconds = children_cpu_seconds()? - before;
        if options.iter().any(|option| option == "--show") {
            println!("== {}\n{outcome:#?}", path.display());
        } else {
            print_line(&path, &outcome, seconds);
        }
    }
    Ok(())
}

/// The documents in a folder that have words to be measured by, or the one document.
fn documents(place: &Path) -> std::io::Result<Vec<PathBuf>> {
    if place.is_file() {
        return Ok(vec![place.to_owned()]);
    }
    let mut paths = Vec::new();
    for entry in fs::read_dir(place)? {
        let path = entry?.path();
        if words_of(&path).is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn words_of(path: &Path) -> PathBuf {
    PathBuf::from(format!("{}.words", path.display()))
}

async fn read(reader: &Reader, path: &Path) -> std::io::Result<Result<Reading, ReadError>> {
    let request = ReadRequest {
        extension: path
            .extension()
            .map(|extension| extension.to_string_lossy().into_owned()),
        ocr_languages: vec!["en".to_owned(), "de".to_owned()],
        thumbnail_width_px: 480,
        password: None,
    };
    Ok(reader.read(File::open(path)?, request).await)
}

fn print_line(path: &Path, outcome: &Result<Reading, ReadError>, seconds: f64) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let words = fs::read(words_of(path)).unwrap_or_default();
    match outcome {
        Ok(reading) => {
            let texts: Vec<&str> = reading
                .pages
                .iter()
                .map(|page| page.text.as_str())
                .collect();
            let text = texts.join("\n");
            let recall = recall::word_recall(&String::from_utf8_lossy(&words), &text);
            let sure: Vec<u32> = reading
                .pages
                .iter()
                .filter_map(|page| page.confidence.map(u32::from))
                .collect();
            let confidence = sure.iter().sum::<u32>() / (sure.len() as u32).max(1);
            println!(
                "{name}\t{recall:.4}\t{}\t{seconds:.2}\t{}\t{confidence}\tok",
                reading.page_count,
                text.len()
            );
        }
        Err(error) => println!("{name}\t0\t0\t{seconds:.2}\t0\t0\t{}", error.code()),
    }
}

/// Processor time of all children that have ended, and of theirs, from the kernel's account.
fn children_cpu_seconds() -> Result<f64, Box<dyn Error>> {
    const TICKS_PER_SECOND: f64 = 100.0;
    let account = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = account.rsplit_once(')').ok_or("no account")?;
    let ticks = fields
        .split_whitespace()
        .skip(13)
        .take(2)
        .map(str::parse::<f64>);
    Ok(ticks.sum::<Result<f64, _>>()? / TICKS_PER_SECOND)
}
