//! Other words that a search should find too: other forms of a word, and, where nothing was found, the user's own words that are
//! nearest to what was typed.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{SearchText, query::Term};
use crate::{db::UserTx, http::Problem};

/// Words of which other forms are looked for, and forms of each.
const MAX_WORDS: usize = 12;
const MAX_FORMS: i64 = 24;
/// Words that are corrected, and what one is corrected to.
const MAX_CORRECTED: usize = 4;
const MAX_NEAREST: usize = 3;
const MAX_ALIKE: i32 = 50;
/// Shorter words have too many neighbours.
const MIN_LETTERS: usize = 4;
/// From here on two slips are forgiven, and neighbours are found by runs of three letters.
const LONG_LETTERS: usize = 6;

/// A word of which there is none, and what was looked for instead.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Correction {
    typed: String,
    used: Vec<String>,
}

/// Adds the other forms of each word, by the stemmers of the languages in which the user has documents.
pub async fn add_forms(tx: &mut UserTx, text: &mut SearchText) -> Result<(), Problem> {
    let user = tx.user().0;
    let typed: Vec<String> = single_words(text).take(MAX_WORDS).collect();
    if typed.is_empty() {
        return Ok(());
    }
    // What has a stem in common begins alike, but for the stem's last letter, which may be another (`company`, `compani`).
    let rows = sqlx::query!(
        r#"WITH stemmers AS MATERIALIZED (
               SELECT search_stemmer(substr(word, 2)) AS stemmer FROM search_words
                WHERE user_id = $1 AND word >= E'\x03' AND word < E'\x04' AND documents > 0),
           stems AS MATERIALIZED (
               SELECT t.word, s.stemmer, (ts_lexize(s.stemmer, t.word))[1] AS stem
                 FROM unnest($2::text[]) AS t (word) CROSS JOIN stemmers s WHERE s.stemmer IS NOT NULL)
           SELECT DISTINCT stems.word AS "typed!", form.word AS "form!"
             FROM stems CROSS JOIN LATERAL (
                  SELECT near.word FROM (
                         SELECT w.word, w.documents FROM search_words w
                          WHERE w.user_id = $1 AND w.word >= left(stems.stem, greatest(3, length(stems.stem) - 1))
                            AND w.word < left(stems.stem, greatest(3, length(stems.stem) - 1)) || U&'\+10FFFF' AND w.documents > 0
                          LIMIT 2000) AS near
                   WHERE (ts_lexize(stems.stemmer, near.word))[1] = stems.stem AND near.word <> stems.word
                   ORDER BY near.documents DESC LIMIT $3) AS form
            WHERE length(stems.stem) >= 3"#,
        user,
        &typed,
        MAX_FORMS
    )
    .fetch_all(tx.conn())
    .await?;
    let mut forms: HashMap<String, Vec<String>> = HashMap::new();
    for row in rows {
        forms.entry(row.typed).or_default().push(row.form);
    }
    for term in text.terms_mut().filter(|term| term.may_differ()) {
        let found = term.single_word().and_then(|word| forms.get(word));
        if let Some(found) = found.cloned() {
            term.forms.extend(found);
        }
    }
    Ok(())
}

/// For words that no document of the user has, adds the nearest that one has. Empty: there is nothing to correct.
pub async fn correct(tx: &mut UserTx, text: &mut SearchText) -> Result<Vec<Correction>, Problem> {
    let mut corrections = Vec::new();
    let words: Vec<String> = single_words(text).collect();
    for word in unknown(tx, words).await? {
        let used = nearest(&word, neighbours(tx, &word).await?);
        if used.is_empty() {
            continue;
        }
        for term in text.terms_mut().filter(|term| term.may_differ()) {
            if term.single_word() == Some(&word) {
                corrections.push(Correction {
                    typed: term.text.clone(),
                    used: used.clone(),
                });
                term.forms.extend_from_slice(&used);
            }
        }
    }
    Ok(corrections)
}

/// The words for which others may stand.
fn single_words(text: &SearchText) -> impl Iterator<Item = String> {
    text.terms()
        .filter(|term| term.may_differ() && term.text.chars().any(char::is_alphabetic))
        .filter_map(Term::single_word)
        .map(str::to_owned)
}

