//! Signed requests: which key signs, for which address, for how long.
//!
//! Every request, our own too, is signed in its URL (AWS Signature Version 4). The host is part of the signature, so URLs for browsers
//! are signed for the public address and our own for the internal one.

use std::time::Duration;

use jiff::Timestamp;
use rusty_s3::{Bucket, Credentials, Map, Method, UrlStyle, signing::sign};
use secrecy::ExposeSecret;
use url::Url;

use super::{S3Config, S3ConfigError, S3Keys};

/// Our own requests are sent at once.
const OWN_REQUEST_LIFE: Duration = Duration::from_mins(5);

/// Who will send the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sender {
    /// We do, to the internal address.
    Ourselves,
    /// A client that brings bytes, to the public address.
    Uploader,
    /// A client that fetches bytes, from the public address.
    Downloader,
}

/// What is signed. Headers named here must be sent as they are.
#[derive(Debug, Clone)]
pub(crate) struct ToSign<'a> {
    pub method: Method,
    /// `None`: the bucket itself.
    pub key: Option<&'a str>,
    pub query: Map<'a>,
    pub headers: Map<'a>,
}

impl<'a> ToSign<'a> {
    pub fn object(method: Method, key: &'a str) -> Self {
        Self {
            method,
            key: Some(key),
            query: Map::new(),
            headers: Map::new(),
        }
    }

    pub fn bucket(method: Method) -> Self {
        Self {
            method,
            key: None,
            query: Map::new(),
            headers: Map::new(),
        }
    }

    pub fn query(
        mut self,
        name: &'static str,
        value: impl Into<std::borrow::Cow<'a, str>>,
    ) -> Self {
        self.query.insert(name, value);
        self
    }

    /// `name` in lower case.
    pub fn header(
        mut self,
        name: &'static str,
        value: impl Into<std::borrow::Cow<'a, str>>,
    ) -> Self {
        self.headers.insert(name, value);
        self
    }
}

/// Signs for one bucket.
pub(crate) struct Signer {
    internal: Bucket,
    public: Bucket,
    own: Credentials,
    uploads: Credentials,
    downloads: Credentials,
}

impl Signer {
    pub fn new(config: &S3Config) -> Result<Self, S3ConfigError> {
        let credentials =
            |keys: &S3Keys| Credentials::new(&*keys.access_key, keys.secret_key.expose_secret());
        Ok(Self {
            internal: bucket(config, &config.endpoint)?,
            public: bucket(config, &config.public_endpoint)?,
            own: credentials(&config.keys),
            uploads: credentials(config.upload_keys.as_ref().unwrap_or(&config.keys)),
            downloads: credentials(config.download_keys.as_ref().unwrap_or(&config.keys)),
        })
    }

    /// A request of our own, to be sent now.
    pub fn own(&self, what: &ToSign<'_>) -> Url {
        self.at(Sender::Ourselves, what, OWN_REQUEST_LIFE, Timestamp::now())
    }

    /// A request that `sender` may send until `expires_in` from now.
    pub fn by(&self, sender: Sender, what: &ToSign<'_>, expires_in: Duration) -> Url {
        self.at(sender, what, expires_in, Timestamp::now())
    }

    /// As if signed at `time`.
    pub fn at(
        &self,
        sender: Sender,
        what: &ToSign<'_>,
        expires_in: Duration,
        time: Timestamp,
    ) -> Url {
        let (bucket, credentials) = match sender {
            Sender::Ourselves => (&self.internal, &self.own),
            Sender::Uploader => (&self.public, &self.uploads),
            Sender::Downloader => (&self.public, &self.downloads),
        };
        sign(
            &time,
            what.method,
            Self::address(bucket, what.key),
            credentials.key(),
            credentials.secret(),
            credentials.token(),
            bucket.region(),
            expires_in.as_secs().max(1),
            what.query.iter(),
            what.headers.iter(),
        )
    }

    /// The bare address, without any signature.
    pub fn unsigned(&self, sender: Sender, key: Option<&str>) -> Url {
        match sender {
            Sender::Ourselves => Self::address(&self.internal, key),
            Sender::Uploader | Sender::Downloader => Self::address(&self.public, key),
        }
    }

    fn address(bucket: &Bucket, key: Option<&str>) -> Url {
        key.map_or_else(|| bucket.base_url().clone(), |key| bucket.object_url(key))
    }
}

fn bucket(config: &S3Config, endpoint: &Url) -> Result<Bucket, S3ConfigError> {
    let style = if config.path_style {
        UrlStyle::Path
    } else {
        UrlStyle::VirtualHost
    };
    Bucket::new(
        endpoint.clone(),
        style,
        config.bucket.clone(),
        config.region.clone(),
    )
    .map_err(|error| S3ConfigError::Address(error.to_string()))
}
