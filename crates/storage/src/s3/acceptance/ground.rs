//! Where the checks are made: samples of their own, requests right and wrong, and the cleaning up.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use reqwest::Method as HttpMethod;
use rusty_s3::Method;
use url::Url;
use uuid::Uuid;

use super::{
    Unreachable,
    exchange::{Answer, Caller},
};
use crate::{
    ObjectKey,
    s3::{
        S3Config,
        signing::{Sender, Signer, ToSign},
    },
};

const TRIES: u32 = 3;
const BETWEEN_TRIES: Duration = Duration::from_millis(400);
/// How long the URLs are good that must work.
pub(super) const URL_LIFE: Duration = Duration::from_mins(5);

/// An object that is only ours.
pub(super) struct Sample {
    pub key: String,
    pub bytes: Vec<u8>,
}

impl Sample {
    pub fn length(&self) -> String {
        self.bytes.len().to_string()
    }

    /// Other bytes, as long as these.
    pub fn tampered(&self) -> Vec<u8> {
        self.bytes.iter().map(u8::to_ascii_uppercase).collect()
    }
}

pub(super) struct Ground {
    pub config: S3Config,
    pub signer: Signer,
    pub caller: Caller,
    document_id: Uuid,
    made: Mutex<Vec<String>>,
    begun: Mutex<Vec<(String, String)>>,
}

impl Ground {
    pub fn new(config: S3Config) -> Result<Self, Unreachable> {
        Ok(Self {
            signer: Signer::new(&config).map_err(|error| Unreachable::new(error.to_string()))?,
            caller: Caller::new()?,
            config,
            document_id: Uuid::new_v4(),
            made: Mutex::default(),
            begun: Mutex::default(),
        })
    }

    /// The same store, with clients coming in by our own door.
    pub fn moved_inside(self) -> Result<Self, Unreachable> {
        let public_endpoint = self.config.endpoint.clone();
        Self::new(S3Config {
            public_endpoint,
            ..self.config
        })
    }

    /// A new name and text; nothing is stored yet.
    pub fn sample(&self) -> Sample {
        let id = Uuid::new_v4();
        let key = ObjectKey::new(Uuid::nil(), self.document_id, id, "").to_string();
        self.made
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(key.clone());
        Sample {
            key,
            bytes: format!("a test of the store, {id}").into_bytes(),
        }
    }

    /// A sample that is there.
    pub async fn stored_sample(&self) -> Result<Sample, Unreachable> {
        let sample = self.sample();
        let put = ToSign::object(Method::Put, &sample.key);
        self.own(&put, sample.bytes.clone())
            .await?
            .require_success("writing")?;
        Ok(sample)
    }

    /// What is stored there now, by our own key.
    pub async fn read(&self, key: &str) -> Result<Option<Vec<u8>>, Unreachable> {
        let answer = self
            .own(&ToSign::object(Method::Get, key), Vec::new())
            .await?;
        match answer.status {
            200 => Ok(Some(answer.body)),
            404 => Ok(None),
            _ => Err(answer.unexpected("reading")),
        }
    }

    /// Whether exactly these bytes are stored there.
    pub async fn holds(&self, sample: &Sample) -> Result<bool, Unreachable> {
        Ok(self.read(&sample.key).await?.as_deref() == Some(&sample.bytes))
    }

    /// A request of our own; tried again while the store is busy.
    pub async fn own(&self, what: &ToSign<'_>, body: Vec<u8>) -> Result<Answer, Unreachable> {
        let headers: Vec<(&str, &str)> = what.headers.iter().collect();
        let mut said = String::new();
        for attempt in 0..TRIES {
            if attempt > 0 {
                tokio::time::sleep(BETWEEN_TRIES).await;
            }
            let (method, url) = (http_method(what.method), self.signer.own(what));
            match self.caller.send(method, url, &headers, body.clone()).await {
                Ok(answer) if answer.is_busy() => said = answer.in_words(),
                Ok(answer) => return Ok(answer),
                Err(error) => said = error,
            }
        }
        Err(Unreachable::new(said))
    }

