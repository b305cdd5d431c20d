//! What a user can set for filing, and the rules for it.

use docuvault_filing::{APPLY_THRESHOLD, SUGGEST_THRESHOLD};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{Problem, problem::FieldError};

/// Filing has nothing to say below this but for a document's first three topics.
pub const LEAST: f32 = SUGGEST_THRESHOLD;
/// Filing is hardly ever surer.
pub const MOST: f32 = 0.99;

/// How sure filing must be to do something by itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// From here on a topic is applied without asking.
    pub apply: f32,
    /// From here on a topic waits in the review inbox.
    pub suggest: f32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            apply: APPLY_THRESHOLD,
            suggest: SUGGEST_THRESHOLD,
        }
    }
}

impl Thresholds {
    /// 422 with every fault.
    pub fn check(self) -> Result<(), Problem> {
        let mut errors = Vec::new();
        for (field, value) in [
            ("apply_threshold", self.apply),
            ("suggest_threshold", self.suggest),
        ] {
            if !(LEAST..=MOST).contains(&value) {
                errors.push(FieldError {
                    field: field.to_owned(),
                    code: "out_of_range".to_owned(),
                    detail: format!("A number from {LEAST} to {MOST}."),
                });
            }
        }
        if errors.is_empty() && self.suggest > self.apply {
            errors.push(FieldError {
                field: "suggest_threshold".to_owned(),
                code: "above_apply".to_owned(),
                detail: "What is applied must be at least as sure as what is suggested.".to_owned(),
            });
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(Problem::invalid_fields(errors))
        }
    }
}

/// What a user chose, and what there is to choose from.
#[derive(Debug, Serialize, ToSchema)]
pub struct FilingSettings {
    /// From this confidence on, a topic is applied without asking.
    pub apply_threshold: f32,
    /// From this confidence on, a topic waits in the review inbox.
    pub suggest_threshold: f32,
    /// Languages of scans by their tesseract names, the likeliest first; empty: as the server is set.
    pub ocr_languages: Vec<String>,
    /// What is installed on the server.
    pub available_ocr_languages: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(apply: f32, suggest: f32) -> Vec<String> {
        match (Thresholds { apply, suggest }).check() {
            Ok(()) => Vec::new(),
            Err(problem) => problem
                .fields
                .into_iter()
                .map(|error| format!("{} {}", error.field, error.code))
                .collect(),
        }
    }

    #[test]
    fn thresholds_stand_in_order_and_in_range() {
        assert!(faults(0.75, 0.3).is_empty() && faults(0.99, 0.99).is_empty());
        assert_eq!(faults(0.5, 0.6), ["suggest_threshold above_apply"]);
        assert_eq!(faults(1.0, 0.5), ["apply_threshold out_of_range"]);
        assert_eq!(
            faults(f32::NAN, -1.0),
            [
                "apply_threshold out_of_range",
                "suggest_threshold out_of_range"
            ]
        );
    }
}
