//! Every check: its name, and the words for either outcome.

use super::{Finding, Verdict};

const GUARD: &str = "Put a proxy before the store that refuses such requests, or use another store: docs/OPERATIONS.md, An S3 store.";
const OTHER_STORE: &str = "Do not use this store for documents.";

/// One thing that is tried.
pub(super) struct Check {
    pub id: &'static str,
    holds: &'static str,
    fails: &'static str,
    worst: Verdict,
    advice: &'static str,
}

impl Check {
    /// As it should be.
    pub fn passed(&self) -> Finding {
        self.found(Verdict::Enforced, self.holds, "")
    }

    pub fn failed(&self) -> Finding {
        self.found(self.worst, self.fails, self.advice)
    }

    pub fn judge(&self, is_well: bool) -> Finding {
        if is_well {
            self.passed()
        } else {
            self.failed()
        }
    }

    /// Failed, in a way that wants words of its own.
    pub fn failed_because(&self, what: impl Into<String>) -> Finding {
        Finding {
            what: what.into(),
            ..self.failed()
        }
    }

    /// With another verdict than usual.
    pub fn as_bad_as(&self, verdict: Verdict, what: impl Into<String>) -> Finding {
        Finding {
            verdict,
            ..self.failed_because(what)
        }
    }

    fn found(&self, verdict: Verdict, what: &str, advice: &str) -> Finding {
        Finding {
            id: self.id,
            verdict,
            what: what.to_owned(),
            advice: advice.to_owned(),
        }
    }
}

macro_rules! checks {
    ($($name:ident = $id:literal, $worst:ident, $holds:literal, $fails:literal, $advice:expr;)*) => {
        $(pub(super) const $name: Check = Check { id: $id, worst: Verdict::$worst, holds: $holds, fails: $fails, advice: $advice };)*
        const IDS: &[&str] = &[$($id),*];
        const PROMISES: &[(&str, &str)] = &[$(($id, $holds)),*];
    };
}

