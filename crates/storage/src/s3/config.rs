//! Where an S3 store is, and the keys to it.

use std::fmt;

use secrecy::SecretString;
use url::Url;

/// An access key and its secret.
#[derive(Clone)]
pub struct S3Keys {
    /// Stands readable in every signed URL.
    pub access_key: String,
    /// Signs; never leaves the process.
    pub secret_key: SecretString,
}

impl fmt::Debug for S3Keys {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("S3Keys(…)")
    }
}

/// A bucket, and how to reach it.
#[derive(Debug, Clone)]
pub struct S3Config {
    /// Where we reach the store.
    pub endpoint: Url,
    /// Where browsers reach it; signed URLs begin so. Often the same.
    pub public_endpoint: Url,
    /// As the store names it; `us-east-1` where it has no opinion.
    pub region: String,
    /// Must exist.
    pub bucket: String,
    /// `https://host/bucket/key`, which every store takes; else `https://bucket.host/key`.
    pub path_style: bool,
    /// For our own calls: read, write, list, delete.
    pub keys: S3Keys,
    /// Sign the URLs that clients send to, and can do nothing else; the ones above where there are none.
    pub upload_keys: Option<S3Keys>,
    /// Sign the URLs that clients fetch from, and can do nothing else; the ones above where there are none.
    pub download_keys: Option<S3Keys>,
    /// Length of a part, as long as no more than 1,000 of them are needed. At least 5 MiB.
    pub part_size_bytes: u64,
}

impl S3Config {
    /// Scheme, host and port of the address browsers use, as a content security policy names it.
    pub fn public_origin(&self) -> String {
        let mut url = self.public_endpoint.clone();
        if !self.path_style
            && let Some(host) = url.host_str().map(|host| format!("{}.{host}", self.bucket))
        {
            // A name with the bucket in front of it is still a name.
            let _ = url.set_host(Some(&host));
        }
        url.origin().ascii_serialization()
    }
}

/// What a store cannot be reached by.
#[derive(Debug, thiserror::Error)]
pub enum S3ConfigError {
    /// Not an address.
    #[error("the address of the S3 store is not usable: {0}")]
    Address(String),
    /// The HTTP client could not be made.
    #[error("no HTTP client for the S3 store: {0}")]
    Client(String),
}
