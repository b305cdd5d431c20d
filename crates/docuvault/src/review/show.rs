//! Shows what filing thinks of one document's topics, and why.

use axum::{Json, extract::State};

use super::{model::Suggestions, store};
use crate::{
    app::AppState,
    auth::Caller,
    db::DocumentId,
    http::{PathId, Problem, problem::ProblemBody},
};

/// The topics a document has or might have, with the reasons.
///
/// Up to three of the likeliest are among them even where they are too unsure for the inbox.
#[utoipa::path(get, path = "/api/v1/documents/{id}/suggestions", operation_id = "show_suggestions", tag = "review", params(("id" = uuid::Uuid, Path)), responses((status = OK, body = Suggestions), (status = NOT_FOUND, body = ProblemBody)))]
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    PathId(id): PathId,
) -> Result<Json<Suggestions>, Problem> {
    let mut tx = caller.begin(&state).await?;
    let filed = store::filed(&mut tx, DocumentId(id)).await?;
    let items = store::suggestions(&mut tx, &[id]).await?;
    tx.commit().await?;
    Ok(Json(Suggestions {
        filed_by: filed.filed_by,
        notice: filed.filing_notice,
        items: items.into_iter().map(store::SuggestionRow::shown).collect(),
    }))
}
