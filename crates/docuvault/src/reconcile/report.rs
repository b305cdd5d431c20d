//! What a run has found, as administrators and the command line are told.

use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// The totals of one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunReport {
    #[serde(with = "time::serde::rfc3339")]
    pub started_at: OffsetDateTime,
    /// `null` while it is under way, or waits for the store.
    #[serde(with = "time::serde::rfc3339::option")]
    pub finished_at: Option<OffsetDateTime>,
    /// In the store, all in all.
    pub objects: i64,
    pub bytes: i64,
    /// Of them: named by no document.
    pub orphans: i64,
    pub orphan_bytes: i64,
    /// Findings at its end, also those of earlier runs that are still so.
    pub missing: i64,
    pub wrong_size: i64,
    pub damaged: i64,
    /// Unfinished uploads that were given up at the store.
    pub unfinished_uploads: i64,
    /// Orphans whose time was over.
    pub removed: i64,
    /// A code: why it cannot go on, or what it left undone.
    pub error: Option<String>,
}

impl RunReport {
    /// Whether any document is not what it should be.
    pub fn has_losses(&self) -> bool {
        self.missing + self.wrong_size + self.damaged > 0
    }

    /// For the terminal, a line each.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            format!(
                "Objects in the store:     {} ({} bytes)",
                self.objects, self.bytes
            ),
            format!(
                "Named by no document:     {} ({} bytes); removed now: {}",
                self.orphans, self.orphan_bytes, self.removed
            ),
            format!("Missing:                  {}", self.missing),
            format!("Of another length:        {}", self.wrong_size),
            format!("Damaged:                  {}", self.damaged),
            format!("Unfinished, given up:     {}", self.unfinished_uploads),
        ];
        if let Some(error) = &self.error {
            lines.push(format!("Left undone:              {error}"));
        }
        lines
    }
}
