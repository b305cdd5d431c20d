//! Sheets of Excel 97.
#![no_main]

libfuzzer_sys::fuzz_target!(init: docuvault_fuzz::allow_answered_panics(), |bytes: &[u8]| docuvault_fuzz::read_as(
    "application/vnd.ms-excel",
    bytes
));
