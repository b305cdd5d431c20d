//! Reads the query string that lists and searches share. `topic_id` may be repeated, which plain form decoding does not allow for.

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::request::Parts;
use percent_encoding::percent_decode_str;
use serde::{
    Deserialize,
    de::{IntoDeserializer, value::StrDeserializer},
};
use time::{
    Date, OffsetDateTime,
    format_description::well_known::{Iso8601, Rfc3339},
};
use uuid::Uuid;

use super::{ListFilter, ListSort};
use crate::http::Problem;

/// A list's or search's query string, understood.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    pub filter: ListFilter,
    pub sort: ListSort,
    pub limit: Option<u32>,
    pub cursor: Option<String>,
    /// The words of a search.
    pub q: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Parsed {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        parse(parts.uri.query().unwrap_or_default()).map_err(IntoResponse::into_response)
    }
}

pub fn parse(query: &str) -> Result<Parsed, Problem> {
    let mut parsed = Parsed::default();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name)?, decode(value)?);
        if !value.is_empty() {
            set(&mut parsed, &name, value)?;
        }
    }
    Ok(parsed)
}

fn set(parsed: &mut Parsed, name: &str, value: String) -> Result<(), Problem> {
    let wrong = |detail: &str| Problem::invalid(name, "invalid", detail);
    let filter = &mut parsed.filter;
    match name {
        "q" => parsed.q = Some(value),
        "cursor" => parsed.cursor = Some(value),
        "limit" => parsed.limit = Some(value.parse().map_err(|_| wrong("A page has 1 to 200 rows."))?),
        "sort" => parsed.sort = word(&value).ok_or_else(|| wrong("Sort by created_at, title, document_date or size_bytes, with a - in front to turn it round."))?,
        "folder_id" if value == "root" => filter.folder = Some(None),
        "folder_id" => filter.folder = Some(Some(uuid(&value).ok_or_else(|| wrong("A folder's id, or root."))?)),
        "topic_id" => filter.topics.push(uuid(&value).ok_or_else(|| wrong("A topic's id."))?),
        "content_type" => filter.content_type = Some(value.strip_suffix('*').map(str::to_owned).unwrap_or(value)),
        "status" => filter.status = Some(word(&value).ok_or_else(|| wrong("One of uploading, processing, ready, failed."))?),
        "created_after" => filter.created_after = Some(moment(&value).ok_or_else(|| wrong("A time such as 2026-11-23T18:00:00Z."))?),
        "created_before" => filter.created_before = Some(moment(&value).ok_or_else(|| wrong("A time such as 2026-11-23T18:00:00Z."))?),
        "document_date_after" => filter.document_date_after = Some(day(&value).ok_or_else(|| wrong("A day such as 2026-11-23."))?),
        "document_date_before" => filter.document_date_before = Some(day(&value).ok_or_else(|| wrong("A day such as 2026-11-23."))?),
        "trashed" => filter.trashed = value.parse().map_err(|_| wrong("true or false."))?,
        _ => return Err(Problem::bad_request("unknown_field", format!("There is no query parameter named {name:?} here."))),
    }
    filter.topics.sort_unstable();
    filter.topics.dedup();
    Ok(())
}

pub fn decode(text: &str) -> Result<String, Problem> {
    percent_decode_str(&text.replace('+', " "))
        .decode_utf8()
        .map(|text| text.replace('\0', ""))
        .map_err(|_| {
            Problem::bad_request("malformed_query", "The query string is not valid UTF-8.")
        })
}

pub fn word<T: for<'de> Deserialize<'de>>(value: &str) -> Option<T> {
    let deserializer: StrDeserializer<'_, serde::de::value::Error> = value.into_deserializer();
    T::deserialize(deserializer).ok()
}

fn uuid(value: &str) -> Option<Uuid> {
    Uuid::try_parse(value).ok()
}

fn moment(value: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(value, &Rfc3339).ok()
}

fn day(value: &str) -> Option<Date> {
    Date::parse(value, &Iso8601::DATE).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_parameter_and_repeats_of_topic_id() {
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let query = format!(
            "q=strom+rechnung%21&topic_id={b}&topic_id={a}&folder_id=root&content_type=image/*&status=ready&sort=-document_date&limit=7&trashed=true&document_date_after=2026-01-31&created_before=2026-02-01T00:00:00Z"
        );
        let parsed = parse(&query).unwrap();
        assert_eq!(parsed.q.as_deref(), Some("strom rechnung!"));
        assert_eq!(parsed.filter.topics, [a, b]);
        assert_eq!(parsed.filter.folder, Some(None));
        assert_eq!(parsed.filter.content_type.as_deref(), Some("image/"));
        assert_eq!(parsed.filter.status, Some(crate::documents::Status::Ready));
        assert_eq!(
            (parsed.sort, parsed.limit),
            (ListSort::LatestDated, Some(7))
        );
        assert!(parsed.filter.trashed);
    }

    #[test]
    fn tells_what_it_does_not_understand() {
        assert_eq!(parse("colour=red").unwrap_err().code, "unknown_field");
        assert_eq!(parse("q=%ff").unwrap_err().code, "malformed_query");
        for bad in [
            "limit=x",
            "sort=age",
            "status=done",
            "topic_id=1",
            "folder_id=x",
            "trashed=1",
            "created_after=today",
            "document_date_before=31.12.2026",
        ] {
            assert_eq!(parse(bad).unwrap_err().code, "validation_failed", "{bad}");
        }
    }
}
