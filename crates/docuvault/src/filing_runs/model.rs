//! What a run looks like from outside.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// What is done to every document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// Read and filed again.
    Reprocess,
    /// Filed again by what was read before.
    Refile,
}

impl RunKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Reprocess => "reprocess",
            Self::Refile => "refile",
        }
    }

    pub fn from_name(name: &str) -> Self {
        if name == Self::Refile.name() {
            Self::Refile
        } else {
            Self::Reprocess
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    Running,
    Paused,
    Finished,
    Cancelled,
}

impl RunState {
    pub fn from_name(name: &str) -> Self {
        match name {
            "running" => Self::Running,
            "paused" => Self::Paused,
            "finished" => Self::Finished,
            _ => Self::Cancelled,
        }
    }
}

/// A run through all documents.
#[derive(Debug, Serialize, ToSchema)]
pub struct FilingRun {
    pub id: Uuid,
    pub kind: RunKind,
    pub state: RunState,
    /// Documents there were when it began.
    pub total: i64,
    pub done: i64,
    /// Of those done, the ones that could not be read.
    pub failed: i64,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    pub finished_at: Option<OffsetDateTime>,
}
