//! Requests as they come, right or wrong, and what was answered.

use std::time::Duration;

use futures::{StreamExt, stream};
use http::HeaderMap;
use quick_xml::{Reader, events::Event};
use reqwest::{Method, redirect};
use url::Url;

use super::Unreachable;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);
/// In the middle of a body that is sent slowly.
pub(super) const PAUSE: Duration = Duration::from_millis(400);
/// Our samples are short, and so are errors and listings of a few objects.
const LONGEST_ANSWER: usize = 256 * 1024;

pub(super) struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Neither yes nor no: the store, or a proxy before it, cannot at the moment.
    pub fn is_busy(&self) -> bool {
        self.status == 429 || (self.status >= 500 && self.status != 501)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The status, and the store's own word for it where there is one.
    pub fn in_words(&self) -> String {
        let code = self.text_of("Code").into_iter().next().unwrap_or_default();
        let code: String = code
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(64)
            .collect();
        if code.is_empty() {
            self.status.to_string()
        } else {
            format!("{} {code}", self.status)
        }
    }

    /// What stands in the elements of that name, whatever their namespace.
    pub fn text_of(&self, name: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut reader = Reader::from_reader(&self.body[..]);
        let mut inside: Option<String> = None;
        loop {
            match reader.read_event() {
                Ok(Event::Start(start)) if start.local_name().as_ref() == name => {
                    inside = Some(String::new());
                }
                Ok(Event::Text(text)) => {
                    if let Some(inside) = &mut inside {
                        inside.push_str(&text);
                    }
                }
                Ok(Event::End(_)) => found.extend(inside.take()),
                Ok(Event::Eof) | Err(_) => return found,
                Ok(_) => {}
            }
        }
    }
}

pub(super) struct Caller {
    http: reqwest::Client,
}

impl Caller {
    pub fn new() -> Result<Self, Unreachable> {
        // Fails where one is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ANSWER_TIMEOUT)
            // A store that refuses a request before it has read it whole leaves a connection that is good for nothing.
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|error| Unreachable::new(error.to_string()))?;
        Ok(Self { http })
    }

    /// Sends once. The error is in words that hold no URL.
    pub async fn send(
        &self,
        method: Method,
        url: Url,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Answer, String> {
        let mut request = self.http.request(method, url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Self::answer_to(request.body(body)).await
    }

    /// With a pause in the middle of the body.
    pub async fn put_slowly(
        &self,
        url: Url,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Answer, String> {
        let mut request = self
            .http
            .put(url)
            .header(http::header::CONTENT_LENGTH, body.len());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let half = body.len() / 2;
        let halves = stream::iter([body[..half].to_vec(), body[half..].to_vec()]);
        let slowly = halves.enumerate().then(async |(number, half)| {
            if number > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            Ok::<_, std::convert::Infallible>(half)
        });
        Self::answer_to(request.body(reqwest::Body::wrap_stream(slowly))).await
    }

    async fn answer_to(request: reqwest::RequestBuilder) -> Result<Answer, String> {
        let mut response = request.send().await.map_err(in_words)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(in_words)? {
            body.extend_from_slice(&chunk);
            if body.len() > LONGEST_ANSWER {
                return Err("its answer was much too long".to_owned());
            }
        }
        Ok(Answer {
            status,
            headers,
            body,
        })
    }
}

fn in_words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        words = error.to_string();
        cause = error.source();
    }
    words
}
