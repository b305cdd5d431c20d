//! Files a document on the device: topics, date, correspondent and title, by what the user taught so far.

use docuvault_extract::Reading;
use docuvault_filing::{Filing, Memory, Paper, Topic, file_paper};

use super::{learn, store::Source};
use crate::{
    app::AppState,
    db::{UserId, UserTx},
    http::Problem,
    topics,
};

/// What filing proposes. Learns from corrections not yet learned from first, so that the next paper profits from the last.
pub async fn file_document(
    state: &AppState,
    user: UserId,
    source: &Source,
    reading: &Reading,
) -> Result<Filing, Problem> {
    let memory = learn::learn_from_corrections(state, user).await?;
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    let topics = topics::list_topics(&mut tx).await?;
    tx.commit().await?;

    let text = reading
        .pages
        .iter()
        .map(|page| page.text.as_str())
        .collect::<Vec<_>>()
        .join("\u{c}");
    let filename = source.filename.clone();
    let language = reading.language.clone();
    let sender = reading.properties.sender.clone();
    let embedded_title = reading.properties.title.clone();
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
            filename: &filename,
            text: &text,
            language: language.as_deref(),
            sender: sender.as_deref(),
            embedded_title: embedded_title.as_deref(),
            received_on,
        };
        file_paper(
            &paper,
            &topics,
            memory.as_ref().map(|memory: &Memory| memory),
        )
    })
    .await
    .map_err(Problem::internal)
}