/// The first few words that can have been mistyped: letters only, and none of the user's own.
async fn unknown(tx: &mut UserTx, words: Vec<String>) -> Result<Vec<String>, Problem> {
    let doubtful: Vec<String> = words
        .into_iter()
        .filter(|word| word.chars().count() >= MIN_LETTERS && word.chars().all(char::is_alphabetic))
        .collect();
    if doubtful.is_empty() {
        return Ok(doubtful);
    }
    Ok(sqlx::query_scalar!(
        r#"SELECT typed AS "typed!" FROM unnest($2::text[]) AS typed
            WHERE NOT EXISTS (SELECT FROM search_words w WHERE w.user_id = $1 AND w.word = typed AND w.documents > 0) LIMIT $3"#,
        tx.user().0,
        &doubtful,
        MAX_CORRECTED as i64
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Words of the user that may be meant, with the number of documents that have them.
async fn neighbours(tx: &mut UserTx, word: &str) -> Result<Vec<(String, i64)>, Problem> {
    let mut near: Vec<(String, i64)> = sqlx::query!(
        "SELECT word, documents FROM search_words WHERE user_id = $1 AND word = ANY ($2) AND documents > 0",
        tx.user().0,
        &one_slip_away(word)
    )
    .fetch_all(tx.conn())
    .await?
    .into_iter()
    .map(|row| (row.word, row.documents))
    .collect();
    if near.is_empty() && word.chars().count() >= LONG_LETTERS {
        let rows = sqlx::query!(
            r#"SELECT word AS "word!", documents AS "documents!" FROM search_words_like($1, $2)"#,
            &[word.to_owned()],
            MAX_ALIKE
        )
        .fetch_all(tx.conn())
        .await?;
        near.extend(rows.into_iter().map(|row| (row.word, row.documents)));
    }
    Ok(near)
}

/// All that differs by one letter left out, added, mistaken for another, or by two that changed places.
fn one_slip_away(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let mut slips = Vec::new();
    let mut add = |parts: [&[char]; 3]| slips.push(parts.concat().into_iter().collect());
    for at in 0..=letters.len() {
        let (head, tail) = letters.split_at(at);
        for letter in 'a'..='z' {
            add([head, &[letter], tail]);
            if let [_, rest @ ..] = tail {
                add([head, &[letter], rest]);
            }
        }
        if let [_, rest @ ..] = tail {
            add([head, &[], rest]);
        }
        if let [first, second, rest @ ..] = tail {
            add([head, &[*second, *first], rest]);
        }
    }
    slips
}

/// The nearest of them; among equals those in most documents.
fn nearest(word: &str, candidates: Vec<(String, i64)>) -> Vec<String> {
    let allowed = if word.chars().count() < LONG_LETTERS {
        1
    } else {
        2
    };
    let mut judged: Vec<(usize, i64, String)> = candidates
        .into_iter()
        .map(|(near, documents)| (strsim::osa_distance(word, &near), -documents, near))
        .filter(|(distance, _, _)| (1..=allowed).contains(distance))
        .collect();
    judged.sort();
    let least = judged.first().map(|(distance, _, _)| *distance);
    judged
        .into_iter()
        .take_while(|(distance, _, _)| Some(*distance) == least)
        .take(MAX_NEAREST)
        .map(|(_, _, near)| near)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_all_kinds_of_one_slip() {
        let slips = one_slip_away("bank");
        for slip in ["bnak", "bnk", "bannk", "bonk", "abank", "banks", "ank"] {
            assert!(slips.contains(&slip.to_owned()), "{slip}");
        }
        assert!(!slips.contains(&"bnka".to_owned()));
        assert!(one_slip_away("ключ").contains(&"кюлч".to_owned()));
    }

    #[test]
    fn the_nearest_are_chosen() {
        let near = |word: &str, candidates: &[(&str, i64)]| {
            nearest(
                word,
                candidates
                    .iter()
                    .map(|(near, documents)| ((*near).to_owned(), *documents))
                    .collect(),
            )
        };
        assert_eq!(
            near(
                "rechnugn",
                &[("rechner", 90), ("rechnung", 3), ("rechnungen", 9)]
            ),
            ["rechnung"]
        );
        assert_eq!(
            near(
                "hause",
                &[("hauser", 1), ("haus", 8), ("pause", 2), ("maus", 99)]
            ),
            ["haus", "pause", "hauser"]
        );
        assert_eq!(near("bank", &[("bulk", 5)]), [""; 0]);
    }
}
