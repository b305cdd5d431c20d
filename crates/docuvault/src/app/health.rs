//! Whether the process lives, and whether what it needs can be reached. Says nothing that a stranger may not know.

use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use http::StatusCode;
use serde_json::json;

use super::AppState;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/health", get(health))
        .route("/health/live", get(live))
}

/// 200 as long as the process serves: a database that is away must not restart every process.
async fn live() -> Json<serde_json::Value> {
    Json(json!({"status": "ok"}))
}

/// 503 with the part that fails.
async fn health(State(state): State<AppState>) -> Response {
    let (database, storage) = tokio::join!(state.db().ping(), state.storage().check());
    if let Err(error) = &database {
        tracing::warn!(%error, "health: the database cannot be reached");
    }
    if let Err(error) = &storage {
        tracing::warn!(%error, "health: the store cannot be reached");
    }
    let word = |good: bool| if good { "ok" } else { "unavailable" };
    let good = database.is_ok() && storage.is_ok();
    let body = json!({
        "status": if good { "ok" } else { "degraded" },
        "version": env!("CARGO_PKG_VERSION"),
        // The queue lives in the database.
        "components": {"database": word(database.is_ok()), "storage": word(storage.is_ok()), "queue": word(database.is_ok())},
    });
    (
        if good {
            StatusCode::OK
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        },
        Json(body),
    )
        .into_response()
}
