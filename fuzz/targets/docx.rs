//! The text of a Word document.
#![no_main]

libfuzzer_sys::fuzz_target!(init: docuvault_fuzz::allow_answered_panics(), |bytes: &[u8]| {
    docuvault_fuzz::read_packed(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        &[
            (
                "[Content_Types].xml",
                b"<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>",
            ),
            ("word/document.xml", bytes),
        ],
    );
});
