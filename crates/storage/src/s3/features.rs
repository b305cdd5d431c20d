//! What a store was seen to enforce.

/// Found out by the store's test. What it does not enforce, the vault does another way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct S3Features {
    /// A PUT with `If-None-Match: *` is refused where there is an object.
    pub if_none_match: bool,
    /// A PUT with `x-amz-checksum-sha256` is refused, and publishes nothing, when the bytes have another digest.
    pub checksum_sha256: bool,
}
