//! Tells a document's owner that its bytes are not what they should be: in their trail, their notifications, and on the document itself.

use std::time::Duration;

use serde_json::Map;
use time::OffsetDateTime;

use super::store;
use crate::{
    app::AppState,
    audit,
    db::{DocumentId, UserTx},
    events::{self, Change},
    http::Problem,
    notifications::{self, Kind},
};

/// Should a whole store be lost, an owner of a thousand documents gets one letter and not a thousand.
const ONE_NOTICE_IN: Duration = Duration::from_hours(24);

/// What can be wrong with a document's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    Missing,
    /// Damaged, and seen by the length alone.
    WrongSize,
    Damaged,
}

impl Loss {
    /// Of the document itself.
    fn problem(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::WrongSize | Self::Damaged => "damaged",
        }
    }

    /// Of the finding.
    fn kind(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::WrongSize => "wrong_size",
            Self::Damaged => "damaged",
        }
    }

    /// What cannot be so at the same time.
    fn excludes(self) -> &'static [&'static str] {
        match self {
            Self::Missing => &["wrong_size", "damaged"],
            Self::WrongSize => &["missing", "damaged"],
            Self::Damaged => &["missing", "wrong_size"],
        }
    }
}

/// Keeps the finding; the owner is told once, when it begins. `row` is locked in `tx`, which acts for the owner.
pub async fn report_loss(
    state: &AppState,
    tx: &mut UserTx,
    id: DocumentId,
    row: &store::Row,
    loss: Loss,
    lies_there_bytes: i64,
) -> Result<(), Problem> {
    let now = state.now();
    let finding = store::Finding {
        kind: loss.kind(),
        document: id,
        object_key: &row.object_key,
        size_bytes: lies_there_bytes,
    };
    store::note_finding(tx, &finding, now).await?;
    store::forget_findings(tx, &row.object_key, loss.excludes()).await?;
    if row.storage_problem.as_deref() == Some(loss.problem()) {
        return Ok(());
    }
    store::set_problem(tx, id, Some(loss.problem())).await?;
    let action = match loss {
        Loss::Missing => "document.missing",
        Loss::WrongSize | Loss::Damaged => "document.damaged",
    };
    let event = audit::Event::new(action)
        .document(id)
        .with("finding", loss.kind());
    audit::record(tx, event).await?;
    tracing::error!(document = %id, finding = loss.kind(), "the bytes of a document are not what they should be");
    notify(state, tx, id, loss, now).await?;
    events::announce(tx, Change::Document(id)).await
}

async fn notify(
    state: &AppState,
    tx: &mut UserTx,
    id: DocumentId,
    loss: Loss,
    now: OffsetDateTime,
) -> Result<(), Problem> {
    if store::found_lately(tx, now - ONE_NOTICE_IN, id).await? {
        return Ok(());
    }
    let data = Map::from_iter([
        ("document_id".to_owned(), id.to_string().into()),
        ("problem".to_owned(), loss.problem().into()),
    ]);
    notifications::notify(state, tx, Kind::StorageProblem, data).await
}

/// The bytes are there again, and of the right length; whether they are the right ones is for the next reading to say.
pub async fn report_found(tx: &mut UserTx, id: DocumentId) -> Result<(), Problem> {
    store::set_problem(tx, id, None).await?;
    audit::record(tx, audit::Event::new("document.found_again").document(id)).await?;
    tracing::info!(document = %id, "the bytes of a document are what they should be again");
    events::announce(tx, Change::Document(id)).await
}
