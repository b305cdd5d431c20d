//! Pictures of every kind: which it is shows in the bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(init: docuvault_fuzz::allow_answered_panics(), |bytes: &[u8]| docuvault_fuzz::read_as("image/png", bytes));
