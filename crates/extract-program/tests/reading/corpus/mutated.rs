//! Every real document of the fixtures, damaged in several ways with a fixed seed.

use std::path::Path;

use super::Hostile;
use crate::fixture;

const EXTENSIONS: [&str; 19] = [
    "csv", "docx", "eml", "epub", "html", "jpg", "json", "md", "msg", "odp", "ods", "odt", "pdf",
    "png", "pptx", "rtf", "tiff", "txt", "xlsx",
];

/// A small generator of numbers, the same on every run (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

pub fn files() -> Vec<Hostile> {
    let mut dice = Dice(0x5eed_d0c5);
    let mut paths: Vec<_> = std::fs::read_dir(fixture(""))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| EXTENSIONS.contains(&extension(path)) || extension(path) == "xml")
        .collect();
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let whole = std::fs::read(&path).unwrap();
        for (way, bytes) in [
            ("cut", cut(&whole, &mut dice)),
            ("flipped", flipped(&whole, &mut dice, 4)),
            ("flipped more", flipped(&whole, &mut dice, 200)),
            ("with lying numbers", lying(&whole, &mut dice)),
            ("with parts repeated", repeated(&whole, &mut dice)),
            ("with a hole", with_hole(&whole, &mut dice)),
        ] {
            let name = format!("{} {way}", path.file_name().unwrap().display());
            files.push(Hostile::new(name, extension(&path), bytes));
        }
    }
    files
}

fn extension(path: &Path) -> &str {
    path.extension().and_then(|end| end.to_str()).unwrap_or("")
}

fn cut(whole: &[u8], dice: &mut Dice) -> Vec<u8> {
    whole[..dice.below(whole.len())].to_vec()
}

fn flipped(whole: &[u8], dice: &mut Dice, count: usize) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for _ in 0..count {
        let place = dice.below(bytes.len());
        bytes[place] ^= 1 << dice.below(8);
    }
    bytes
}

/// Places that look like small numbers become the largest there are.
fn lying(whole: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for _ in 0..12 {
        let start = dice.below(bytes.len().saturating_sub(4));
        let digits = (start..bytes.len()).find(|place| bytes[*place].is_ascii_digit());
        if let Some(place) = digits {
            bytes[place] = b'9';
        }
        if let Some(four) = bytes.get_mut(start..start + 4).filter(|four| four[3] == 0) {
            four.copy_from_slice(&[0xff, 0xff, 0xff, 0x7f]);
        }
    }
    bytes
}

fn repeated(whole: &[u8], dice: &mut Dice) -> Vec<u8> {
    let start = dice.below(whole.len());
    let end = start + dice.below(whole.len() - start);
    let mut bytes = whole[..end].to_vec();
    for _ in 0..20 {
        bytes.extend_from_slice(&whole[start..end]);
    }
    bytes.extend_from_slice(&whole[end..]);
    bytes
}

fn with_hole(whole: &[u8], dice: &mut Dice) -> Vec<u8> {
    let start = dice.below(whole.len());
    let end = start + dice.below((whole.len() - start).min(2_000));
    [&whole[..start], &whole[end..]].concat()
}
