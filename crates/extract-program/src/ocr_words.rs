//! Text from the words `tesseract` reports, without those it only guessed.

use std::fmt::Write;

use docuvault_extract::{PageText, TextSource};

use crate::findings::count_letters;
use crate::word_layer::WordLayer;

/// Words below this confidence (0 to 100) are noise more often than not.
const MIN_WORD_CONFIDENCE: f32 = 30.0;
/// Below this mean a picture shows no text.
const MIN_PAGE_CONFIDENCE: f32 = 45.0;

/// Words above this confidence were read, not guessed.
const SURE_WORD_CONFIDENCE: f32 = 60.0;

/// The text of a page and how sure the program is of it.
#[derive(Debug, Default)]
pub struct Recognised {
    /// Lines and paragraphs as on the page.
    pub text: String,
    /// Mean over the words, 0 to 100.
    pub confidence: f32,
    /// Letters of the words it is sure of: far more when the page is the right way up.
    pub sure_letters: usize,
    /// The words in their places, where they were asked for.
    pub layer: Option<WordLayer>,
}

impl Recognised {
    /// As the text of a page of the document.
    pub fn into_page(self, number: u32) -> PageText {
        PageText {
            number,
            text: self.text,
            source: TextSource::Ocr,
            confidence: Some(self.confidence.round().clamp(0.0, 100.0) as u8),
        }
    }

    /// Itself unless it is most likely noise.
    pub fn if_convincing(self) -> Option<Self> {
        (self.confidence >= MIN_PAGE_CONFIDENCE && !self.text.trim().is_empty()).then_some(self)
    }
}

/// Reads the program's TSV: level, page, block, paragraph, line, word, left, top, width, height, confidence, text.
pub fn parse_words(tsv: &str) -> Recognised {
    let mut text = String::new();
    let (mut confidence_sum, mut word_count, mut sure_letters) = (0.0, 0_u32, 0);
    let mut place = None;
    for row in tsv.lines() {
        let columns: Vec<&str> = row.split('\t').collect();
        let [
            _,
            _,
            block,
            paragraph,
            line,
            _,
            _,
            _,
            _,
            _,
            confidence,
            word,
        ] = columns.as_slice()
        else {
            continue;
        };
        let Ok(confidence) = confidence.parse::<f32>() else {
            continue;
        };
        if confidence < 0.0 || word.trim().is_empty() {
            continue;
        }
        confidence_sum += confidence;
        word_count += 1;
        if confidence < MIN_WORD_CONFIDENCE {
            continue;
        }
        if confidence >= SURE_WORD_CONFIDENCE {
            sure_letters += count_letters(word);
        }
        let separator = match place {
            None => "",
            Some((b, p, _)) if (b, p) != (*block, *paragraph) => "\n\n",
            Some((_, _, l)) if l != *line => "\n",
            Some(_) => " ",
        };
        let _ = write!(text, "{separator}{}", word.trim());
        place = Some((*block, *paragraph, *line));
    }
    Recognised {
        text,
        confidence: confidence_sum / word_count.max(1) as f32,
        sure_letters,
        layer: None,
    }
}

#[cfg(test)]
mod tests {
    use super::parse_words;

    fn row(block: u32, paragraph: u32, line: u32, confidence: f32, word: &str) -> String {
        format!("5\t1\t{block}\t{paragraph}\t{line}\t1\t0\t0\t9\t9\t{confidence}\t{word}\n")
    }

    #[test]
    fn keeps_lines_and_paragraphs_and_drops_guesses() {
        let tsv = [
            "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n".to_owned(),
            "1\t1\t0\t0\t0\t0\t0\t0\t9\t9\t-1\t\n".to_owned(),
            row(1, 1, 1, 90.0, "Dear"),
            row(1, 1, 1, 80.0, "Ms"),
            row(1, 1, 2, 5.0, "~;"),
            row(1, 1, 2, 95.0, "Example"),
            row(1, 2, 1, 80.0, "Thanks"),
        ];
        let found = parse_words(&tsv.concat());
        assert_eq!(found.text, "Dear Ms\nExample\n\nThanks");
        assert_eq!(found.sure_letters, 19);
        assert!((found.confidence - 70.0).abs() < 0.01);
        assert!(parse_words("nonsense").if_convincing().is_none());
    }
}
