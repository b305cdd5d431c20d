//! What a file is, by its bytes, and then the parser for that.
#![no_main]

libfuzzer_sys::fuzz_target!(init: docuvault_fuzz::allow_answered_panics(), |bytes: &[u8]| {
    let content_type = docuvault_extract::sniff(bytes, None);
    docuvault_fuzz::read_as(content_type, bytes);
});
