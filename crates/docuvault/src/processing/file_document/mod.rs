//! Files a document: topics, date, correspondent and title, by what the user taught so far. Once when it has been read, and again
//! whenever the user asks.

mod again;
mod merge;
mod store;

use docuvault_extract::Reading;
use docuvault_filing::{Filing, Memory, Paper, Topic, file_paper};

pub use again::{FileDocument, file_document_again, file_soon};

use super::learn;
use crate::{
    ai,
    app::AppState,
    db::{DocumentId, UserId, UserTx},
    filing_settings,
    http::Problem,
    topics,
};

/// What a document is filed by.
pub(super) struct PaperText {
    pub filename: String,
    /// Pages apart by form feeds.
    pub text: String,
    pub language: Option<String>,
    /// Who sent it, and what it is called, by its own word.
    pub sender: Option<String>,
    pub stated_title: Option<String>,
}

impl PaperText {
    pub fn of(filename: &str, reading: &Reading) -> Self {
        let pages: Vec<&str> = reading
            .pages
            .iter()
            .map(|page| page.text.as_str())
            .collect();
        Self {
            filename: filename.to_owned(),
            text: pages.join("\u{c}"),
            language: reading.language.clone(),
            sender: reading.properties.sender.clone(),
            stated_title: reading.properties.title.clone(),
        }
    }
}

/// How a paper is to be filed, and on whose word.
pub(super) struct Filed {
    filing: Filing,
    /// `device`, or the provider's name.
    by: &'static str,
    /// Why it was not the provider, where the user has chosen one: a code.
    notice: Option<&'static str>,
    /// Whose word title, date and correspondent are: `device` or `ai`.
    title_by: &'static str,
    date_by: &'static str,
    correspondent_by: &'static str,
}

/// What filing proposes: the device first, always, and then the user's provider, if there is one and nothing stands in the way. Learns from corrections not yet learned from first, so that the next paper profits from the last.
pub(super) async fn propose(
    state: &AppState,
    user: UserId,
    id: DocumentId,
    text: PaperText,
    by_request: bool,
) -> Result<Filed, Problem> {
    let memory = learn::learn_from_corrections(state, user).await?;
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    let topics = topics::list_topics(&mut tx).await?;
    let thresholds = filing_settings::thresholds(&mut tx).await?;
    tx.commit().await?;

    let (text, topics, on_device) = on_device(state, text, topics, memory).await?;
    let request = ai::Request {
        document: id,
        filename: &text.filename,
        text: &text.text,
        topics: &topics,
        on_device: &on_device,
        suggest_threshold: thresholds.suggest,
        by_request,
    };
    let opinion = ai::advise(state, user, &request).await?;
    Ok(merge::merge(on_device, opinion, thresholds.apply))
}

/// Gives back what it was given, for the provider.
async fn on_device(
    state: &AppState,
    text: PaperText,
    topics: Vec<topics::Topic>,
    memory: Option<Memory>,
) -> Result<(PaperText, Vec<topics::Topic>, Filing), Problem> {
    let received_on = state.now().date();
    tokio::task::spawn_blocking(move || {
        let known: Vec<Topic<'_>> = topics
            .iter()
            .map(|topic| Topic {
                id: topic.id.0,
                name: &topic.name,
                starter_key: topic.starter_key.as_deref(),
            })
            .collect();
        let paper = Paper {
            filename: &text.filename,
            text: &text.text,
            language: text.language.as_deref(),
            sender: text.sender.as_deref(),
            embedded_title: text.stated_title.as_deref(),
            received_on,
        };
        let filing = file_paper(&paper, &known, memory.as_ref());
        (text, topics, filing)
    })
    .await
    .map_err(Problem::internal)
}

/// Keeps what filing proposes for a document that is locked.
pub(super) async fn keep(tx: &mut UserTx, id: DocumentId, filed: &Filed) -> Result<(), Problem> {
    let thresholds = filing_settings::thresholds(tx).await?;
    store::take_over(tx, id, filed).await?;
    store::apply_topics(tx, id, &filed.filing.topics, thresholds.apply).await
}
