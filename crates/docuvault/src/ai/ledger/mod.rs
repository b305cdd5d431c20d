//! The ledger: what was sent to whom, about which document, and what came back. For the user's own eyes.

mod store;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

pub use store::{NewEntry, begin, settle, totals_since};

use super::{ask::month_begin, settings::Choice, trouble::Trouble, wire::Said};
use crate::{
    app::AppState,
    auth::SessionCaller,
    db::DocumentId,
    http::{Problem, QueryOf, paging::page_limit},
};

const CURSOR_PURPOSE: &str = "ai-ledger";

/// How it ended.
#[derive(Debug, Default)]
pub struct Outcome {
    pub status: &'static str,
    pub problem: Option<&'static str>,
    pub received_bytes: Option<i64>,
    pub input_tokens: Option<i64>,
    pub output_tokens: Option<i64>,
    pub cost_micros: Option<i64>,
}

impl Outcome {
    pub fn of_trouble(trouble: Trouble) -> Self {
        Self {
            status: trouble.ledger_status(),
            problem: Some(trouble.code()),
            ..Self::default()
        }
    }

    pub fn answered(choice: &Choice, said: &Said) -> Self {
        // A price for a million tokens is the same number of millionths for one.
        let cost = |tokens: Option<i64>, price: Option<f64>| Some(tokens? as f64 * price?);
        let input = cost(said.input_tokens, choice.input_price);
        let output = cost(said.output_tokens, choice.output_price);
        Self {
            status: "answered",
            input_tokens: said.input_tokens.filter(|tokens| *tokens >= 0),
            output_tokens: said.output_tokens.filter(|tokens| *tokens >= 0),
            cost_micros: input
                .zip(output)
                .map(|(input, output)| (input + output).max(0.0).round() as i64),
            ..Self::default()
        }
    }
}

/// The document of an entry.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerDocument {
    id: DocumentId,
    title: String,
}

/// Something that was sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerEntry {
    id: Uuid,
    #[serde(with = "time::serde::rfc3339")]
    sent_at: OffsetDateTime,
    /// `classify`, `summary`, `test` or `models`.
    purpose: String,
    provider: String,
    host: String,
    model: String,
    /// `null` where none was sent, or it is gone for good.
    document: Option<LedgerDocument>,
    /// `sending`, `answered`, `refused` or `failed`.
    status: String,
    /// What was wrong: a code.
    problem: Option<String>,
    sent_bytes: i64,
    received_bytes: Option<i64>,
    input_tokens: Option<i64>,
    output_tokens: Option<i64>,
    /// Millionths of the user's currency, by the prices the user has entered.
    cost_micros: Option<i64>,
}

/// What was sent since the beginning of the month.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerTotals {
    month_requests: i64,
    month_sent_bytes: i64,
    month_tokens: i64,
    month_cost_micros: Option<i64>,
}

/// One page of the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerPage {
    items: Vec<LedgerEntry>,
    /// Opaque; `null` on the last page.
    next_cursor: Option<String>,
    totals: LedgerTotals,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct LedgerQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    cursor: Option<String>,
}

/// What left the vault for a provider, the newest first.
#[utoipa::path(get, path = "/api/v1/me/ai/ledger", operation_id = "list_ai_ledger", tag = "ai", params(LedgerQuery), responses((status = OK, body = LedgerPage)))]
pub async fn list(
    State(state): State<AppState>,
    caller: SessionCaller,
    QueryOf(query): QueryOf<LedgerQuery>,
) -> Result<Json<LedgerPage>, Problem> {
    let limit = page_limit(query.limit)?;
    let before: Option<(i128, Uuid)> = query
        .cursor
        .map(|cursor| state.cursors().open(CURSOR_PURPOSE, &cursor))
        .transpose()?;
    let before = before.map(|(at, id)| {
        (
            OffsetDateTime::from_unix_timestamp_nanos(at).unwrap_or(OffsetDateTime::UNIX_EPOCH),
            id,
        )
    });
    let mut tx = caller.begin(&state).await?;
    let mut rows = store::entries(&mut tx, before, limit + 1).await?;
    let totals = store::totals_since(&mut tx, month_begin(state.now())).await?;
    tx.commit().await?;
    let next_cursor = state
        .cursors()
        .after_page(CURSOR_PURPOSE, &mut rows, limit, |row| {
            (row.sent_at.unix_timestamp_nanos(), row.id)
        })?;
    Ok(Json(LedgerPage {
        items: rows.into_iter().map(LedgerEntry::from).collect(),
        next_cursor,
        totals: LedgerTotals {
            month_requests: totals.requests,
            month_sent_bytes: totals.sent_bytes,
            month_tokens: totals.tokens,
            month_cost_micros: totals.cost_micros,
        },
    }))
}

impl From<store::EntryRow> for LedgerEntry {
    fn from(row: store::EntryRow) -> Self {
        let document = row.document_id.zip(row.document_title);
        Self {
            id: row.id,
            sent_at: row.sent_at,
            purpose: row.purpose,
            provider: row.provider,
            host: row.host,
            model: row.model,
            document: document.map(|(id, title)| LedgerDocument { id, title }),
            status: row.status,
            problem: row.problem,
            sent_bytes: row.sent_bytes,
            received_bytes: row.received_bytes,
            input_tokens: row.input_tokens,
            output_tokens: row.output_tokens,
            cost_micros: row.cost_micros,
        }
    }
}
