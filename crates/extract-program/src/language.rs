//! The main language of a document, when there is enough text to be sure.

use docuvault_extract::PageText;
use whatlang::Lang;

const SAMPLE_CHARACTERS: usize = 20_000;
const MIN_LETTERS: usize = 40;
/// Below this the guess is worse than none: forms and tables are mostly names and numbers.
const MIN_CONFIDENCE: f64 = 0.5;

/// ISO 639-1 code of the language most of the text is in.
pub fn detect(pages: &[PageText]) -> Option<String> {
    let words = pages.iter().flat_map(|page| page.text.chars().chain([' ']));
    let sample: String = words.take(SAMPLE_CHARACTERS).collect();
    if crate::findings::count_letters(&sample) < MIN_LETTERS {
        return None;
    }
    let found = whatlang::detect(&sample)?;
    if !found.is_reliable() && found.confidence() < MIN_CONFIDENCE {
        return None;
    }
    two_letter_code(found.lang()).map(str::to_owned)
}

fn two_letter_code(language: Lang) -> Option<&'static str> {
    let code = match language {
        Lang::Afr => "af",
        Lang::Ara => "ar",
        Lang::Aze => "az",
        Lang::Bel => "be",
        Lang::Ben => "bn",
        Lang::Bul => "bg",
        Lang::Cat => "ca",
        Lang::Ces => "cs",
        Lang::Cmn => "zh",
        Lang::Cym => "cy",
        Lang::Dan => "da",
        Lang::Deu => "de",
        Lang::Ell => "el",
        Lang::Eng => "en",
        Lang::Epo => "eo",
        Lang::Est => "et",
        Lang::Fin => "fi",
        Lang::Fra => "fr",
        Lang::Guj => "gu",
        Lang::Heb => "he",
        Lang::Hin => "hi",
        Lang::Hrv => "hr",
        Lang::Hun => "hu",
        Lang::Hye => "hy",
        Lang::Ind => "id",
        Lang::Ita => "it",
        Lang::Jpn => "ja",
        Lang::Kat => "ka",
        Lang::Kor => "ko",
        Lang::Lat => "la",
        Lang::Lav => "lv",
        Lang::Lit => "lt",
        Lang::Mkd => "mk",
        Lang::Nld => "nl",
        Lang::Nob => "nb",
        Lang::Pes => "fa",
        Lang::Pol => "pl",
        Lang::Por => "pt",
        Lang::Ron => "ro",
        Lang::Rus => "ru",
        Lang::Slk => "sk",
        Lang::Slv => "sl",
        Lang::Spa => "es",
        Lang::Srp => "sr",
        Lang::Swe => "sv",
        Lang::Tam => "ta",
        Lang::Tha => "th",
        Lang::Tur => "tr",
        Lang::Ukr => "uk",
        Lang::Urd => "ur",
        Lang::Vie => "vi",
        Lang::Yid => "yi",
        _ => return None,
    };
    Some(code)
}

#[cfg(test)]
mod tests {
    use docuvault_extract::{PageText, TextSource};

    use super::detect;

    fn detected(text: &str) -> Option<String> {
        detect(&[PageText {
            number: 1,
            text: text.to_owned(),
            source: TextSource::Text,
            confidence: None,
        }])
    }

    #[test]
    fn tells_languages_apart_and_stays_silent_when_unsure() {
        let german = "Sehr geehrte Frau Muster, anbei erhalten Sie die Jahresabrechnung für Strom und Gas sowie den neuen Abschlag.";
        let english = "Dear customer, please find enclosed the annual statement for your electricity account and the new payment plan.";
        assert_eq!(detected(german).as_deref(), Some("de"));
        assert_eq!(detected(english).as_deref(), Some("en"));
        assert_eq!(detected("12.05.2024 A-17"), None);
    }
}
