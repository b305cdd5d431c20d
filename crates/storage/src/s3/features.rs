//! What a store turned out to enforce.

/// Found out by trying, never believed from a name: see the acceptance test.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct S3Features {
    /// A signed `If-None-Match: *` keeps an object from being overwritten.
    pub if_none_match: bool,
    /// Bytes that do not have the signed `x-amz-checksum-sha256` are refused, and not published either.
    pub checksum_sha256: bool,
}
