//! Whether the process lives, whether it should be sent requests, and whether what it needs can be reached. Says nothing that a
//! stranger may not know.

use std::time::Duration;

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use http::StatusCode;
use serde_json::{Value, json};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

use super::AppState;
use crate::{
    db::migrate::{SchemaError, check_version},
    keys::{KeysRefused, check_known_keys},
};

/// Whoever asks has a time limit too, and a late answer is taken for none.
const PATIENCE: Duration = Duration::from_secs(3);
/// Strangers may ask as often as they like, and the store must not feel it.
const STORAGE_KNOWN_FOR: Duration = Duration::from_secs(1);

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/health", get(health))
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
}

/// 200 as long as the process serves: a database that is away must not restart every process.
async fn live() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

/// 503 with the part that fails.
async fn health(State(state): State<AppState>) -> Response {
    if state.draining().is_cancelled() {
        return draining();
    }
    let (database, storage) = tokio::join!(database_answers(&state), storage_answers(&state));
    let components = json!({
        "database": word(database),
        "storage": word(storage),
        // The queue lives in the database.
        "queue": word(database),
    });
    answer(database && storage, components)
}

/// For load balancers: 503 when this process should be sent no requests. Without the store most of what people do still works, and no
/// other process would do better.
async fn ready(State(state): State<AppState>) -> Response {
    if state.draining().is_cancelled() {
        return draining();
    }
    let (schema, keys, storage) = tokio::join!(
        schema_fits(&state),
        keys_fit(&state),
        storage_answers(&state)
    );
    let is_ready = schema == Ok(true) && keys == Ok(true);
    let of_database = |fits: Result<bool, Away>| match fits {
        Ok(true) => "ok",
        Ok(false) => "mismatch",
        Err(Away) => "unknown",
    };
    let components = json!({
        "database": word(schema.is_ok() && keys.is_ok()),
        "schema": of_database(schema),
        "keys": of_database(keys),
        "storage": word(storage),
    });
    answer(is_ready, components)
}

fn answer(good: bool, components: Value) -> Response {
    let (status, word) = if good {
        (StatusCode::OK, "ok")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "degraded")
    };
    let body =
        json!({"status": word, "version": env!("CARGO_PKG_VERSION"), "components": components});
    (status, Json(body)).into_response()
}

/// Asks nobody, so that it is said at once.
fn draining() -> Response {
    let body = json!({"status": "draining", "version": env!("CARGO_PKG_VERSION")});
    (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
}

fn word(good: bool) -> &'static str {
    if good { "ok" } else { "unavailable" }
}

/// The database did not answer, or not in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Away;

pub(super) async fn database_answers(state: &AppState) -> bool {
    match timeout(PATIENCE, state.db().ping()).await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::warn!(%error, "health: the database cannot be reached");
            false
        }
        Err(_) => {
            tracing::warn!("health: the database does not answer");
            false
        }
    }
}

async fn schema_fits(state: &AppState) -> Result<bool, Away> {
    match timeout(PATIENCE, check_version(state.db())).await {
        Ok(Ok(())) => Ok(true),
        Ok(Err(error @ (SchemaError::Behind { .. } | SchemaError::Ahead { .. }))) => {
            tracing::warn!(%error, "health: not ready");
            Ok(false)
        }
        Ok(Err(error)) => {
            tracing::warn!(%error, "health: the database cannot be reached");
            Err(Away)
        }
        Err(_) => Err(Away),
    }
}

async fn keys_fit(state: &AppState) -> Result<bool, Away> {
    match timeout(PATIENCE, check_known_keys(state.db(), state.keys())).await {
        Ok(Ok(())) => Ok(true),
        Ok(Err(KeysRefused::Database(_))) | Err(_) => Err(Away),
        Ok(Err(error)) => {
            tracing::error!(%error, "health: not ready");
            Ok(false)
        }
    }
}

/// What was last heard of the store, and when.
#[derive(Default)]
pub(super) struct StorageWatch(Mutex<Option<(Instant, bool)>>);

/// Asks the store, one at a time and only now and then.
pub(super) async fn storage_answers(state: &AppState) -> bool {
    let mut heard = state.storage_watch().0.lock().await;
    if let Some((at, good)) = *heard
        && at.elapsed() < STORAGE_KNOWN_FOR
    {
        return good;
    }
    let good = match timeout(PATIENCE, state.storage().check()).await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::warn!(%error, "health: the store cannot be reached");
            false
        }
        Err(_) => {
            tracing::warn!("health: the store does not answer");
            false
        }
    };
    *heard = Some((Instant::now(), good));
    good
}
