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

#[cfg(test)]
mod tests {
    use super::*;

    const TEST_TIME: i64 = 1_369_353_600;

    fn signer(path_style: bool) -> Signer {
        let endpoint: Url = "https://s3.amazonaws.com".parse().unwrap();
        let config = S3Config {
            endpoint: endpoint.clone(),
            public_endpoint: endpoint,
            region: "us-east-1".to_owned(),
            bucket: "examplebucket".to_owned(),
            path_style,
            keys: S3Keys {
                access_key: "AKIAIOSFODNN7EXAMPLE".to_owned(),
                secret_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned().into(),
            },
            upload_keys: None,
            download_keys: None,
            part_size_bytes: 16 << 20,
        };
        Signer::new(&config).unwrap()
    }

    fn at(signer: &Signer, what: &ToSign<'_>) -> String {
        let time = Timestamp::from_second(TEST_TIME).unwrap();
        let day = Duration::from_hours(24);
        signer.at(Sender::Downloader, what, day, time).into()
    }

    #[test]
    fn the_published_example_comes_out() {
        let signed = at(&signer(false), &ToSign::object(Method::Get, "test.txt"));
        assert_eq!(
            signed,
            "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
             &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
             &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
             &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        );
    }

    #[test]
    fn everything_that_is_signed_changes_the_signature() {
        let signer = signer(true);
        let mut signatures: Vec<String> = [
            ToSign::object(Method::Put, "a"),
            ToSign::object(Method::Get, "a"),
            ToSign::object(Method::Put, "b"),
            ToSign::object(Method::Put, "a").query("partNumber", "1"),
            ToSign::object(Method::Put, "a").query("partNumber", "2"),
            ToSign::object(Method::Put, "a").header("content-length", "1"),
            ToSign::object(Method::Put, "a").header("content-length", "2"),
            ToSign::bucket(Method::Put),
        ]
        .iter()
        .map(|what| at(&signer, what).rsplit('=').next().unwrap().to_owned())
        .collect();
        let count = signatures.len();
        signatures.sort();
        signatures.dedup();
        assert_eq!(signatures.len(), count);
    }

    #[test]
    fn no_secret_stands_in_a_url() {
        let signed = at(&signer(true), &ToSign::object(Method::Put, "a"));
        assert!(!signed.contains("wJalr"), "{signed}");
    }
}
