//! How the hits spread over topics, types, correspondents and years, for narrowing down.

use std::collections::HashMap;

use serde::Serialize;
use time::{Date, UtcOffset};
use utoipa::ToSchema;
use uuid::Uuid;

use super::order::Hit;
use crate::{
    db::{TopicId, UserTx},
    http::Problem,
};

/// Correspondents that are counted.
const CORRESPONDENTS: usize = 20;

#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Facets {
    topics: Vec<TopicFacet>,
    content_types: Vec<Facet>,
    /// The most frequent ones.
    correspondents: Vec<Facet>,
    /// Of the document's date, or where it has none, of its arrival.
    years: Vec<Facet>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TopicFacet {
    id: TopicId,
    name: String,
    count: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Facet {
    value: String,
    count: i64,
}

/// Counts over the hits.
pub async fn facets(tx: &mut UserTx, hits: &[Hit]) -> Result<Facets, Problem> {
    if hits.is_empty() {
        return Ok(Facets::default());
    }
    let ids: Vec<Uuid> = hits.iter().map(|hit| hit.id).collect();
    let topics = sqlx::query_as!(
        TopicFacet,
        r#"SELECT t.id AS "id: TopicId", t.name, found.count AS "count!"
             FROM (SELECT topic_id, count(*) AS count FROM document_topics WHERE user_id = $1 AND document_id = ANY ($2) GROUP BY topic_id) AS found
             JOIN topics t ON t.id = found.topic_id ORDER BY found.count DESC, lower(t.name)"#,
        tx.user().0,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    let years = hits.iter().map(|hit| {
        let year = hit.document_date.map(Date::year);
        year.unwrap_or_else(|| hit.created_at.to_offset(UtcOffset::UTC).year())
            .to_string()
    });
    let mut years = counted(years);
    years.sort_by(|one, other| other.value.cmp(&one.value));
    let mut correspondents = counted(hits.iter().filter_map(|hit| hit.correspondent.clone()));
    correspondents.truncate(CORRESPONDENTS);
    Ok(Facets {
        topics,
        content_types: counted(hits.iter().map(|hit| hit.content_type.clone())),
        correspondents,
        years,
    })
}

/// The most frequent first.
fn counted(values: impl Iterator<Item = String>) -> Vec<Facet> {
    let mut counts: HashMap<String, i64> = HashMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    let mut facets: Vec<Facet> = counts
        .into_iter()
        .map(|(value, count)| Facet { value, count })
        .collect();
    facets.sort_by_cached_key(|facet| {
        (
            std::cmp::Reverse(facet.count),
            facet.value.to_lowercase(),
            facet.value.clone(),
        )
    });
    facets
}
