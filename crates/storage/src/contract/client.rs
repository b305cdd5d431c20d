//! Somebody with signed URLs and nothing else: what a browser, or a thief of its URLs, can do.

use std::{convert::Infallible, time::Duration};

use futures::stream;
use http::{HeaderMap, Method, StatusCode, header};

use super::{Broken, Outcome, ensure};
use crate::{SignedUpload, SignedUrl};

const PATIENCE: Duration = Duration::from_mins(2);
/// How long a store has to refuse before the bytes come.
const HELD_BACK: Duration = Duration::from_secs(1);

/// What the store answered.
pub(super) struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn arrived(self, what: &str) -> Result<Self, Broken> {
        ensure(
            self.status.is_success(),
            format!("{what} was refused with {}", self.status),
        )?;
        Ok(self)
    }

    pub fn refused(self, what: &str) -> Outcome {
        ensure(
            self.status.is_client_error(),
            format!("{what} was answered {}", self.status),
        )
    }

    /// The mark of what was sent, without quotes.
    pub fn etag(&self) -> Result<String, Broken> {
        self.header("etag")
            .map(|etag| etag.trim_matches('"').to_owned())
            .ok_or_else(|| Broken::Promise("an upload was answered without an ETag".to_owned()))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Sends and fetches by URL.
pub(super) struct Client(reqwest::Client);

impl Client {
    pub fn new() -> Result<Self, Broken> {
        crate::s3::http_client(PATIENCE).map(Self).map_err(broken)
    }

    pub async fn put(&self, to: &SignedUpload, bytes: &[u8]) -> Result<Reply, Broken> {
        self.send(Method::PUT, &to.url, &to.headers, bytes).await
    }

    pub async fn get(&self, from: &SignedUrl, range: Option<&str>) -> Result<Reply, Broken> {
        let range = range.map(|range| (header::RANGE.to_string(), range.to_owned()));
        self.send(Method::GET, from, range.as_slice(), &[]).await
    }

    /// A store may refuse before it has read everything and close the connection, which reaches us as a reset. Asked once more with
    /// the bytes held back for a moment, it can say so in words before any of them is in its way.
    pub async fn send(
        &self,
        method: Method,
        to: &SignedUrl,
        headers: &[(String, String)],
        bytes: &[u8],
    ) -> Result<Reply, Broken> {
        let at_once = Duration::ZERO;
        match self.attempt(&method, to, headers, bytes, at_once).await {
            Err(_) => self.attempt(&method, to, headers, bytes, HELD_BACK).await,
            reply => reply,
        }
        .map_err(broken)
    }

    async fn attempt(
        &self,
        method: &Method,
        to: &SignedUrl,
        headers: &[(String, String)],
        bytes: &[u8],
        held_back: Duration,
    ) -> Result<Reply, reqwest::Error> {
        let mut request = self.0.request(method.clone(), to.expose());
        for (name, value) in headers {
            request = request.header(name, value);
        }
        if *method == Method::PUT {
            let bytes = bytes.to_vec();
            request = request
                .header(header::CONTENT_LENGTH, bytes.len())
                .body(match held_back {
                    Duration::ZERO => bytes.into(),
                    pause => reqwest::Body::wrap_stream(stream::once(async move {
                        tokio::time::sleep(pause).await;
                        Ok::<_, Infallible>(bytes)
                    })),
                });
        }
        let response = request.timeout(PATIENCE).send().await?;
        Ok(Reply {
            status: response.status(),
            headers: response.headers().clone(),
            body: response.bytes().await?.to_vec(),
        })
    }
}

fn broken(error: reqwest::Error) -> Broken {
    Broken::Promise(format!("no answer to a client: {}", error.without_url()))
}
