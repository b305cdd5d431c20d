//! Searches: bounded hits from the definer function, ranked; the page's documents; snippets and facets.

use std::collections::HashMap;

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    SearchText,
    estimate::{Estimate, estimate, spell},
    facets::{Facets, facets},
    fields::Field,
    forms::{Correction, add_forms, correct},
    narrow::{Narrowing, UnderstoodFilter},
    order::{Hit, Position, SearchSort},
    parameters::{Parameters, SearchQuery},
    snippets::snippets,
};
use crate::{
    app::AppState,
    auth::Caller,
    db::UserTx,
    documents::{Document, documents_by_id},
    http::{Problem, paging::page_limit, problem::ProblemBody},
    storage_backends::BaseUrl,
};

/// Hits that are ranked: the newest so many. Ranking all hits of a common word would cost more than everything else.
const RANKED: i32 = 300;
/// Hits that are put in another order, which costs less.
const ORDERED: i32 = 1000;

#[derive(Serialize, ToSchema)]
pub struct SearchResults {
    items: Vec<SearchHit>,
    facets: Facets,
    total: Total,
    interpretation: Interpretation,
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

#[derive(Serialize, ToSchema)]
pub struct Total {
    count: i64,
    /// False: there are at least so many.
    is_exact: bool,
}

/// What was understood of a search.
#[derive(Serialize, ToSchema)]
pub struct Interpretation {
    /// What must be there, filters aside.
    words: Vec<String>,
    filters: Vec<UnderstoodFilter>,
    /// Words that no document has, with those that were looked for instead, because nothing would have been found.
    corrections: Vec<Correction>,
}

struct Found {
    hits: Vec<Hit>,
    total: Total,
}

impl Found {
    fn nothing() -> Self {
        Self {
            hits: Vec::new(),
            total: Total {
                count: 0,
                is_exact: true,
            },
        }
    }
}

/// Finds documents by their words.
#[utoipa::path(get, path = "/api/v1/search", operation_id = "search_documents", tag = "search", params(SearchQuery), responses((status = OK, body = SearchResults), (status = UNPROCESSABLE_ENTITY, body = ProblemBody)))]
pub async fn search(
    State(state): State<AppState>,
    caller: Caller,
    base: BaseUrl,
    Parameters { list, sort }: Parameters,
) -> Result<Json<SearchResults>, Problem> {
    let limit = page_limit(list.limit)? as usize;
    let typed = list
        .q
        .as_deref()
        .ok_or_else(|| Problem::invalid("q", "required", "Say what to search for."))?;
    let mut text = SearchText::parse(typed)?;
    let purpose = sort.purpose();
    let after: Option<Position> = list
        .cursor
        .as_deref()
        .map(|cursor| state.cursors().open(&purpose, cursor))
        .transpose()?;

    let mut tx = caller.begin(&state).await?;
    let (narrowing, mut filters) = Narrowing::of(&mut tx, &list.filter, &text).await?;
    spell(&mut tx, &mut text).await?;
    add_forms(&mut tx, &mut text).await?;
    let mut found = find(&mut tx, &mut text, &narrowing, sort).await?;
    let mut corrections = Vec::new();
    if found.hits.is_empty() {
        corrections = correct(&mut tx, &mut text).await?;
        if !corrections.is_empty() {
            found = find(&mut tx, &mut text, &narrowing, sort).await?;
        }
    }
    if found.hits.is_empty() {
        doubt_correspondent(&mut tx, &mut filters).await?;
    }
    found.hits.sort_by_cached_key(|hit| sort.position(hit));
    let facets = facets(&mut tx, &found.hits).await?;
    let from = found
        .hits
        .partition_point(|hit| after.as_ref().is_some_and(|end| sort.position(hit) <= *end));
    let rest = &found.hits[from..];
    let page = &rest[..rest.len().min(limit)];
    let next_cursor = match page.last().filter(|_| rest.len() > limit) {
        Some(last) => Some(state.cursors().seal(&purpose, &sort.position(last))?),
        None => None,
    };
    let items = show(&state, &base, &mut tx, &text, page).await?;
    tx.commit().await?;
    Ok(Json(SearchResults {
        items,
        facets,
        total: found.total,
        interpretation: Interpretation {
            words: text.wanted_words(),
            filters,
            corrections: if found.hits.is_empty() {
                Vec::new()
            } else {
                corrections
            },
        },
        next_cursor,
    }))
}

/// The newest so many of what fits. Without words and filters nothing does.
async fn find(
    tx: &mut UserTx,
    text: &mut SearchText,
    narrowing: &Narrowing,
    sort: SearchSort,
) -> Result<Found, Problem> {
    if narrowing.impossible || (text.groups.is_empty() && text.filters.is_empty()) {
        return Ok(Found::nothing());
    }
    let Estimate {
        newest_only,
        complete,
    } = estimate(tx, text).await?;
    let ranked = sort == SearchSort::Relevance;
    let question = Question {
        index: text.index_tsquery(),
        check: text.needs_check().then(|| text.tsquery()),
        rank: ranked.then(|| text.wanted()),
        newest_only,
        candidates: if ranked { RANKED } else { ORDERED },
    };
    let mut found = ask(tx, &question, narrowing).await?;
    found.total.is_exact &= complete;
    Ok(found)
}

/// What `search_documents` is asked, each text for `to_tsquery`.
#[derive(Default)]
struct Question {
    /// Empty: any document.
    index: String,
    check: Option<String>,
    rank: Option<String>,
    newest_only: bool,
    candidates: i32,
}

async fn ask(
    tx: &mut UserTx,
    question: &Question,
    narrowing: &Narrowing,
) -> Result<Found, Problem> {
    let rows = sqlx::query!(
        r#"SELECT document_id AS "id!", rank AS "rank!", document_date, created_at AS "created_at!", content_type AS "content_type!", correspondent, total AS "total!", is_exact AS "is_exact!"
             FROM search_documents(to_tsquery('docuvault', nullif($1, '')), to_tsquery('docuvault', $2), to_tsquery('docuvault', nullif($3, '')), $4, $5, $6)"#,
        question.index,
        question.check,
        question.rank,
        question.newest_only,
        question.candidates,
        serde_json::to_value(narrowing).map_err(Problem::internal)?
    )
    .fetch_all(tx.conn())
    .await?;
    let Some(first) = rows.first() else {
        return Ok(Found::nothing());
    };
    Ok(Found {
        total: Total {
            count: first.total,
            is_exact: first.is_exact,
        },
        hits: rows
            .into_iter()
            .map(|row| Hit {
                id: row.id,
                rank: row.rank,
                document_date: row.document_date,
                created_at: row.created_at,
                content_type: row.content_type,
                correspondent: row.correspondent,
            })
            .collect(),
    })
}

/// When nothing was found, says whether there is such a correspondent at all.
async fn doubt_correspondent(
    tx: &mut UserTx,
    filters: &mut [UnderstoodFilter],
) -> Result<(), Problem> {
    for filter in filters
        .iter_mut()
        .filter(|filter| filter.known && filter.field == Field::From)
    {
        let alone = Narrowing::of_correspondent(&filter.value);
        let any = Question {
            newest_only: true,
            candidates: 1,
            ..Question::default()
        };
        filter.known = !ask(tx, &any, &alone).await?.hits.is_empty();
    }
    Ok(())
}

async fn show(
    state: &AppState,
    base: &BaseUrl,
    tx: &mut UserTx,
    text: &SearchText,
    page: &[Hit],
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
