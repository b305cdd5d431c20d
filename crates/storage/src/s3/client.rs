//! Requests to the store: signed, sent and answered in bounded time and memory.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, StatusCode, header};
use reqwest::{Body, Response};
use rusty_s3::Method;
use tokio::time::{sleep, timeout};

use super::{
    S3ConfigError,
    answers::LONGEST_ANSWER,
    breaker::Breaker,
    errors::{self, Trouble, later, nonsense},
    signing::{Signer, ToSign},
};
use crate::StorageError;

/// Errors are short; what is longer is a page of some proxy.
const LONGEST_REFUSAL: usize = 64 * 1024;

/// How long a store may take.
#[derive(Debug, Clone, Copy)]
pub struct S3Patience {
    /// To take a connection.
    pub connect: Duration,
    /// To answer a small call, or to begin answering a large one.
    pub answer: Duration,
    /// To take or give the next bytes of a body.
    pub idle: Duration,
    /// To put an object together from its parts; some copy all of it.
    pub join: Duration,
    /// To say that it is there.
    pub check: Duration,
}

impl Default for S3Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(15),
            idle: Duration::from_mins(1),
            join: Duration::from_mins(5),
            check: Duration::from_secs(3),
        }
    }
}

/// An HTTP client that goes where it is told and nowhere else.
pub(crate) fn http_client(connect: Duration) -> Result<reqwest::Client, reqwest::Error> {
    // Fails if the program has chosen a provider already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(connect)
        .pool_idle_timeout(Duration::from_secs(30))
        .build()
}

/// A whole answer.
pub(super) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    /// Itself if it is a success.
    pub fn success(self) -> Result<Self, StorageError> {
        if self.status.is_success() {
            Ok(self)
        } else {
            Err(self.refusal())
        }
    }

    pub fn refusal(&self) -> StorageError {
        errors::refusal(self.status, &self.headers, &self.body)
    }
}

/// Sends requests of our own.
pub(super) struct Client {
    http: reqwest::Client,
    pub signer: Signer,
    breaker: Breaker,
    pub patience: S3Patience,
}

impl Client {
    pub fn new(signer: Signer, patience: S3Patience) -> Result<Self, S3ConfigError> {
        let http = http_client(patience.connect)
            .map_err(|error| S3ConfigError::Client(error.to_string()))?;
        Ok(Self {
            http,
            signer,
            breaker: Breaker::default(),
            patience,
        })
    }

    /// A small call without a body.
    pub async fn call(&self, what: &ToSign<'_>) -> Result<Answer, StorageError> {
        self.call_with(what, Bytes::new(), self.patience.answer)
            .await
    }

    /// A small call; `within` covers all of it.
    pub async fn call_with(
        &self,
        what: &ToSign<'_>,
        body: Bytes,
        within: Duration,
    ) -> Result<Answer, StorageError> {
        self.admit()?;
        let answer = timeout(within, self.whole(what, body))
            .await
            .unwrap_or(Err(Unanswered::TimedOut));
        self.note(answer.as_ref().map(|answer| answer.status));
        answer.map_err(StorageError::from)
    }

    /// A request whose answer is read by the caller, or whose body takes its time. It is given up when `until` is over.
    pub async fn open(
        &self,
        what: &ToSign<'_>,
        headers: HeaderMap,
        body: Option<Body>,
        until: impl Future<Output = ()>,
    ) -> Result<Response, StorageError> {
        self.admit()?;
        let answer = tokio::select! {
            answer = self.send(what, headers, body) => answer,
            () = until => Err(Unanswered::TimedOut),
        };
        self.note(answer.as_ref().map(Response::status));
        Ok(answer?)
    }

    /// What a refusal that came with `open` means.
    pub async fn refused(&self, response: Response) -> StorageError {
        match timeout(self.patience.answer, read(response, LONGEST_REFUSAL)).await {
            Ok(Ok(answer)) => answer.refusal(),
            Ok(Err(unanswered)) => unanswered.into(),
            Err(_) => Trouble::TimedOut.into(),
        }
    }

    /// Over when an answer should have begun.
    pub async fn answer_due(&self) {
        sleep(self.patience.answer).await;
    }

