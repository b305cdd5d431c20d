//! Lists documents: filtered, sorted, page by page.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use sqlx::{Postgres, QueryBuilder};
use time::{Date, OffsetDateTime};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    model::{Document, Status},
    query::{DocumentRow, SELECT_DOCUMENTS},
};
use crate::{
    app::AppState,
    auth::Caller,
    db::UserTx,
    http::{
        Problem,
        paging::{Page, page_limit},
    },
    storage_backends::BaseUrl,
};

/// What narrows a list or a search. Everything that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListFilter {
    /// `Some(None)`: in no folder.
    pub folder: Option<Option<Uuid>>,
    pub topics: Vec<Uuid>,
    /// A whole type, or its beginning when it was given as `image/*`.
    pub content_type: Option<String>,
    pub status: Option<Status>,
    pub created_after: Option<OffsetDateTime>,
    pub created_before: Option<OffsetDateTime>,
    pub document_date_after: Option<Date>,
    pub document_date_before: Option<Date>,
    pub trashed: bool,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub enum ListSort {
    #[default]
    #[serde(rename = "-created_at")]
    NewestFirst,
    #[serde(rename = "created_at")]
    OldestFirst,
    #[serde(rename = "title")]
    Title,
    #[serde(rename = "-title")]
    TitleBackwards,
    #[serde(rename = "-document_date")]
    LatestDated,
    #[serde(rename = "document_date")]
    EarliestDated,
    #[serde(rename = "-size_bytes")]
    Largest,
    #[serde(rename = "size_bytes")]
    Smallest,
}

/// The query string of the list, which `list_query` reads; `topic_id` may be repeated.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query string for the API document")]
pub struct ListQuery {
    /// A folder's id, or `root` for documents in none.
    pub folder_id: Option<String>,
    /// Documents under all of these topics.
    pub topic_id: Option<Vec<Uuid>>,
    /// Such as `application/pdf`, or `image/*`.
    pub content_type: Option<String>,
    pub status: Option<Status>,
    #[param(value_type = Option<String>, format = DateTime)]
    pub created_after: Option<OffsetDateTime>,
    #[param(value_type = Option<String>, format = DateTime)]
    pub created_before: Option<OffsetDateTime>,
    #[param(value_type = Option<String>, format = Date)]
    pub document_date_after: Option<Date>,
    #[param(value_type = Option<String>, format = Date)]
    pub document_date_before: Option<Date>,
    /// True: the trash instead.
    pub trashed: Option<bool>,
    pub sort: Option<ListSort>,
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    pub cursor: Option<String>,
}

/// Where a page ended: the last row's sort value and id.
#[derive(Serialize, Deserialize)]
struct Position {
    /// The sort value as text; `None` for a document without a date.
    value: Option<String>,
    id: Uuid,
}

/// The user's documents.
#[utoipa::path(get, path = "/api/v1/documents", operation_id = "list_documents", tag = "documents", params(ListQuery), responses((status = OK, body = Page<Document>)))]
pub async fn list(
    State(state): State<AppState>,
    caller: Caller,
    base: BaseUrl,
    query: super::list_query::Parsed,
) -> Result<Json<Page<Document>>, Problem> {
    let limit = page_limit(query.limit)?;
    let sort = query.sort;
    let purpose = format!("documents:{sort:?}");
    let after: Option<Position> = query
        .cursor
        .as_deref()
        .map(|cursor| state.cursors().open(&purpose, cursor))
        .transpose()?;
    let mut tx = caller.begin(&state).await?;
    let mut rows = select(&mut tx, &query.filter, sort, after.as_ref(), limit + 1).await?;
    tx.commit().await?;

    let more = rows.len() as i64 > limit;
    rows.truncate(limit as usize);
    let next_cursor = match rows.last().filter(|_| more) {
        Some(last) => Some(state.cursors().seal(
            &purpose,
            &Position {
                value: sort.value_of(last),
                id: last.id.0,
            },
        )?),
        None => None,
    };
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(row.shown(&state, &base).await?);
    }
    Ok(Json(Page { items, next_cursor }))
}

async fn select(
    tx: &mut UserTx,
    filter: &ListFilter,
    sort: ListSort,
    after: Option<&Position>,
    limit: i64,
) -> Result<Vec<DocumentRow>, Problem> {
    let mut query = QueryBuilder::<Postgres>::new(SELECT_DOCUMENTS);
    query.push_bind(tx.user().0);
    filter.push(&mut query);
    sort.push_after(&mut query, after)?;
    sort.push_order(&mut query);
    query.push(" LIMIT ").push_bind(limit);
    Ok(query.build_query_as().fetch_all(tx.conn()).await?)
}

