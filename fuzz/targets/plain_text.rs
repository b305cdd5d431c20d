//! Text in any encoding.
#![no_main]

libfuzzer_sys::fuzz_target!(init: docuvault_fuzz::allow_answered_panics(), |bytes: &[u8]| docuvault_fuzz::read_as("text/plain", bytes));
