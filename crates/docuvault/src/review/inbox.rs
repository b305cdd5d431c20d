//! The documents that wait for a word of the user's, newest first.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{model::Suggestion, store};
use crate::{
    app::AppState,
    auth::Caller,
    db::UserTx,
    documents::{Document, documents_by_id},
    filing_settings,
    http::{Problem, QueryOf, paging::page_limit},
    storage_backends::BaseUrl,
};

const CURSOR_PURPOSE: &str = "review";

/// A document with what is proposed for it.
#[derive(Serialize, ToSchema)]
pub struct ReviewItem {
    document: Document,
    suggestions: Vec<Suggestion>,
}

/// One page of the inbox.
#[derive(Serialize, ToSchema)]
pub struct ReviewPage {
    items: Vec<ReviewItem>,
    /// Opaque; `null` on the last page.
    next_cursor: Option<String>,
    /// How many documents wait, on all pages; at most 1,000 are counted.
    waiting: i64,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ReviewQuery {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Documents with proposals on which the user has not decided.
#[utoipa::path(get, path = "/api/v1/review", operation_id = "list_review", tag = "review", params(ReviewQuery), responses((status = OK, body = ReviewPage)))]
pub async fn inbox(
    State(state): State<AppState>,
    caller: Caller,
    base: BaseUrl,
    QueryOf(query): QueryOf<ReviewQuery>,
) -> Result<Json<ReviewPage>, Problem> {
    let limit = page_limit(query.limit)?;
    let before: Option<Uuid> = query
        .cursor
        .map(|cursor| state.cursors().open(CURSOR_PURPOSE, &cursor))
        .transpose()?;
    let mut tx = caller.begin(&state).await?;
    let suggest = filing_settings::thresholds(&mut tx).await?.suggest;
    let mut ids = store::waiting(&mut tx, suggest, before, limit + 1).await?;
    let waiting = store::count_waiting(&mut tx, suggest).await?;
    let next_cursor = state
        .cursors()
        .after_page(CURSOR_PURPOSE, &mut ids, limit, |id| *id)?;
    let items = items(&state, &base, &mut tx, &ids).await?;
    tx.commit().await?;
    Ok(Json(ReviewPage {
        items,
        next_cursor,
        waiting,
    }))
}

/// The documents in the order of `ids`, each with its suggestions.
async fn items(
    state: &AppState,
    base: &BaseUrl,
    tx: &mut UserTx,
    ids: &[Uuid],
) -> Result<Vec<ReviewItem>, Problem> {
    let mut documents = documents_by_id(state, base, tx, ids).await?;
    documents.sort_unstable_by_key(|document| std::cmp::Reverse(document.id));
    let mut rows = store::suggestions(tx, ids).await?;
    let items = documents.into_iter().map(|document| {
        let own = rows.extract_if(.., |row| row.document == document.id.0);
        ReviewItem {
            suggestions: own.map(store::SuggestionRow::shown).collect(),
            document,
        }
    });
    Ok(items.collect())
}
