//! The order of results, and where a page of them ends.

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub enum SearchSort {
    #[default]
    #[serde(rename = "relevance")]
    Relevance,
    #[serde(rename = "-document_date")]
    LatestDated,
    #[serde(rename = "document_date")]
    EarliestDated,
    #[serde(rename = "-created_at")]
    NewestFirst,
}

/// A document that was found.
#[derive(Debug)]
pub struct Hit {
    pub id: Uuid,
    pub rank: f32,
    pub document_date: Option<Date>,
    pub created_at: OffsetDateTime,
    pub content_type: String,
    pub correspondent: Option<String>,
}

/// Where a page ended.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    key: i64,
    /// Among equals the newest is first, so this counts backwards.
    id: std::cmp::Reverse<Uuid>,
}

impl SearchSort {
    pub fn position(self, hit: &Hit) -> Position {
        let dated = |sign: i64| {
            hit.document_date
                .map_or(i64::MAX, |day| sign * i64::from(day.to_julian_day()))
        };
        let key = match self {
            // The bits of what is not negative are in its own order.
            Self::Relevance => -i64::from(hit.rank.max(0.0).to_bits()),
            Self::LatestDated => dated(-1),
            Self::EarliestDated => dated(1),
            Self::NewestFirst => -(hit.created_at.unix_timestamp_nanos() / 1000) as i64,
        };
        Position {
            key,
            id: std::cmp::Reverse(hit.id),
        }
    }

    /// Cursors of one order are of no use in another.
    pub fn purpose(self) -> String {
        format!("search:{self:?}")
    }
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    fn hit(id: u128, rank: f32, document_date: Option<Date>) -> Hit {
        Hit {
            id: Uuid::from_u128(id),
            rank,
            document_date,
            created_at: datetime!(2026-01-01 0:00 UTC) + time::Duration::minutes(id as i64),
            content_type: "text/plain".to_owned(),
            correspondent: None,
        }
    }

    #[test]
    fn each_order_is_what_it_says() {
        let hits = [
            hit(1, 0.2, Some(date!(2025 - 01 - 01))),
            hit(2, 0.1, None),
            hit(3, 0.2, Some(date!(2024 - 01 - 01))),
        ];
        for (sort, expected) in [
            (SearchSort::Relevance, [3, 1, 2]),
            (SearchSort::LatestDated, [1, 3, 2]),
            (SearchSort::EarliestDated, [3, 1, 2]),
            (SearchSort::NewestFirst, [3, 2, 1]),
        ] {
            let mut order: Vec<&Hit> = hits.iter().collect();
            order.sort_by_key(|hit| sort.position(hit));
            let ids: Vec<u128> = order.iter().map(|hit| hit.id.as_u128()).collect();
            assert_eq!(ids, expected, "{sort:?}");
        }
    }
}
