//! Reads the query string of a search: that of the list of documents, with orders of its own.

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::request::Parts;
use utoipa::IntoParams;
use uuid::Uuid;

use super::order::SearchSort;
use crate::{
    documents::{Status, list_query},
    http::Problem,
};

/// Besides these, the filters of the list of documents.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query string for the API document")]
pub struct SearchQuery {
    /// Words, `"phrases"`, `-not`, `or`, `begin*`, and filters: `topic:tax from:stadtwerke type:pdf lang:de before:2025-01 after:2024 year:2025
    /// has:no-topic is:trashed`.
    q: String,
    /// By relevance among the newest 300 of what is found, otherwise among the newest 1000.
    #[param(inline)]
    sort: Option<SearchSort>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    cursor: Option<String>,
    folder_id: Option<String>,
    topic_id: Option<Vec<Uuid>>,
    content_type: Option<String>,
    status: Option<Status>,
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

/// A search's query string, understood.
pub struct Parameters {
    pub list: list_query::Parsed,
    pub sort: SearchSort,
}

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        parse(parts.uri.query().unwrap_or_default()).map_err(IntoResponse::into_response)
    }
}

fn parse(query: &str) -> Result<Parameters, Problem> {
    let (sorts, others): (Vec<&str>, Vec<&str>) =
        query.split('&').partition(|pair| pair.starts_with("sort="));
    let named = sorts.last().and_then(|pair| pair.strip_prefix("sort="));
    let sort = match named.map(list_query::decode).transpose()?.as_deref() {
        None | Some("") => SearchSort::default(),
        Some(value) => list_query::word(value).ok_or_else(|| {
            Problem::invalid(
                "sort",
                "invalid",
                "Sort by relevance, -document_date, document_date or -created_at.",
            )
        })?,
    };
    Ok(Parameters {
        list: list_query::parse(&others.join("&"))?,
        sort,
    })
}
