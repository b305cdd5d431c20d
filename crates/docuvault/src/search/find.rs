//! Searches: bounded hits from the definer function, ranked; the page's documents; snippets and facets.

use std::{cmp::Ordering, collections::HashMap};

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    SearchText,
    facets::{Facets, facets},
    snippets::snippets,
};
use crate::{
    app::AppState,
    auth::Caller,
    db::UserTx,
    documents::{Document, ListFilter, documents_by_id, list_query},
    http::{Problem, paging::page_limit, problem::ProblemBody},
    storage_backends::BaseUrl,
};

/// Hits that are ranked: the newest so many. Ranking all hits of a common word would cost more than everything else.
const CANDIDATES: i32 = 1000;

/// Besides these, the filters of the list of documents.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query string for the API document")]
pub struct SearchQuery {
    /// Words, `"phrases"`, `-not`, `or`, `begin*`.
    q: String,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    cursor: Option<String>,
    folder_id: Option<String>,
    topic_id: Option<Vec<Uuid>>,
    content_type: Option<String>,
    status: Option<crate::documents::Status>,
    #[param(format = DateTime)]
    created_after: Option<String>,
    #[param(format = DateTime)]
    created_before: Option<String>,
    #[param(format = Date)]
    document_date_after: Option<String>,
    #[param(format = Date)]
    document_date_before: Option<String>,
    trashed: Option<bool>,
}

#[derive(Serialize, ToSchema)]
pub struct SearchResults {
    items: Vec<SearchHit>,
    facets: Facets,
    next_cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct SearchHit {
    document: Document,
    /// Comparable within one search only.
    score: f32,
    /// HTML-escaped text around the words, which are in `<mark>`.
    snippets: Vec<String>,
}

struct Hit {
    id: Uuid,
    rank: f32,
}

#[derive(Serialize, Deserialize)]
struct Position {
    rank_bits: u32,
    id: Uuid,
}

/// Finds documents by their words.
#[utoipa::path(get, path = "/api/v1/search", operation_id = "search_documents", tag = "search", params(SearchQuery), responses((status = OK, body = SearchResults), (status = UNPROCESSABLE_ENTITY, body = ProblemBody)))]
pub async fn search(
    State(state): State<AppState>,
    caller: Caller,
    base: BaseUrl,
    query: list_query::Parsed,
) -> Result<Json<SearchResults>, Problem> {
    let limit = page_limit(query.limit)? as usize;
    let typed = query
        .q
        .as_deref()
        .ok_or_else(|| Problem::invalid("q", "required", "Say what to search for."))?;
    let text = SearchText::parse(typed)?;
    let after: Option<Position> = query
        .cursor
        .as_deref()
        .map(|cursor| state.cursors().open("search", cursor))
        .transpose()?;

    let mut tx = caller.begin(&state).await?;
    let hits = if text.tsquery.is_empty() {
        Vec::new()
    } else {
        ranked_hits(&mut tx, &text, &query.filter).await?
    };
    let ids: Vec<Uuid> = hits.iter().map(|hit| hit.id).collect();
    let facets = facets(&mut tx, &ids).await?;
    let mut page: Vec<&Hit> = hits
        .iter()
        .filter(|hit| {
            after
                .as_ref()
                .is_none_or(|position| is_after(hit, position))
        })
        .take(limit + 1)
        .collect();
    let more = page.len() > limit;
    page.truncate(limit);
    let next_cursor = match page.last().filter(|_| more) {
        Some(last) => Some(state.cursors().seal(
            "search",
            &Position {
                rank_bits: last.rank.to_bits(),
                id: last.id,
            },
        )?),
        None => None,
    };
    let items = show(&state, &base, &mut tx, &text, &page).await?;
    tx.commit().await?;
    Ok(Json(SearchResults {
        items,
        facets,
        next_cursor,
    }))
}

/// The best first; among equals the newest.
async fn ranked_hits(
    tx: &mut UserTx,
    text: &SearchText,
    filter: &ListFilter,
) -> Result<Vec<Hit>, Problem> {
    let states = filter.status.map(crate::documents::Status::states);
    let topics = (!filter.topics.is_empty()).then_some(&filter.topics[..]);
    let mut hits = sqlx::query_as!(
        Hit,
        r#"SELECT document_id AS "id!", rank AS "rank!"
             FROM search_documents(to_tsquery('docuvault', $1), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"#,
        text.tsquery,
        text.excludes,
        CANDIDATES,
        filter.trashed,
        filter.content_type,
        states.as_deref(),
        topics,
        filter.folder.flatten(),
        filter.folder == Some(None),
        filter.created_after,
        filter.created_before,
        filter.document_date_after,
        filter.document_date_before,
    )
    .fetch_all(tx.conn())
    .await?;
    hits.sort_by(|a, b| order(a.rank, a.id, b.rank, b.id));
    Ok(hits)
}

fn order(a_rank: f32, a: Uuid, b_rank: f32, b: Uuid) -> Ordering {
    b_rank.total_cmp(&a_rank).then(b.cmp(&a))
}

fn is_after(hit: &Hit, position: &Position) -> bool {
    order(
        hit.rank,
        hit.id,
        f32::from_bits(position.rank_bits),
        position.id,
    ) == Ordering::Greater
}

async fn show(
    state: &AppState,
    base: &BaseUrl,
    tx: &mut UserTx,
    text: &SearchText,
    page: &[&Hit],
) -> Result<Vec<SearchHit>, Problem> {
    let ids: Vec<Uuid> = page.iter().map(|hit| hit.id).collect();
    let mut documents: HashMap<Uuid, Document> = documents_by_id(state, base, tx, &ids)
        .await?
        .into_iter()
        .map(|document| (document.id.0, document))
        .collect();
    let mut snippets = snippets(tx, &ids, text).await?;
    Ok(page
        .iter()
        .filter_map(|hit| {
            Some(SearchHit {
                document: documents.remove(&hit.id)?,
                score: hit.rank,
                snippets: snippets.remove(&hit.id).unwrap_or_default(),
            })
        })
        .collect())
}