impl ListFilter {
    /// Adds its conditions on `d`.
    fn push(&self, query: &mut QueryBuilder<Postgres>) {
        query.push(if self.trashed {
            " AND d.trashed_at IS NOT NULL"
        } else {
            " AND d.trashed_at IS NULL"
        });
        match self.folder {
            None => {}
            Some(None) => {
                query.push(" AND d.folder_id IS NULL");
            }
            Some(Some(folder)) => {
                query.push(" AND d.folder_id = ").push_bind(folder);
            }
        }
        for topic in &self.topics {
            query.push(" AND EXISTS (SELECT FROM document_topics f WHERE f.document_id = d.id AND f.user_id = d.user_id AND f.topic_id = ").push_bind(*topic).push(")");
        }
        if let Some(content_type) = &self.content_type {
            query
                .push(" AND starts_with(d.content_type, ")
                .push_bind(content_type.clone())
                .push(")");
        }
        if let Some(status) = self.status {
            query
                .push(" AND d.state = ANY (")
                .push_bind(status.states())
                .push(")");
        }
        if let Some(at) = self.created_after {
            query.push(" AND d.created_at >= ").push_bind(at);
        }
        if let Some(at) = self.created_before {
            query.push(" AND d.created_at < ").push_bind(at);
        }
        if let Some(date) = self.document_date_after {
            query.push(" AND d.document_date >= ").push_bind(date);
        }
        if let Some(date) = self.document_date_before {
            query.push(" AND d.document_date < ").push_bind(date);
        }
    }
}

impl ListSort {
    fn column(self) -> &'static str {
        match self {
            Self::NewestFirst | Self::OldestFirst => "d.created_at",
            Self::Title | Self::TitleBackwards => "lower(d.title)",
            Self::LatestDated | Self::EarliestDated => "d.document_date",
            Self::Largest | Self::Smallest => "d.size_bytes",
        }
    }

    fn descends(self) -> bool {
        matches!(
            self,
            Self::NewestFirst | Self::TitleBackwards | Self::LatestDated | Self::Largest
        )
    }

    /// Documents without a date come last whichever way the dated ones run.
    fn push_order(self, query: &mut QueryBuilder<Postgres>) {
        let direction = if self.descends() { "DESC" } else { "ASC" };
        let nulls = if matches!(self, Self::LatestDated | Self::EarliestDated) {
            " NULLS LAST"
        } else {
            ""
        };
        query.push(format!(
            " ORDER BY {} {direction}{nulls}, d.id {direction}",
            self.column()
        ));
    }

    fn push_after(
        self,
        query: &mut QueryBuilder<Postgres>,
        after: Option<&Position>,
    ) -> Result<(), Problem> {
        let Some(position) = after else { return Ok(()) };
        let (column, compare) = (self.column(), if self.descends() { "<" } else { ">" });
        let forged =
            || Problem::bad_request("invalid_cursor", "This cursor was not made for this list.");
        let Some(value) = &position.value else {
            query
                .push(format!(" AND {column} IS NULL AND d.id {compare} "))
                .push_bind(position.id);
            return Ok(());
        };
        let dated = matches!(self, Self::LatestDated | Self::EarliestDated);
        query.push(if dated {
            format!(" AND ({column} IS NULL OR ({column}, d.id) {compare} (")
        } else {
            format!(" AND (({column}, d.id) {compare} (")
        });
        match self {
            Self::NewestFirst | Self::OldestFirst => {
                let nanoseconds: i128 = value.parse().map_err(|_| forged())?;
                query.push_bind(
                    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).map_err(|_| forged())?,
                );
            }
            Self::Title | Self::TitleBackwards => {
                query.push("lower(").push_bind(value.clone()).push(")");
            }
            Self::LatestDated | Self::EarliestDated => {
                let day: i32 = value.parse().map_err(|_| forged())?;
                query.push_bind(Date::from_julian_day(day).map_err(|_| forged())?);
            }
            Self::Largest | Self::Smallest => {
                query.push_bind(value.parse::<i64>().map_err(|_| forged())?);
            }
        }
        query.push(", ").push_bind(position.id).push("))");
        Ok(())
    }

    fn value_of(self, row: &DocumentRow) -> Option<String> {
        match self {
            Self::NewestFirst | Self::OldestFirst => {
                Some(row.created_at.unix_timestamp_nanos().to_string())
            }
            Self::Title | Self::TitleBackwards => Some(row.title.clone()),
            Self::LatestDated | Self::EarliestDated => row
                .document_date
                .map(|date| date.to_julian_day().to_string()),
            Self::Largest | Self::Smallest => Some(row.size_bytes.to_string()),
        }
    }
}