checks! {
    OWN_KEY = "own-key", Broken, "The vault's key can write, read, list and delete.", "The vault's key cannot do what it must.",
        "Check address, region, bucket and key, and what the key may do: docs/OPERATIONS.md, An S3 store.";
    CLOCK = "clock", Broken, "The store's clock agrees with ours.", "The store's clock differs from ours by more than ten minutes.",
        "Set both clocks by NTP: signatures are good for minutes only.";
    PUBLIC_ENDPOINT = "public-endpoint", Broken, "Signed URLs work at the public address.", "Signed URLs do not work at the public address.",
        "Check DOCUVAULT_S3_PUBLIC_ENDPOINT and the keys for uploads and downloads; a proxy there must pass on path, query and Host unchanged.";
    DOWNLOAD_HEADERS = "download-headers", Broken, "Downloads carry the name and type that were signed.", "Downloads do not carry the name and type that were signed.",
        "Use a store that honours response-content-disposition and response-content-type.";
    MULTIPART = "multipart", Broken, "Uploads in parts work.", "Uploads in parts do not work.",
        "Allow the vault's key to begin, list, complete and abort uploads in parts, and the key for uploads to send parts.";
    UNSIGNED_READ = "unsigned-read", Unsafe, "A request without a signature reads nothing.", "Anyone can read objects without a signature.",
        "Take away the bucket's public access.";
    UNSIGNED_WRITE = "unsigned-write", Unsafe, "A request without a signature writes nothing.", "Anyone can write objects without a signature.",
        "Take away the bucket's public access.";
    UNSIGNED_LIST = "unsigned-list", Unsafe, "A request without a signature lists nothing.", "Anyone can list objects without a signature.",
        "Take away the bucket's public access.";
    UNSIGNED_DELETE = "unsigned-delete", Unsafe, "A request without a signature deletes nothing.", "Anyone can delete objects without a signature.",
        "Take away the bucket's public access.";
    WRONG_SECRET = "wrong-secret", Unsafe, "A signature with a wrong secret opens nothing.", "Signatures are not checked.", OTHER_STORE;
    OTHER_METHOD = "other-method", Unsafe, "A URL works with the method it was signed for only.", "A URL signed for one method works with another.", OTHER_STORE;
    OTHER_KEY = "other-key", Unsafe, "A URL works for the object it was signed for only.", "A URL signed for one object works for another.", OTHER_STORE;
    EXPIRED = "expired", Unsafe, "A URL that has run out opens nothing.", "URLs do not run out.", OTHER_STORE;
    UNSIGNED_TRAILER = "unsigned-trailer", Unsafe, "A write with an unsigned trailer and no signature is refused.",
        "Whoever has seen a signed URL can write any object, by a request with an unsigned trailer (CVE-2026-41145).", GUARD;
    UNSIGNED_TRAILER_AUTHORIZATION = "unsigned-trailer-authorization", Unsafe, "A write with an unsigned trailer and a forged signature is refused.",
        "Whoever has seen a signed URL can write any object, by a request with an unsigned trailer and a forged signature (CVE-2026-41145).", GUARD;
    UNSIGNED_TRAILER_PART = "unsigned-trailer-part", Unsafe, "A part with an unsigned trailer and no signature is refused.",
        "Whoever has seen a signed URL can write parts of any length, by a request with an unsigned trailer (CVE-2026-41145).", GUARD;
    UNSIGNED_ARCHIVE = "unsigned-archive", Unsafe, "An archive to be unpacked, without a signature, is refused.",
        "Whoever has seen a signed URL can write any object, by an archive that the store unpacks (CVE-2026-40344).", GUARD;
    UNSIGNED_HEADER = "unsigned-header", Unsafe, "Headers that change the object must be signed.", "Whoever has a URL for sending can add headers that were not signed.", OTHER_STORE;
    UNSIGNED_COPY = "unsigned-copy", Unsafe, "A URL for sending copies nothing.", "Whoever has a URL for sending can copy any object into theirs, and so read it.",
        "Sign URLs for sending with a key that cannot read, and put a proxy before the store that refuses x-amz-copy-source: docs/OPERATIONS.md, An S3 store.";
    LONGER_BODY = "longer-body", Unsafe, "A body longer than signed is refused.", "Whoever has a URL for sending can send more than was signed.", OTHER_STORE;
    SHORTER_BODY = "shorter-body", Unsafe, "A body shorter than signed is refused.", "Whoever has a URL for sending can send less than was signed.", OTHER_STORE;
    PART_LENGTH = "part-length", Unsafe, "A part of another length than signed is refused.", "Whoever has a URL for a part can send another length than was signed.", OTHER_STORE;
    WRITE_ONCE = "write-once", Lacking, "If-None-Match keeps an object from being written twice.", "If-None-Match does not keep an object from being written twice.",
        "Nothing to do: the vault then sends every file in parts, whose URLs are dead once the file is complete.";
    PART_AFTER_COMPLETE = "part-after-complete", Unsafe, "The URL of a part changes nothing once the upload is complete.",
        "The URL of a part can still change the object after the upload is complete.", OTHER_STORE;
    CHECKSUM = "checksum", Lacking, "A body that does not match its signed SHA-256 is refused.", "A body that does not match its signed SHA-256 is stored.",
        "Nothing to do: the vault then compares the digest itself when it reads the document.";
    UPLOAD_KEY = "upload-key", Unsafe, "The key for uploads can only write.", "The key for uploads can do more than write.",
        "Give that key a policy with s3:PutObject on the bucket's objects and nothing else.";
    DOWNLOAD_KEY = "download-key", Unsafe, "The key for downloads can only read.", "The key for downloads can do more than read.",
        "Give that key a policy with s3:GetObject on the bucket's objects and nothing else.";
    KEYS_APART = "keys-apart", Lacking, "URLs are signed with keys of their own.", "URLs are signed with the key that can do everything; each URL shows its id.",
        "Make a key that can only write and one that can only read, and set DOCUVAULT_S3_UPLOAD_… and DOCUVAULT_S3_DOWNLOAD_….";
    HTTPS = "https", Broken, "Browsers reach the store as safely as the vault.", "The vault is reached by https and the store by http: browsers refuse to send there.",
        "Set DOCUVAULT_S3_PUBLIC_ENDPOINT to an https address.";
    BROWSER_UPLOAD = "browser-upload", Broken, "The vault's pages may send to the store.", "Browsers cannot upload: the store does not let the vault's pages in.",
        "Set the store's CORS rules: docs/OPERATIONS.md, An S3 store.";
    BROWSER_DOWNLOAD = "browser-download", Broken, "The vault's pages may read from the store.", "Browsers cannot show documents: the store does not let the vault's pages in.",
        "Set the store's CORS rules: docs/OPERATIONS.md, An S3 store.";
    BROWSER_RANGES = "browser-ranges", Lacking, "The vault's pages may read parts of an object.", "The vault's pages may read objects as a whole only, so that large documents show late.",
        "Allow the header Range in the store's CORS rules.";
    ETAG_EXPOSED = "etag-exposed", Lacking, "The vault's pages see the ETag of what they sent.", "The vault's pages do not see the ETag of what they sent.",
        "Expose the header ETag in the store's CORS rules.";
    FOREIGN_ORIGIN = "foreign-origin", Lacking, "Pages of other sites are not let in.", "Pages of any site are let in; they still need a signed URL.",
        "Name only the vault's address in the store's CORS rules.";
}

/// The name of every check there is.
pub fn finding_ids() -> &'static [&'static str] {
    IDS
}

/// Every check with what it promises when all is well.
pub fn promises() -> &'static [(&'static str, &'static str)] {
    PROMISES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_their_own_and_plain() {
        let mut seen = std::collections::HashSet::new();
        for id in finding_ids() {
            assert!(seen.insert(id), "{id} twice");
            assert!(
                id.bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'-'),
                "{id}"
            );
        }
    }
}
