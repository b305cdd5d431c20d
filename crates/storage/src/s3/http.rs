//! How a call is sent: no redirects, no proxy of the environment, bounded waiting, and none at all while the store is known to be away.

use std::{sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use reqwest::{Client, RequestBuilder, Response, redirect::Policy};
use tokio::time::timeout;
use url::Url;

use super::{S3ConfigError, breaker::Breaker};
use crate::StorageError;

const CONNECT_TIME: Duration = Duration::from_secs(5);
/// For a call that moves no file.
pub(super) const QUICK: Duration = Duration::from_secs(15);
/// The largest answer that is read as a whole: a page of a listing.
const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;
/// A store that sends nothing for so long has gone away.
pub(super) const IDLE: Duration = Duration::from_mins(1);
/// Fewer than stores and proxies keep theirs, so that we seldom pick one that is being closed.
const KEEP_IDLE_CONNECTION: Duration = Duration::from_secs(5);

pub(super) struct Http {
    client: Client,
    breaker: Arc<Breaker>,
}

macro_rules! methods {
    ($($method:ident),*) => {
        $(pub fn $method(&self, url: Url) -> RequestBuilder {
            self.client.$method(url)
        })*
    };
}

impl Http {
    pub fn new() -> Result<Self, S3ConfigError> {
        // An error means that the process has chosen one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_TIME)
            .pool_idle_timeout(KEEP_IDLE_CONNECTION)
            .build()
            .map_err(|error| S3ConfigError::Client(error.without_url().to_string()))?;
        Ok(Self {
            client,
            breaker: Arc::new(Breaker::default()),
        })
    }

    methods!(get, head, post, put, delete);

    /// Sends it and waits for the head of the answer, `within` at most.
    pub async fn send(
        &self,
        request: RequestBuilder,
        within: Duration,
    ) -> Result<Response, StorageError> {
        let call = self.breaker.permit()?;
        let sent = match timeout(within, request.send()).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(unavailable(error)),
            Err(_) => Err(StorageError::unavailable("no answer in time")),
        };
        match &sent {
            Ok(answer) if !answer.status().is_server_error() => call.went_well(),
            _ => call.failed(),
        }
        sent
    }
}

/// The body of an answer that is no file.
pub(super) async fn text(answer: Response) -> Result<String, StorageError> {
    let mut chunks = answer.bytes_stream();
    let mut body = BytesMut::new();
    while let Some(chunk) = next(&mut chunks).await? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(StorageError::unavailable("an answer too long to be true"));
        }
        body.extend_from_slice(&chunk);
    }
    String::from_utf8(body.into())
        .map_err(|_| StorageError::unavailable("an answer that is no text"))
}

async fn next(
    chunks: &mut (impl StreamExt<Item = reqwest::Result<Bytes>> + Unpin),
) -> Result<Option<Bytes>, StorageError> {
    match timeout(QUICK, chunks.next()).await {
        Ok(chunk) => chunk.transpose().map_err(unavailable),
        Err(_) => Err(StorageError::unavailable("an answer that does not end")),
    }
}

/// The address is a permission and does not go into errors.
pub(super) fn unavailable(error: reqwest::Error) -> StorageError {
    StorageError::unavailable(error.without_url())
}
