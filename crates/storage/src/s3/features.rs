//! What a store enforces of its own accord, as far as the driver makes use of it.

/// Found out by [`super::acceptance::test_store`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct S3Features {
    /// `If-None-Match: *` keeps an object from being written twice.
    pub if_none_match: bool,
    /// A body that does not match a signed `x-amz-checksum-sha256` is refused.
    pub checksum_sha256: bool,
}
