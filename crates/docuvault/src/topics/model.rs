//! What a topic is, and the rules for its name and colour.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    db::TopicId,
    http::{Problem, problem::FieldError},
};

const MAX_NAME_CHARS: usize = 80;

/// Colours by name; the web UI knows what each looks like, light and dark.
pub const TOPIC_COLORS: [&str; 21] = [
    "red", "orange", "amber", "yellow", "lime", "green", "emerald", "teal", "cyan", "sky", "blue",
    "indigo", "violet", "purple", "fuchsia", "pink", "rose", "slate", "zinc", "neutral", "stone",
];

#[derive(Debug, Serialize, ToSchema)]
pub struct Topic {
    pub id: TopicId,
    pub name: String,
    /// A colour's name, such as `sky`.
    pub color: String,
    /// Documents under this topic, those in the trash left out.
    pub documents: i64,
    #[serde(skip)]
    pub starter_key: Option<String>,
    #[serde(skip)]
    pub version: i32,
}

/// A name and colour as they will be stored; 422 with every fault.
pub fn check(name: Option<&str>, color: Option<&str>) -> Result<(), Problem> {
    let mut errors = Vec::new();
    let mut refuse = |field: &str, code: &str, detail: String| {
        errors.push(FieldError {
            field: field.to_owned(),
            code: code.to_owned(),
            detail,
        });
    };
    if name.is_some_and(|name| {
        name.is_empty()
            || name.chars().count() > MAX_NAME_CHARS
            || name.chars().any(char::is_control)
    }) {
        refuse(
            "name",
            "invalid_length",
            format!("A topic's name has 1 to {MAX_NAME_CHARS} characters."),
        );
    }
    if color.is_some_and(|color| !TOPIC_COLORS.contains(&color)) {
        refuse(
            "color",
            "unknown_color",
            format!("Choose one of {}.", TOPIC_COLORS.join(", ")),
        );
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Problem::invalid_fields(errors))
    }
}

pub fn name_taken() -> Problem {
    Problem::conflict("name_taken", "There is a topic with this name already.")
}
