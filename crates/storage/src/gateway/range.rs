//! The `Range` header: one range is honoured, everything else gets the whole object (RFC 9110, section 14).

use crate::ByteRange;

/// What a reader asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RangeRequest {
    /// No range, several, or one we do not understand: answer 200 with everything.
    Whole,
    /// Answer 206 with these bytes; they exist.
    Part(ByteRange),
    /// Answer 416.
    Unsatisfiable,
}

/// Reads a `Range` header for an object of `size_bytes`.
pub fn parse_range(header: Option<&str>, size_bytes: u64) -> RangeRequest {
    header
        .and_then(|header| parse_single(header, size_bytes))
        .unwrap_or(RangeRequest::Whole)
}

/// `None` where the header is to be ignored.
fn parse_single(header: &str, size_bytes: u64) -> Option<RangeRequest> {
    let (unit, range) = header.split_once('=')?;
    // Some clients put a range on every request; an empty object has no byte to honour it with.
    if !unit.trim().eq_ignore_ascii_case("bytes") || size_bytes == 0 {
        return None;
    }
    let (first, last) = range.trim().split_once('-')?;
    let range = match (first.trim(), last.trim()) {
        ("", "") => return None,
        ("", suffix) => {
            let suffix_bytes = number(suffix)?.min(size_bytes);
            ByteRange::new(size_bytes - suffix_bytes, size_bytes - 1)
        }
        (first, "") => ByteRange::new(number(first)?, u64::MAX),
        (first, last) => Some(ByteRange::new(number(first)?, number(last)?)?),
    };
    let range = range.and_then(|range| range.within(size_bytes));
    Some(range.map_or(RangeRequest::Unsatisfiable, RangeRequest::Part))
}

/// A number too large for us is larger than any object.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

/// The `Content-Range` header: of a 206 with its range, of a 416 without.
pub fn content_range(range: Option<ByteRange>, size_bytes: u64) -> String {
    match range {
        Some(range) => format!("bytes {}-{}/{size_bytes}", range.first(), range.last()),
        None => format!("bytes */{size_bytes}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn part(first: u64, last: u64) -> RangeRequest {
        RangeRequest::Part(ByteRange::new(first, last).unwrap())
    }

    #[test]
    fn every_form_of_a_range() {
        use RangeRequest::{Unsatisfiable, Whole};
        for (header, size_bytes, expected) in [
            ("bytes=0-0", 10, part(0, 0)),
            ("bytes=2-5", 10, part(2, 5)),
            ("bytes=2-", 10, part(2, 9)),
            ("bytes=2-99", 10, part(2, 9)),
            ("bytes=-3", 10, part(7, 9)),
            ("bytes=-99", 10, part(0, 9)),
            ("Bytes = 1 - 2 ", 10, part(1, 2)),
            ("bytes=9-99999999999999999999999", 10, part(9, 9)),
            ("bytes=10-", 10, Unsatisfiable),
            ("bytes=10-12", 10, Unsatisfiable),
            ("bytes=-0", 10, Unsatisfiable),
            ("bytes=99999999999999999999999-", 10, Unsatisfiable),
            ("bytes=5-2", 10, Whole),
            ("bytes=0-1,4-5", 10, Whole),
            ("bytes=-", 10, Whole),
            ("bytes=", 10, Whole),
            ("bytes", 10, Whole),
            ("bytes=a-b", 10, Whole),
            ("bytes=+1-2", 10, Whole),
            ("bytes=1--2", 10, Whole),
            ("lines=1-2", 10, Whole),
            ("bytes=0-", 0, Whole),
        ] {
            assert_eq!(
                parse_range(Some(header), size_bytes),
                expected,
                "{header} of {size_bytes}"
            );
        }
        assert_eq!(parse_range(None, 10), Whole);
    }

    #[test]
    fn content_range_of_206_and_416() {
        assert_eq!(content_range(ByteRange::new(2, 5), 10), "bytes 2-5/10");
        assert_eq!(content_range(None, 10), "bytes */10");
    }

    proptest! {
        #[test]
        fn a_part_always_lies_within_the_object(header in "bytes=[0-9]{0,21}-[0-9]{0,21}|.{0,40}", size_bytes: u64) {
            if let RangeRequest::Part(range) = parse_range(Some(&header), size_bytes) {
                prop_assert!(range.first() <= range.last() && range.last() < size_bytes);
            }
        }

        #[test]
        fn a_range_within_is_taken_literally(size_bytes in 1..u64::MAX, one: u64, other: u64) {
            let (one, other) = (one % size_bytes, other % size_bytes);
            let (first, last) = (one.min(other), one.max(other));
            prop_assert_eq!(parse_range(Some(&format!("bytes={first}-{last}")), size_bytes), part(first, last));
            prop_assert_eq!(parse_range(Some(&format!("bytes={first}-")), size_bytes), part(first, size_bytes - 1));
            prop_assert_eq!(
                parse_range(Some(&format!("bytes=-{}", last + 1)), size_bytes),
                part(size_bytes - last - 1, size_bytes - 1)
            );
        }
    }
}
