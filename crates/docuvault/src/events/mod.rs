//! What changed, told to the user's open pages: written with NOTIFY in the transaction that changes it, heard by every process
//! with LISTEN, passed on as server-sent events. An event is a hint that carries ids; the page then asks for the thing itself.

mod hub;
mod stream;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use hub::EventHub;

use crate::{
    app::AppState,
    db::{DocumentId, TopicId, UserId, UserTx},
    http::Problem,
};

/// The channel of NOTIFY.
pub const CHANNEL: &str = "docuvault_events";

const SESSION_ENDED: &str = "session.ended";

/// Something of a user's changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Document(DocumentId),
    /// How many pages of it are read.
    Progress {
        document: DocumentId,
        page: u32,
        pages: u32,
    },
    FilingRun(uuid::Uuid),
    Topic(TopicId),
    /// How many documents the topics have.
    TopicCounts,
    Quota,
    /// One or more sessions of the user have ended; each stream finds out whether it was its own.
    SessionEnded,
    Notification(uuid::Uuid),
}

impl Change {
    /// The event's name and the id it is about, with the numbers that belong to it.
    fn parts(self) -> (&'static str, String) {
        match self {
            Self::Document(id) => ("document.updated", id.to_string()),
            Self::Progress {
                document,
                page,
                pages,
            } => ("document.progress", format!("{document} {page} {pages}")),
            Self::FilingRun(id) => ("filing_run.updated", id.to_string()),
            Self::Topic(id) => ("topic.updated", id.to_string()),
            Self::TopicCounts => ("topic.updated", String::new()),
            Self::Quota => ("quota.updated", String::new()),
            Self::SessionEnded => (SESSION_ENDED, String::new()),
            Self::Notification(id) => ("notification.created", id.to_string()),
        }
    }
}

/// What is sent by NOTIFY, for a statement that does it itself.
pub fn payload(user: UserId, change: Change) -> String {
    let (name, id) = change.parts();
    format!("{user} {name} {id}")
}

/// Tells the user's pages once the transaction commits.
pub async fn announce(tx: &mut UserTx, change: Change) -> Result<(), Problem> {
    let payload = payload(tx.user(), change);
    sqlx::query!("SELECT pg_notify($1, $2)", CHANNEL, payload)
        .fetch_one(tx.conn())
        .await?;
    Ok(())
}

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(stream::events))
}
