//! The text of an OpenDocument file.
#![no_main]

libfuzzer_sys::fuzz_target!(init: docuvault_fuzz::allow_answered_panics(), |bytes: &[u8]| {
    docuvault_fuzz::read_packed(
        "application/vnd.oasis.opendocument.text",
        &[
            ("mimetype", b"application/vnd.oasis.opendocument.text"),
            ("content.xml", bytes),
        ],
    );
});
