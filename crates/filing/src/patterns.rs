//! The regular expressions of this crate are constants; here they are compiled.

use regex::Regex;

/// Compiles a constant pattern, once, inside a `LazyLock`.
pub(crate) fn pattern(source: &str) -> Regex {
    #[expect(
        clippy::expect_used,
        reason = "a constant pattern compiles always or never, and the tests use them all"
    )]
    Regex::new(source).expect("a constant pattern compiles")
}
