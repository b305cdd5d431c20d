//! Shows what is like a document.

use std::collections::HashMap;

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::store::{self, RareWord, Sharing};
use crate::{
    app::AppState,
    auth::Caller,
    db::{DocumentId, UserTx},
    documents::{Document, document, documents_by_id},
    http::{PathId, Problem, problem::ProblemBody},
    search::indexed_documents,
    storage_backends::BaseUrl,
};

/// Documents that are shown.
const SHOWN: usize = 6;
/// Documents with almost the same text that are looked at, those in the trash too.
const MAX_SAME: i64 = 20;
/// Words by which likeness is judged.
const WORDS: i64 = 60;
/// Documents that have any of them, one counted as often as it has one.
const MAX_LOOKED_AT: i64 = 4000;
/// What two documents must have in common to be called alike: so many words, and this part of the weight of all.
const MIN_SHARED: i64 = 3;
const MIN_LIKENESS: f32 = 0.15;

#[derive(Serialize, ToSchema)]
pub struct SimilarDocuments {
    /// The most alike first.
    items: Vec<SimilarDocument>,
}

#[derive(Serialize, ToSchema)]
pub struct SimilarDocument {
    document: Document,
    /// 0 to 1: how much of what is particular about the one is in the other too.
    likeness: f32,
    /// The texts are the same but for a few words: the same paper may be there twice.
    almost_the_same: bool,
}

/// The user's documents that are most like one of them.
#[utoipa::path(get, path = "/api/v1/documents/{id}/similar", operation_id = "similar_documents", tag = "documents", params(("id" = uuid::Uuid, Path)), responses((status = OK, body = SimilarDocuments), (status = NOT_FOUND, body = ProblemBody)))]
pub async fn similar(
    State(state): State<AppState>,
    caller: Caller,
    base: BaseUrl,
    PathId(id): PathId,
) -> Result<Json<SimilarDocuments>, Problem> {
    let mut tx = caller.begin(&state).await?;
    let id = DocumentId(id);
    let own = document(&state, &base, &mut tx, id).await?;
    let same = match store::digest(&mut tx, id).await? {
        Some(digest) => store::almost_the_same(&mut tx, id, digest, MAX_SAME).await?,
        None => Vec::new(),
    };
    let alike = sharing_words(&mut tx, id, same.len()).await?;
    let same: Vec<Uuid> = same
        .into_iter()
        .filter_map(|same| (!same.in_trash).then_some(same.id))
        .collect();
    let chosen = choose(&same, &alike);
    let ids: Vec<Uuid> = chosen.iter().map(|chosen| chosen.id).collect();
    let mut documents: HashMap<Uuid, Document> = documents_by_id(&state, &base, &mut tx, &ids)
        .await?
        .into_iter()
        .filter(|document| !is_copy(document, &own) && !is_copy(&own, document))
        .map(|document| (document.id.0, document))
        .collect();
    tx.commit().await?;
    let items = chosen
        .into_iter()
        .filter_map(|chosen| {
            Some(SimilarDocument {
                document: documents.remove(&chosen.id)?,
                likeness: chosen.likeness,
                almost_the_same: chosen.almost_the_same,
            })
        })
        .collect();
    Ok(Json(SimilarDocuments { items }))
}

/// That a scan and its searchable copy are alike is no news.
fn is_copy(document: &Document, of: &Document) -> bool {
    document.searchable_copy_of.as_ref() == Some(&of.id)
}

/// By the words that few documents have: the number of a contract, a street, a name. What only those have in which almost the same stands
/// would outweigh all else.
async fn sharing_words(
    tx: &mut UserTx,
    id: DocumentId,
    same: usize,
) -> Result<Vec<(Uuid, f32)>, Problem> {
    let all = indexed_documents(tx).await?;
    let at_least = 2 + same as i64;
    let (words, weights) = weigh(store::rare_words(tx, id, at_least, WORDS).await?, all);
    let whole: f32 = weights.iter().sum();
    let few = MIN_SHARED.min(words.len() as i64);
    let found = store::sharing(tx, id, &words, &weights, 2 * SHOWN as i32).await?;
    Ok(found
        .into_iter()
        .filter(|Sharing { shared, .. }| *shared >= few)
        .map(|Sharing { id, weight, .. }| (id, (weight / whole).min(1.0)))
        .filter(|(_, likeness)| *likeness >= MIN_LIKENESS)
        .collect())
}

/// The rarest words, as many as may be looked at, each with its weight. One that more than half of the documents have says nothing.
fn weigh(words: Vec<RareWord>, documents: i64) -> (Vec<String>, Vec<f32>) {
    let mut looked_at = 0;
    words
        .into_iter()
        .filter(|word| documents < 4 || 2 * word.documents <= documents)
        .take_while(|word| {
            looked_at += word.documents;
            looked_at <= MAX_LOOKED_AT
        })
        .map(|word| {
            let rarity = (1.0 + documents as f32 / word.documents as f32).ln();
            (word.word, rarity)
        })
        .unzip()
}

#[derive(Debug, PartialEq)]
struct Chosen {
    id: Uuid,
    likeness: f32,
    almost_the_same: bool,
}

/// What is almost the same stands first.
fn choose(same: &[Uuid], alike: &[(Uuid, f32)]) -> Vec<Chosen> {
    let first = same.iter().map(|id| Chosen {
        id: *id,
        likeness: 1.0,
        almost_the_same: true,
    });
    let others = alike.iter().filter(|(id, _)| !same.contains(id));
    let others = others.map(|(id, likeness)| Chosen {
        id: *id,
        likeness: *likeness,
        almost_the_same: false,
    });
    first.chain(others).take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rare(word: &str, documents: i64) -> RareWord {
        RareWord {
            word: word.to_owned(),
            documents,
        }
    }

    #[test]
    fn rare_words_weigh_more_and_those_of_most_documents_nothing() {
        let words = vec![rare("4711", 2), rare("umbrella", 10), rare("the", 90)];
        let (words, weights) = weigh(words, 100);
        assert_eq!(words, ["4711", "umbrella"]);
        assert!(weights[0] > weights[1], "{weights:?}");
    }

    #[test]
    fn no_more_is_looked_at_than_is_bearable() {
        let words = vec![rare("a", 1000), rare("b", 2500), rare("c", 2600)];
        assert_eq!(weigh(words, 1_000_000).0, ["a", "b"]);
    }

    #[test]
    fn what_is_almost_the_same_stands_first_and_once() {
        let (one, two, three) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
        let chosen = choose(&[two], &[(one, 0.8), (two, 0.7), (three, 0.2)]);
        let ids: Vec<Uuid> = chosen.iter().map(|chosen| chosen.id).collect();
        assert_eq!(ids, [two, one, three]);
        assert!(chosen[0].almost_the_same && !chosen[1].almost_the_same);
    }
}
