//! Files a document: topics, date, correspondent and title, by what the user taught so far. Once when it has been read, and again
//! whenever the user asks.

mod again;
mod store;

use docuvault_extract::Reading;
use docuvault_filing::{Filing, Paper, Topic, file_paper};

pub use again::{FileDocument, file_document_again, file_soon};

use super::learn;
use crate::{
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

/// What filing proposes. Learns from corrections not yet learned from first, so that the next paper profits from the last.
pub(super) async fn propose(
    state: &AppState,
    user: UserId,
    text: PaperText,
) -> Result<Filing, Problem> {
    let memory = learn::learn_from_corrections(state, user).await?;
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    let topics = topics::list_topics(&mut tx).await?;
    tx.commit().await?;

    let received_on = state.now().date();
    tokio::task::spawn_blocking(move || {
        let topics: Vec<Topic<'_>> = topics
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
        file_paper(&paper, &topics, memory.as_ref())
    })
    .await
    .map_err(Problem::internal)
}

/// Keeps what filing proposes for a document that is locked.
pub(super) async fn keep(tx: &mut UserTx, id: DocumentId, filing: &Filing) -> Result<(), Problem> {
    let thresholds = filing_settings::thresholds(tx).await?;
    store::take_over(tx, id, filing).await?;
    store::apply_topics(tx, id, &filing.topics, thresholds.apply).await
}
