//! Web pages.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| docuvault_fuzz::read_as("text/html", bytes));
