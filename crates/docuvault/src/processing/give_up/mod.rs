//! Gives up reading a document: it stays as a file, with the reason, and its owner is told.

mod store;

use docuvault_jobs::JobError;

use crate::{
    app::AppState,
    audit,
    db::{DocumentId, UserId, UserTx},
    events,
    http::Problem,
    notifications, search,
};

/// The code of a document whose bytes the store does not have.
pub const OBJECT_MISSING: &str = "object_missing";
/// The code of a document that has other bytes than were sent.
const CHECKSUM_MISMATCH: &str = "checksum_mismatch";

/// Why a document is given up, and what else that says of it.
pub struct Failure {
    code: &'static str,
    /// Its real type, if it was looked at.
    content_type: Option<&'static str>,
    /// What is wrong with its object in the store.
    storage_problem: Option<&'static str>,
    /// The digest of the bytes that are there, when they are not those that were announced.
    found_sha256: Option<[u8; 32]>,
}

impl Failure {
    pub fn of(code: &'static str) -> Self {
        Self {
            code,
            content_type: None,
            storage_problem: None,
            found_sha256: None,
        }
    }

    /// As it was found to be.
    pub fn with_content_type(self, content_type: &'static str) -> Self {
        Self {
            content_type: Some(content_type),
            ..self
        }
    }

    pub fn missing() -> Self {
        Self {
            storage_problem: Some("missing"),
            ..Self::of(OBJECT_MISSING)
        }
    }

    pub fn damaged(found_sha256: [u8; 32]) -> Self {
        Self {
            storage_problem: Some("damaged"),
            found_sha256: Some(found_sha256),
            ..Self::of(CHECKSUM_MISMATCH)
        }
    }

    /// By what name the trail has it.
    fn action(&self) -> &'static str {
        if self.storage_problem == Some("damaged") {
            "document.damaged"
        } else {
            "document.unreadable"
        }
    }
}

/// The document stays as a file that could not be read.
pub async fn give_up_reading(
    state: &AppState,
    user: UserId,
    id: DocumentId,
    code: &'static str,
) -> Result<(), JobError> {
    give_up(state, user, id, Failure::of(code)).await
}

pub(super) async fn give_up(
    state: &AppState,
    user: UserId,
    id: DocumentId,
    failure: Failure,
) -> Result<(), JobError> {
    let failed: Result<(), Problem> = async {
        let mut tx = UserTx::on_behalf_of(state.db(), user).await?;
        if store::fail_reading(&mut tx, id, &failure).await? {
            // Its title and file name can be searched for all the same.
            search::index_document(&mut tx, id).await?;
            audit::record(
                &mut tx,
                audit::Event::new(failure.action())
                    .document(id)
                    .with("reason", failure.code),
            )
            .await?;
            let data =
                serde_json::Map::from_iter([("document_id".to_owned(), id.to_string().into())]);
            notifications::notify(state, &mut tx, notifications::Kind::ReadingFailed, data).await?;
            events::announce(&mut tx, events::Change::Document(id)).await?;
        }
        tx.commit().await?;
        Ok(())
    }
    .await;
    failed.map_err(|problem| JobError::Retry(problem.code))
}
