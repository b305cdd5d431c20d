//! Searchable copies: words laid over every page of a PDF.
#![no_main]

/// As the OCR program writes them.
const WORDS: &[u8] = include_bytes!("../words.pdf");

libfuzzer_sys::fuzz_target!(init: docuvault_fuzz::allow_answered_panics(), |bytes: &[u8]| {
    let _ = docuvault_extract_program::lay_words_over(bytes, WORDS);
});
