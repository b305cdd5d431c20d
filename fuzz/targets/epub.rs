//! A chapter of a book.
#![no_main]

libfuzzer_sys::fuzz_target!(init: docuvault_fuzz::allow_answered_panics(), |bytes: &[u8]| {
    docuvault_fuzz::read_packed(
        "application/epub+zip",
        &[
            ("mimetype", b"application/epub+zip"),
            ("META-INF/container.xml", b"<container><rootfiles><rootfile full-path=\"content.opf\"/></rootfiles></container>"),
            ("content.opf", b"<package><manifest><item id=\"c\" href=\"chapter.xhtml\" media-type=\"application/xhtml+xml\"/></manifest><spine><itemref idref=\"c\"/></spine></package>"),
            ("chapter.xhtml", bytes),
        ],
    );
});
