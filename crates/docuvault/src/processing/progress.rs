//! Tells how far a reading is, and keeps the pages that are read already: the first of a long document can be seen while the rest is
//! still being read.

use std::{fs::File, time::Duration};

use docuvault_extract::{PageText, Progress, ReadError, ReadRequest, Reader, Reading};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::store;
use crate::{
    app::AppState,
    db::{DocumentId, UserId, UserTx},
    events,
    http::Problem,
};

/// Pages of a document are told of together, so often at most.
const BETWEEN_NEWS: Duration = Duration::from_millis(500);

/// Reads a document, telling its user's pages how far it is.
pub async fn read_telling(
    state: &AppState,
    user: UserId,
    id: DocumentId,
    reader: &Reader,
    file: File,
    request: ReadRequest,
) -> Result<Reading, ReadError> {
    let (sender, mut news) = unbounded_channel();
    let reading = reader.read_watched(file, request, move |progress| {
        // Nobody listening is fine.
        let _ = sender.send(progress);
    });
    tokio::pin!(reading);
    loop {
        tokio::select! {
            biased;
            read = &mut reading => return read,
            told = tell(state, user, id, &mut news) => match told {
                Ok(true) => tokio::select! {
                    biased;
                    read = &mut reading => return read,
                    () = tokio::time::sleep(BETWEEN_NEWS) => {}
                },
                // Nothing more to tell; or it could not be told, which is no reason not to read.
                Ok(false) => return reading.await,
                Err(problem) => {
                    tracing::warn!(code = problem.code, "progress could not be told");
                    return reading.await;
                }
            },
        }
    }
}

/// Waits for news and tells all there is. False at the end of it.
async fn tell(
    state: &AppState,
    user: UserId,
    id: DocumentId,
    news: &mut UnboundedReceiver<Progress>,
) -> Result<bool, Problem> {
    let Some(mut latest) = news.recv().await else {
        return Ok(false);
    };
    let mut pages: Vec<PageText> = std::mem::take(&mut latest.pages);
    while let Ok(mut next) = news.try_recv() {
        pages.append(&mut next.pages);
        latest = next;
    }
    let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
    store::keep_early_pages(&mut tx, id, &pages).await?;
    let change = events::Change::Progress {
        document: id,
        page: latest.pages_done,
        pages: latest.page_count,
    };
    events::announce(&mut tx, change).await?;
    tx.commit().await?;
    Ok(true)
}
