//! The trail of what happened: written in the transaction of what it tells of, never changed, chained by hash in the database.

mod list;
mod store;
mod verify;

use serde_json::{Map, Value};
use utoipa_axum::{router::OpenApiRouter, routes};

pub use verify::{KnownHead, Verdict, all_heads, verify_trail};

use crate::{
    app::AppState,
    db::UserTx,
    http::{Problem, request_context::RequestContext},
};

/// One thing that happened. Ids and codes only: no names, titles or texts.
pub struct Event {
    action: &'static str,
    ip: Option<String>,
    metadata: Map<String, Value>,
}

impl Event {
    /// `action` is named `feature.what_happened`, such as `document.trashed`.
    pub fn new(action: &'static str) -> Self {
        Self {
            action,
            ip: None,
            metadata: Map::new(),
        }
    }

    /// Another address than the request's own.
    pub fn from_ip(mut self, ip: Option<String>) -> Self {
        self.ip = ip;
        self
    }

    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.metadata.insert(name.to_owned(), value.into());
        self
    }

    pub fn document(self, id: crate::db::DocumentId) -> Self {
        self.with("document_id", id.to_string())
    }
}

/// Appends to the trail of the transaction's user. Address and id of the request are those in whose service it is called; a job has
/// none.
pub async fn record(tx: &mut UserTx, event: Event) -> Result<(), Problem> {
    let (user, session) = (tx.user().0, tx.session().map(|id| id.0));
    let request = RequestContext::current();
    let ip = event.ip.or_else(|| request.as_ref()?.client_ip.text());
    let request_id = request.map(|request| request.request_id);
    // The trigger fills in time and hashes.
    sqlx::query!(
        "INSERT INTO audit_log (user_id, action, session_id, ip, request_id, metadata, previous_hash, hash) VALUES ($1, $2, $3, $4, $5, $6, '', '')",
        user,
        event.action,
        session,
        ip,
        request_id,
        Value::Object(event.metadata),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list::own_trail))
}
