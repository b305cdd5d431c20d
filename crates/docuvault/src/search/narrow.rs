//! What narrows a search: the filters of the list, and those inside the search, as the function `search_documents` takes them.

use serde::Serialize;
use time::{Date, OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    BLANKS, JOINING_SIGNS, SearchText,
    fields::{Field, FieldFilter, Meaning, Part},
    query::{plain, quoted},
};
use crate::{db::UserTx, documents::ListFilter, http::Problem};

/// A filter inside a search, as it was understood.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnderstoodFilter {
    pub field: Field,
    pub value: String,
    /// False: nothing has this value, so nothing is found.
    pub known: bool,
}

/// Everything that must hold besides the words. What is `None` may be anything.
#[derive(Debug, Default, Serialize)]
pub struct Narrowing {
    trashed: bool,
    /// Only what holds for whole documents counts.
    whole_only: bool,
    states: Option<Vec<String>>,
    content_type: Option<String>,
    /// Any of these.
    types: Option<Vec<String>>,
    languages: Option<Vec<&'static str>>,
    years: Option<Vec<i32>>,
    folder: Option<Uuid>,
    has_folder: Option<bool>,
    /// Topics, and beside each the number of its group; one of every group must be there.
    topics: Option<Vec<Uuid>>,
    topic_groups: Option<Vec<i32>>,
    has_topic: Option<bool>,
    has_date: Option<bool>,
    has_correspondent: Option<bool>,
    /// For `to_tsquery`, about the correspondent alone.
    correspondent: Option<String>,
    created_after: Option<String>,
    created_before: Option<String>,
    dated_after: Option<String>,
    dated_before: Option<String>,
    /// Of the document's date, or where it has none, of its arrival.
    day_from: Option<String>,
    day_before: Option<String>,
    joining_signs: &'static str,
    blanks: &'static str,
    /// Nothing can fit.
    #[serde(skip)]
    pub impossible: bool,
}

impl Narrowing {
    /// Looks up what only the database knows.
    pub async fn of(
        tx: &mut UserTx,
        list: &ListFilter,
        text: &SearchText,
    ) -> Result<(Self, Vec<UnderstoodFilter>), Problem> {
        let mut narrowing = Self::of_list(list);
        narrowing.whole_only = text.excludes();
        let mut understood = Vec::with_capacity(text.filters.len());
        for filter in &text.filters {
            let known = match &filter.meaning {
                Meaning::Topic => {
                    let topics = topics_named(tx, &filter.value).await?;
                    narrowing.add_topics(&topics)
                }
                _ => narrowing.add(filter),
            };
            narrowing.impossible |= !known;
            understood.push(UnderstoodFilter {
                field: filter.field,
                value: filter.value.clone(),
                known,
            });
        }
        Ok((narrowing, understood))
    }

    /// Only the correspondent: to tell whether there is any such.
    pub fn of_correspondent(name: &str) -> Self {
        Self {
            correspondent: correspondent_query(name),
            ..Self::of_list(&ListFilter::default())
        }
    }

    fn of_list(list: &ListFilter) -> Self {
        let moment = |at: Option<OffsetDateTime>| at.and_then(|at| at.format(&Rfc3339).ok());
        let mut narrowing = Self {
            trashed: list.trashed,
            states: list.status.map(crate::documents::Status::states),
            content_type: list.content_type.clone(),
            folder: list.folder.flatten(),
            has_folder: (list.folder == Some(None)).then_some(false),
            created_after: moment(list.created_after),
            created_before: moment(list.created_before),
            dated_after: list.document_date_after.map(iso),
            dated_before: list.document_date_before.map(iso),
            joining_signs: JOINING_SIGNS,
            blanks: BLANKS,
            ..Self::default()
        };
        for topic in &list.topics {
            narrowing.add_topics(&[*topic]);
        }
        narrowing
    }

    /// One of `topics` must be there.
    fn add_topics(&mut self, topics: &[Uuid]) -> bool {
        let groups = self.topic_groups.get_or_insert_default();
        let next = groups.last().map_or(1, |last| last + 1);
        groups.extend(topics.iter().map(|_| next));
        self.topics.get_or_insert_default().extend(topics);
        !topics.is_empty()
    }

