//! Whether this machine can recognise text in pictures, and in which languages.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::program::find_on_path;
use crate::protocol::OcrProgram;

/// The OCR program found on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OcrCapability {
    /// Path of `tesseract`.
    pub program: PathBuf,
    /// Folder of its language data.
    pub data_directory: Option<PathBuf>,
    /// Installed languages by their ISO 639-2 codes (`eng`, `deu`, ...), without `osd`.
    pub languages: Vec<String>,
    /// Whether it can tell which way up a page is.
    pub detects_orientation: bool,
}

impl OcrCapability {
    /// Asks `tesseract --list-langs`; `None` when it is not installed or has no language at all.
    pub(crate) fn detect() -> Option<Self> {
        let program = find_on_path("tesseract")?;
        let listing = Command::new(&program)
            .arg("--list-langs")
            .stdin(Stdio::null())
            .output()
            .ok()?;
        // Version 3 wrote the list to standard error.
        let listing = [listing.stdout, listing.stderr].concat();
        Self::from_listing(&program, &String::from_utf8_lossy(&listing))
    }

    fn from_listing(program: &Path, listing: &str) -> Option<Self> {
        let (heading, names) = listing.split_once('\n')?;
        let installed: Vec<&str> = names
            .lines()
            .map(str::trim)
            .filter(|name| is_language(name))
            .collect();
        let languages: Vec<String> = installed
            .iter()
            .filter(|name| !matches!(**name, "osd" | "equ"))
            .map(|&name| name.to_owned())
            .collect();
        (!languages.is_empty()).then(|| Self {
            program: program.to_owned(),
            data_directory: heading.split('"').nth(1).map(PathBuf::from),
            detects_orientation: installed.contains(&"osd"),
            languages,
        })
    }

    /// The program with the wanted languages that are installed. Codes may have two letters (`de`) or three (`deu`).
    /// When none of them is installed, English or else the first installed language still finds names and numbers.
    pub(crate) fn for_languages(&self, wanted: &[String]) -> OcrProgram {
        let mut languages: Vec<String> = Vec::new();
        for code in wanted.iter().map(|code| three_letter_code(code)) {
            if self.languages.iter().any(|installed| installed == code)
                && !languages.iter().any(|used| used == code)
            {
                languages.push(code.to_owned());
            }
        }
        if languages.is_empty() {
            let english = self.languages.iter().find(|code| *code == "eng");
            languages.extend(english.or(self.languages.first()).cloned());
        }
        OcrProgram {
            program: self.program.clone(),
            data_directory: self.data_directory.clone(),
            languages,
            detects_orientation: self.detects_orientation,
        }
    }
}

/// Language names reach a command line: letters, digits and `_` only.
fn is_language(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn three_letter_code(code: &str) -> &str {
    match code {
        "bg" => "bul",
        "cs" => "ces",
        "da" => "dan",
        "de" => "deu",
        "el" => "ell",
        "en" => "eng",
        "es" => "spa",
        "et" => "est",
        "fi" => "fin",
        "fr" => "fra",
        "hr" => "hrv",
        "hu" => "hun",
        "it" => "ita",
        "ja" => "jpn",
        "ko" => "kor",
        "lt" => "lit",
        "lv" => "lav",
        "nb" | "no" => "nor",
        "nl" => "nld",
        "pl" => "pol",
        "pt" => "por",
        "ro" => "ron",
        "ru" => "rus",
        "sk" => "slk",
        "sl" => "slv",
        "sv" => "swe",
        "tr" => "tur",
        "uk" => "ukr",
        "zh" => "chi_sim",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::OcrCapability;

    const LISTING: &str =
        "List of available languages in \"/usr/share/tessdata/\" (3):\ndeu\neng\nosd\n";

    fn capability() -> OcrCapability {
        OcrCapability::from_listing(Path::new("/usr/bin/tesseract"), LISTING).unwrap()
    }

    #[test]
    fn reads_the_listing() {
        let found = capability();
        assert_eq!(found.languages, ["deu", "eng"]);
        assert_eq!(
            found.data_directory.as_deref(),
            Some(Path::new("/usr/share/tessdata/"))
        );
        assert!(found.detects_orientation);
        assert_eq!(
            OcrCapability::from_listing(Path::new("t"), "no languages (0):\n"),
            None
        );
    }

    #[test]
    fn chooses_what_is_wanted_and_installed() {
        let choose = |wanted: &[&str]| {
            let wanted: Vec<String> = wanted.iter().map(|&code| code.to_owned()).collect();
            capability().for_languages(&wanted).languages
        };
        assert_eq!(choose(&["de", "fr", "deu", "eng"]), ["deu", "eng"]);
        assert_eq!(choose(&["fr"]), ["eng"]);
        assert_eq!(choose(&["-c", "; rm"]), ["eng"]);
    }
}