    /// What a client does with a URL it got, with the headers it was told to send.
    pub async fn client(
        &self,
        sender: Sender,
        what: &ToSign<'_>,
        body: Vec<u8>,
    ) -> Result<Option<Answer>, Unreachable> {
        let url = self.signer.by(sender, what, URL_LIFE);
        // The client's HTTP stack sets the length by itself.
        let headers: Vec<(&str, &str)> = what
            .headers
            .iter()
            .filter(|(name, _)| *name != "content-length")
            .collect();
        self.forged(http_method(what.method), url, &headers, body)
            .await
    }

    /// A request that may well be refused. `None`: the connection was cut, which is a refusal too, as long as the store is there at all.
    pub async fn forged(
        &self,
        method: HttpMethod,
        url: Url,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Option<Answer>, Unreachable> {
        let mut last = None;
        for attempt in 0..TRIES {
            if attempt > 0 {
                tokio::time::sleep(BETWEEN_TRIES).await;
            }
            last = match self
                .caller
                .send(method.clone(), url.clone(), headers, body.clone())
                .await
            {
                Ok(answer) if !answer.is_busy() => return Ok(Some(answer)),
                Ok(answer) => Some(answer),
                Err(_) => None,
            };
        }
        self.require_alive().await?;
        Ok(last)
    }

    /// A correct request by a client's URL must work, or no refusal means anything.
    pub async fn require_alive(&self) -> Result<(), Unreachable> {
        let sample = self.stored_sample().await?;
        let url = self.signer.by(
            Sender::Downloader,
            &ToSign::object(Method::Get, &sample.key),
            URL_LIFE,
        );
        match self
            .caller
            .send(HttpMethod::GET, url, &[], Vec::new())
            .await
        {
            Ok(answer) if answer.status == 200 => Ok(()),
            Ok(answer) => Err(answer.unexpected("a correct request amid the wrong ones")),
            Err(error) => Err(Unreachable::new(error)),
        }
    }

    /// Begins an upload in parts, with our own key.
    pub async fn begin_parts(&self, key: &str) -> Result<Result<String, Answer>, Unreachable> {
        let begin = ToSign::object(Method::Post, key).query("uploads", "");
        let answer = self.own(&begin, Vec::new()).await?;
        let id = answer.text_of("UploadId").into_iter().next();
        let Some(id) = id.filter(|id| answer.is_success() && !id.is_empty()) else {
            return Ok(Err(answer));
        };
        self.begun
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((key.to_owned(), id.clone()));
        Ok(Ok(id))
    }

    /// Removes everything that was made. What cannot be removed is an orphan like any other and found as such.
    pub async fn clear(&self) {
        let begun = std::mem::take(&mut *self.begun.lock().unwrap_or_else(PoisonError::into_inner));
        for (key, id) in begun {
            let abort = ToSign::object(Method::Delete, &key).query("uploadId", id);
            let _ = self.own(&abort, Vec::new()).await;
        }
        let made = std::mem::take(&mut *self.made.lock().unwrap_or_else(PoisonError::into_inner));
        for key in made {
            if let Err(error) = self
                .own(&ToSign::object(Method::Delete, &key), Vec::new())
                .await
            {
                tracing::warn!(%error, "objects of the store's test were left behind");
                return;
            }
        }
    }
}

impl Answer {
    pub fn unexpected(&self, doing: &str) -> Unreachable {
        Unreachable::new(format!("{doing} was answered {}", self.in_words()))
    }

    /// An answer that is no success ends the test.
    pub fn require_success(self, doing: &str) -> Result<Self, Unreachable> {
        if self.is_success() {
            Ok(self)
        } else {
            Err(self.unexpected(doing))
        }
    }
}

/// Whether a request that should have been refused was not.
pub(super) fn was_let_through(answer: Option<&Answer>) -> bool {
    answer.is_some_and(Answer::is_success)
}

pub(super) fn http_method(method: Method) -> HttpMethod {
    match method {
        Method::Head => HttpMethod::HEAD,
        Method::Get => HttpMethod::GET,
        Method::Post => HttpMethod::POST,
        Method::Put => HttpMethod::PUT,
        Method::Delete => HttpMethod::DELETE,
    }
}

/// Long ago enough that no clock can be meant.
pub(super) fn an_hour_ago() -> Timestamp {
    Timestamp::now() - jiff::SignedDuration::from_hours(1)
}