    /// False: nothing has this value.
    fn add(&mut self, filter: &FieldFilter) -> bool {
        let (dated_from, dated_before) = (&mut self.day_from, &mut self.day_before);
        match &filter.meaning {
            Meaning::Types(types) => self
                .types
                .get_or_insert_default()
                .extend(types.iter().cloned()),
            Meaning::Language(language) => self.languages.get_or_insert_default().push(language),
            Meaning::Year(year) => self.years.get_or_insert_default().push(*year),
            Meaning::Before(day) => {
                let day = iso(*day);
                if dated_before.as_ref().is_none_or(|other| day < *other) {
                    *dated_before = Some(day);
                }
            }
            Meaning::From(day) => {
                let day = iso(*day);
                if dated_from.as_ref().is_none_or(|other| day > *other) {
                    *dated_from = Some(day);
                }
            }
            Meaning::Has(part, wanted) => self.add_part(*part, *wanted),
            Meaning::Trashed => self.trashed = true,
            Meaning::States(states) => {
                let wanted = states.iter().map(|&state| state.to_owned());
                self.states = Some(match self.states.take() {
                    Some(others) => wanted.filter(|state| others.contains(state)).collect(),
                    None => wanted.collect(),
                });
            }
            Meaning::Correspondent => match correspondent_query(&filter.value) {
                Some(query) => {
                    self.correspondent = Some(match self.correspondent.take() {
                        Some(others) => format!("{others} & {query}"),
                        None => query,
                    });
                }
                None => return false,
            },
            Meaning::Topic => {}
            Meaning::Nothing => return false,
        }
        true
    }

    fn add_part(&mut self, part: Part, wanted: bool) {
        let has = match part {
            Part::Topic => &mut self.has_topic,
            Part::Date => &mut self.has_date,
            Part::Correspondent => &mut self.has_correspondent,
            Part::Folder => &mut self.has_folder,
        };
        self.impossible |= has.is_some_and(|earlier| earlier != wanted);
        *has = Some(wanted);
    }
}

/// Every word of a correspondent's name, each perhaps only begun.
fn correspondent_query(value: &str) -> Option<String> {
    let text = plain(value);
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| word.trim_end_matches('*'))
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .map(|word| format!("{}:*", quoted(word)))
        .collect();
    (!words.is_empty()).then(|| words.join(" & "))
}

/// `2025-01-31`, which also sorts as days do.
fn iso(day: Date) -> String {
    format!(
        "{:04}-{:02}-{:02}",
        day.year(),
        u8::from(day.month()),
        day.day()
    )
}

/// Topics of exactly this name, whatever its case and accents; where there is none, those whose names begin so.
async fn topics_named(tx: &mut UserTx, name: &str) -> Result<Vec<Uuid>, Problem> {
    let user = tx.user().0;
    let rows = sqlx::query!(
        r#"SELECT t.id, unaccent(lower(t.name)) = unaccent(lower($2)) AS "is_exact!" FROM topics t
            WHERE t.user_id = $1 AND starts_with(unaccent(lower(t.name)), unaccent(lower($2))) ORDER BY 2 DESC, t.id"#,
        user,
        name
    )
    .fetch_all(tx.conn())
    .await?;
    let only_exact = rows.first().is_some_and(|row| row.is_exact);
    Ok(rows
        .into_iter()
        .filter(|row| row.is_exact || !only_exact)
        .map(|row| row.id)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_correspondent_is_asked_for_word_by_word() {
        assert_eq!(
            correspondent_query("Stadtwerke O'Neil-Bau").as_deref(),
            Some("'Stadtwerke':* & 'O''Neil':* & 'Bau':*")
        );
        assert_eq!(correspondent_query("* - '"), None);
    }

    #[test]
    fn the_narrowest_of_several_days_counts() {
        let text = SearchText::parse("before:2025 before:2024-06 after:2020 after:2019").unwrap();
        let mut narrowing = Narrowing::default();
        assert!(text.filters.iter().all(|filter| narrowing.add(filter)));
        assert_eq!(narrowing.day_before.as_deref(), Some("2024-06-01"));
        assert_eq!(narrowing.day_from.as_deref(), Some("2020-01-01"));
    }

    #[test]
    fn what_contradicts_itself_finds_nothing() {
        let text = SearchText::parse("has:topic has:no-topic").unwrap();
        let mut narrowing = Narrowing::default();
        assert!(text.filters.iter().all(|filter| narrowing.add(filter)));
        assert!(narrowing.impossible);
    }
}
