//! The one door through which anything goes to a provider: the ledger's row is committed before the first byte leaves, the connection
//! goes only where the address may lead, and no answer is larger or slower than it may be.

use std::time::Duration;

use reqwest::{StatusCode, header};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    address::BaseAddress,
    ledger::{self, NewEntry, Outcome},
    settings::Choice,
    trouble::Trouble,
    wire::Request,
};
use crate::{
    app::AppState,
    db::{DocumentId, UserId, UserTx},
    http::Problem,
};

const CONNECT: Duration = Duration::from_secs(5);
/// Models on a small machine of one's own are slow.
const WHOLE: Duration = Duration::from_mins(2);
const MAX_ANSWER_BYTES: usize = 1024 * 1024;
/// A provider that says how long to wait is tried once more if that is short.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
const USUAL_WAIT: Duration = Duration::from_secs(1);

/// Why something is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Classify,
    Summary,
    Test,
    Models,
}

impl Purpose {
    pub fn name(self) -> &'static str {
        match self {
            Self::Classify => "classify",
            Self::Summary => "summary",
            Self::Test => "test",
            Self::Models => "models",
        }
    }
}

/// What came back, before anyone has looked into it.
pub struct Answer {
    entry: Uuid,
    pub body: Vec<u8>,
}

/// Sends a request to the chosen provider, once more where it is only busy.
pub async fn ask(
    state: &AppState,
    user: UserId,
    choice: &Choice,
    purpose: Purpose,
    document: Option<DocumentId>,
    request: &Request,
) -> Result<Result<Answer, Trouble>, Problem> {
    let Ok(address) = BaseAddress::parse(&choice.base_url, &state.config().ai.allowed_hosts) else {
        return Ok(Err(Trouble::AddressNotAllowed));
    };
    let mut is_second_try = false;
    loop {
        let entry = write_down(state, user, choice, &address, purpose, document, request).await?;
        let (trouble, wait) = match send(&address, request).await {
            Ok(body) => return Ok(Ok(Answer { entry, body })),
            Err(failure) => failure,
        };
        settle(state, user, entry, Outcome::of_trouble(trouble)).await?;
        match wait.filter(|_| !is_second_try) {
            Some(wait) => tokio::time::sleep(wait).await,
            None => return Ok(Err(trouble)),
        }
        is_second_try = true;
    }
}

/// Writes into the ledger how it ended.
pub async fn settle(
    state: &AppState,
    user: UserId,
    entry: Uuid,
    outcome: Outcome,
) -> Result<(), Problem> {
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    ledger::settle(&mut tx, entry, &outcome).await?;
    tx.commit().await?;
    Ok(())
}

impl Answer {
    /// The answer was of use, or was not.
    pub async fn close(
        self,
        state: &AppState,
        user: UserId,
        choice: &Choice,
        said: Result<&super::wire::Said, Trouble>,
    ) -> Result<(), Problem> {
        let outcome = Outcome {
            received_bytes: i64::try_from(self.body.len()).ok(),
            ..match said {
                Ok(said) => Outcome::answered(choice, said),
                Err(trouble) => Outcome::of_trouble(trouble),
            }
        };
        settle(state, user, self.entry, outcome).await
    }
}

async fn write_down(
    state: &AppState,
    user: UserId,
    choice: &Choice,
    address: &BaseAddress,
    purpose: Purpose,
    document: Option<DocumentId>,
    request: &Request,
) -> Result<Uuid, Problem> {
    let entry = NewEntry {
        id: Uuid::now_v7(),
        sent_at: state.now(),
        purpose: purpose.name(),
        provider: choice.provider.name(),
        host: address.host(),
        model: choice.model.clone(),
        document,
        sent_bytes: i64::try_from(request.body.len()).unwrap_or(i64::MAX),
    };
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    ledger::begin(&mut tx, &entry).await?;
    tx.commit().await?;
    Ok(entry.id)
}

type Failure = (Trouble, Option<Duration>);

async fn send(address: &BaseAddress, request: &Request) -> Result<Vec<u8>, Failure> {
    // Fails if the program has chosen a provider already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .dns_resolver(address.rule())
        .connect_timeout(CONNECT)
        .timeout(WHOLE)
        .build()
        .map_err(|_| (Trouble::Unreachable, None))?;
    let url = address
        .url
        .join(&request.path)
        .map_err(|_| (Trouble::Unreachable, None))?;
    let mut builder = client
        .request(request.method.clone(), url)
        .headers(request.headers.clone());
    if !request.body.is_empty() {
        builder = builder
            .header(header::CONTENT_TYPE, "application/json")
            .body(request.body.clone());
    }
    let answer = builder
        .send()
        .await
        .map_err(|error| (Trouble::of_error(&error), None))?;
    if let Some(trouble) = Trouble::of_status(answer.status()) {
        return Err((trouble, worth_waiting(&answer)));
    }
    read_bounded(answer)
        .await
        .map_err(|trouble| (trouble, None))
}

async fn read_bounded(mut answer: reqwest::Response) -> Result<Vec<u8>, Trouble> {
    let mut body = Vec::new();
    while let Some(chunk) = answer
        .chunk()
        .await
        .map_err(|error| Trouble::of_error(&error))?
    {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(Trouble::BadAnswer);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// How long to wait before the one further try; `None` when there is to be none.
fn worth_waiting(answer: &reqwest::Response) -> Option<Duration> {
    let is_busy =
        answer.status() == StatusCode::TOO_MANY_REQUESTS || answer.status().is_server_error();
    let asked = answer.headers().get(header::RETRY_AFTER);
    let wait = match asked.map(|value| value.to_str().ok()?.parse().ok()) {
        None => Some(USUAL_WAIT),
        Some(seconds) => seconds.map(Duration::from_secs),
    };
    wait.filter(|wait| is_busy && *wait <= LONGEST_WAIT)
}

/// The first moment of the month in which `now` is.
pub fn month_begin(now: OffsetDateTime) -> OffsetDateTime {
    let now = now.to_offset(time::UtcOffset::UTC);
    now.replace_day(1)
        .unwrap_or(now)
        .replace_time(time::Time::MIDNIGHT)
}
