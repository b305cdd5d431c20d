//! The languages in which scans are read: those the user chose, else those the server is set to.

use super::store;
use crate::{
    app::AppState,
    db::UserTx,
    http::{Problem, problem::FieldError},
};

/// More than these at once make reading slow, and no better.
const MAX_LANGUAGES: usize = 8;

/// What is installed on this server.
pub fn available_languages(state: &AppState) -> Vec<String> {
    let ocr = state.reader().and_then(docuvault_extract::Reader::ocr);
    ocr.map(|ocr| ocr.languages.clone()).unwrap_or_default()
}

/// For reading a document of the transaction's user.
pub async fn languages_of(state: &AppState, tx: &mut UserTx) -> Result<Vec<String>, Problem> {
    let chosen = store::languages(tx).await?;
    Ok(if chosen.is_empty() {
        state.config().reading.ocr_languages.clone()
    } else {
        chosen
    })
}

/// 422 for a language that is not installed, or too many of them.
pub fn check_languages(state: &AppState, languages: &[String]) -> Result<(), Problem> {
    if languages.len() > MAX_LANGUAGES {
        return Err(Problem::invalid(
            "ocr_languages",
            "too_many",
            format!("At most {MAX_LANGUAGES} languages at once."),
        ));
    }
    let available = available_languages(state);
    let errors: Vec<FieldError> = languages
        .iter()
        .enumerate()
        .filter(|(_, language)| !available.contains(language))
        .map(|(place, _)| FieldError {
            field: format!("ocr_languages[{place}]"),
            code: "language_not_installed".to_owned(),
            detail: "This language is not installed on the server.".to_owned(),
        })
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Problem::invalid_fields(errors))
    }
}
