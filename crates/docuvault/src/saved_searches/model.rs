//! What a saved search is, and the rules for its name and query.

use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::{Problem, problem::FieldError};

const MAX_NAME_CHARS: usize = 80;
const MAX_QUERY_CHARS: usize = 2000;
/// As many as one user may have.
pub const MAX_SEARCHES: i64 = 100;

#[derive(Debug, Serialize, ToSchema)]
pub struct SavedSearch {
    pub id: Uuid,
    pub name: String,
    /// The query string of the search page.
    pub query: String,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
}

/// A name and query as they will be stored; 422 with every fault.
pub fn check(name: Option<&str>, query: Option<&str>) -> Result<(), Problem> {
    let fits = |text: &str, longest: usize| {
        !text.is_empty() && text.chars().count() <= longest && !text.chars().any(char::is_control)
    };
    let mut errors = Vec::new();
    for (field, text, longest) in [
        ("name", name, MAX_NAME_CHARS),
        ("query", query, MAX_QUERY_CHARS),
    ] {
        if text.is_some_and(|text| !fits(text, longest)) {
            errors.push(FieldError {
                field: field.to_owned(),
                code: "invalid_length".to_owned(),
                detail: format!("1 to {longest} characters."),
            });
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Problem::invalid_fields(errors))
    }
}

pub fn name_taken() -> Problem {
    Problem::conflict(
        "name_taken",
        "There is a saved search with this name already.",
    )
}

pub fn too_many() -> Problem {
    Problem::conflict(
        "too_many_searches",
        format!("You can keep {MAX_SEARCHES} searches. Delete one first."),
    )
}