    /// A connection that the store closes while we write to it says nothing about the request: it is sent once more if
    /// sending it twice does no harm.
    async fn whole(&self, what: &ToSign<'_>, body: Bytes) -> Result<Answer, Unanswered> {
        let harmless = matches!(what.method, Method::Get | Method::Head | Method::Delete);
        match self.attempt(what, body.clone()).await {
            Err(Unanswered::Reset(_)) if harmless => self.attempt(what, body).await,
            answer => answer,
        }
    }

    async fn attempt(&self, what: &ToSign<'_>, body: Bytes) -> Result<Answer, Unanswered> {
        let mut headers = HeaderMap::new();
        if !matches!(what.method, Method::Get | Method::Head | Method::Delete) {
            headers.insert(header::CONTENT_LENGTH, body.len().into());
        }
        let response = self.send(what, headers, Some(body.into())).await?;
        read(response, LONGEST_ANSWER).await
    }

    async fn send(
        &self,
        what: &ToSign<'_>,
        mut headers: HeaderMap,
        body: Option<Body>,
    ) -> Result<Response, Unanswered> {
        for (name, value) in what.headers.iter() {
            let (Ok(name), Ok(value)) = (HeaderName::try_from(name), value.parse()) else {
                return Err(Unanswered::Nonsense("a header that HTTP cannot carry"));
            };
            headers.insert(name, value);
        }
        headers.insert(
            header::ACCEPT_ENCODING,
            header::HeaderValue::from_static("identity"),
        );
        let mut request = self
            .http
            .request(method(what.method), self.signer.own(what))
            .headers(headers);
        if let Some(body) = body {
            request = request.body(body);
        }
        request.send().await.map_err(Unanswered::from)
    }

    fn admit(&self) -> Result<(), StorageError> {
        self.breaker
            .admit(Instant::now())
            .map_err(|wait| later(Trouble::Resting, wait))
    }

    fn note(&self, status: Result<StatusCode, &Unanswered>) {
        match status {
            Ok(status) if !errors::is_failure(status) => self.breaker.answered(),
            // Of our own making: says nothing about the store.
            Err(Unanswered::OurBody) => {}
            _ => self.breaker.failed(Instant::now()),
        }
    }
}

/// Why there is no answer.
pub(super) enum Unanswered {
    TimedOut,
    /// The connection broke after it was made.
    Reset(Trouble),
    /// No connection at all.
    Unreachable(Trouble),
    /// The body we were sending ended with an error.
    OurBody,
    Nonsense(&'static str),
}

impl From<reqwest::Error> for Unanswered {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            Self::TimedOut
        } else if error.is_connect() {
            Self::Unreachable(errors::no_answer(error))
        } else if is_of_our_body(&error) {
            Self::OurBody
        } else {
            Self::Reset(errors::no_answer(error))
        }
    }
}

fn is_of_our_body(error: &reqwest::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if error.is::<OurBodyFailed>() {
            return true;
        }
        cause = match error.downcast_ref::<std::io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as _),
            None => error.source(),
        };
    }
    false
}

/// Ends a body on purpose, so that the store never gets all of it.
#[derive(Debug, thiserror::Error)]
#[error("the bytes to send ended early")]
pub(super) struct OurBodyFailed;

impl From<Unanswered> for StorageError {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::TimedOut => Trouble::TimedOut.into(),
            Unanswered::Reset(trouble) | Unanswered::Unreachable(trouble) => trouble.into(),
            Unanswered::OurBody => Self::unavailable(OurBodyFailed),
            Unanswered::Nonsense(what) => nonsense(what),
        }
    }
}

/// The whole body, if it is no longer than `limit` and as long as announced.
async fn read(mut response: Response, limit: usize) -> Result<Answer, Unanswered> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > limit {
            return Err(Unanswered::Nonsense("a very long answer"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer {
        status: response.status(),
        headers: std::mem::take(response.headers_mut()),
        body: body.freeze(),
    })
}

fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Head => reqwest::Method::HEAD,
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Delete => reqwest::Method::DELETE,
    }
}
