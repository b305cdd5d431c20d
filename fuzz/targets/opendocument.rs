//! The text of an OpenDocument file.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    docuvault_fuzz::read_packed(
        "application/vnd.oasis.opendocument.text",
        &[
            ("mimetype", b"application/vnd.oasis.opendocument.text"),
            ("content.xml", bytes),
        ],
    );
});
