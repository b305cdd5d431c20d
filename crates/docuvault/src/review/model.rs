//! What a suggestion looks like from outside.

use serde::Serialize;
use utoipa::ToSchema;

use crate::db::TopicId;

/// The topic that a suggestion is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuggestedTopic {
    pub id: TopicId,
    pub name: String,
    pub color: String,
}

/// A topic that a document has, might have, or is not to have.
#[derive(Debug, Serialize, ToSchema)]
pub struct Suggestion {
    pub topic: SuggestedTopic,
    /// `applied`, `proposed` or `rejected`.
    pub state: String,
    /// Whose word it is: `device`, `ai` or `user`.
    pub source: String,
    /// Which of the providers, for `ai`.
    pub provider: Option<String>,
    /// From 0 to 1; null where nobody has said.
    pub confidence: Option<f32>,
    /// The words that decided, the weightiest first.
    pub reasons: Vec<String>,
}

/// What is known of a document's topics, and who filed it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Suggestions {
    /// `device`, or the provider's name; null: not filed yet.
    pub filed_by: Option<String>,
    /// Why it was not the provider that the user chose: a code.
    pub notice: Option<String>,
    /// Applied ones first, then proposed ones, the likeliest first, then rejected ones.
    pub items: Vec<Suggestion>,
}
