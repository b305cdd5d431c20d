//! How many hits a search will have, by the list of the user's words: it decides whether all of them are read or only the newest. And
//! which words begin as a term does, since asking the index for a beginning costs as much as all documents that have any of them.

use std::collections::HashMap;

use super::{
    SearchText,
    index::indexed_documents,
    query::{Begun, Term},
};
use crate::{db::UserTx, http::Problem};

/// Hits up to which all are read and counted.
const READ_ALL: i64 = 2000;
/// Words that are this frequent are read too where they meet rarely: the index alone finds where, and those are few.
const INTERSECT: i64 = 20_000;
const MEETINGS: f64 = 500.0;
/// Words that the index is asked for in place of a beginning, and where it is to find them together with others for each shelf.
const MAX_BEGUN: usize = 200;
const MAX_BEGUN_IN_COMPANY: usize = 50;
/// From so many words on, and in so many of the documents, it is quicker to look at what the other words find.
const MANY_BEGUN: usize = 20;
const BROAD: f64 = 0.05;
/// Words in order of the alphabet of which the most frequent are taken.
const LOOKED_AT: i64 = 5000;
/// Changes to the list of words that are not counted yet and looked at all the same.
const UNCOUNTED: i64 = 50;

/// What is known of a search before it is made.
#[derive(Debug)]
pub struct Estimate {
    /// Too many hits to read all.
    pub newest_only: bool,
    /// Every word that was meant is asked for.
    pub complete: bool,
}

/// Documents by word.
type Counts = HashMap<String, i64>;

/// Fills in how the index spells each term.
pub async fn spell(tx: &mut UserTx, text: &mut SearchText) -> Result<(), Problem> {
    let typed: Vec<String> = text.terms().map(|term| term.text.clone()).collect();
    if typed.is_empty() {
        return Ok(());
    }
    let rows = sqlx::query!(
        r#"SELECT typed AS "typed!",
                  ARRAY(SELECT lexeme FROM unnest(to_tsvector('docuvault', typed)) AS word (lexeme, positions, weights), unnest(positions) AS position
                         ORDER BY position) AS "words!"
             FROM unnest($1::text[]) AS typed"#,
        &typed
    )
    .fetch_all(tx.conn())
    .await?;
    let spelled: HashMap<String, Vec<String>> =
        rows.into_iter().map(|row| (row.typed, row.words)).collect();
    for term in text.terms_mut() {
        if let Some(words) = spelled.get(&term.text) {
            term.words.clone_from(words);
        }
    }
    Ok(())
}

/// To be asked when the words are spelled and all their forms are known.
pub async fn estimate(tx: &mut UserTx, text: &mut SearchText) -> Result<Estimate, Problem> {
    let begun = begun_words(tx, text).await?;
    let counts = documents_with(tx, text).await?;
    let mut groups = Vec::with_capacity(text.groups.len());
    for group in &text.groups {
        let of_term = |term| expected(term, &counts, &begun);
        groups.push(group.iter().map(of_term).collect::<Vec<_>>());
    }
    let few = groups.iter().map(|group| rarest(group));
    let few = few.fold(0_i64, i64::saturating_add);
    if few <= READ_ALL && !groups.is_empty() {
        // However many begin so: the other words, or themselves, are rare enough.
        let complete = begin_all(text, &groups, &begun, i64::MAX);
        return Ok(Estimate {
            newest_only: false,
            complete,
        });
    }
    let documents = indexed_documents(tx).await?;
    let complete = begin_all(text, &groups, &begun, documents);
    let read = groups.iter().map(|group| to_be_read(group, documents));
    let read = read.fold(0_i64, i64::saturating_add);
    let newest_only = if groups.is_empty() { documents } else { read } > READ_ALL;
    Ok(Estimate {
        newest_only,
        complete,
    })
}

/// `expected` of the rarest term.
fn rarest(expected: &[Option<i64>]) -> i64 {
    expected.iter().flatten().min().copied().unwrap_or(i64::MAX)
}

/// Rows of documents that are read for all hits of a group; the words taken as independent of each other.
fn to_be_read(expected: &[Option<i64>], documents: i64) -> i64 {
    let rarest = rarest(expected).min(documents);
    let all = documents.max(1) as f64;
    let shares = expected.iter().flatten().map(|hits| *hits as f64 / all);
    let meetings = all * shares.map(|share| share.min(1.0)).product::<f64>();
    if rarest <= INTERSECT && meetings <= MEETINGS {
        meetings as i64
    } else {
        rarest
    }
}

/// Decides how the index is asked for each beginning. False: rare words that begin so are left out.
fn begin_all(
    text: &mut SearchText,
    groups: &[Vec<Option<i64>>],
    begun: &HashMap<String, Vec<(String, i64)>>,
    documents: i64,
) -> bool {
    let mut complete = true;
    for (group, expected) in text.groups.iter_mut().zip(groups) {
        for (at, term) in group.iter_mut().enumerate().filter(|(_, term)| term.prefix) {
            let others = expected.iter().enumerate();
            let others = others.filter(|(other, _)| *other != at);
            let company = others.filter_map(|(_, hits)| *hits).min();
            complete &= begin(term, begun, company, documents);
        }
    }
    complete
}

/// `company`: in how many documents the rarest other word of the group is, if there is any.
fn begin(
    term: &mut Term,
    begun: &HashMap<String, Vec<(String, i64)>>,
    company: Option<i64>,
    documents: i64,
) -> bool {
    let Some((last, before)) = term.words.split_last() else {
        return true;
    };
    if !before.is_empty() {
        term.begun = Begun::After(before.to_vec());
        return true;
    }
    let words = begun.get(last).map(Vec::as_slice).unwrap_or_default();
    let own: i64 = words.iter().map(|(_, documents)| documents).sum();
    let is_broad = own as f64 >= BROAD * documents as f64;
    let asked = match company {
        _ if words.is_empty() => {
            term.begun = Begun::Itself;
            return true;
        }
        Some(others)
            if words.len() > MANY_BEGUN && others < own && (others <= READ_ALL || is_broad) =>
        {
            term.begun = Begun::After(Vec::new());
            return true;
        }
        Some(_) if own > READ_ALL && words.len() > MAX_BEGUN => MAX_BEGUN_IN_COMPANY,
        _ => MAX_BEGUN,
    };
    let asked = words.iter().take(asked).map(|(word, _)| word.clone());
    let asked: Vec<String> = asked.collect();
    let all = asked.len() == words.len();
    term.begun = Begun::Words(asked);
    all
}

/// Documents that have the term, at most; `None`: nothing is known of it.
fn expected(
    term: &Term,
    counts: &Counts,
    begun: &HashMap<String, Vec<(String, i64)>>,
) -> Option<i64> {
    if term.negated {
        return None;
    }
    let of = |word: &String| counts.get(word).copied().unwrap_or(0);
    let typed = match term.words.as_slice() {
        [] => return None,
        [word] if term.prefix => begun.get(word).map_or(0, |words| {
            words.iter().map(|(_, documents)| documents).sum()
        }),
        [before @ .., _] if term.prefix => before.iter().map(of).min()?,
        words => words.iter().map(of).min()?,
    };
    Some(typed + term.forms.iter().map(of).sum::<i64>())
}

/// The words that begin as a single typed word does, the most frequent first, one more than are asked for.
async fn begun_words(
    tx: &mut UserTx,
    text: &SearchText,
) -> Result<HashMap<String, Vec<(String, i64)>>, Problem> {
    let begun: Vec<String> = text
        .terms()
        .filter(|term| term.prefix)
        .filter_map(Term::single_word)
        .map(str::to_owned)
        .collect();
    if begun.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query!(
        r#"SELECT begun AS "begun!", word AS "word!", documents AS "documents!"
             FROM unnest($2::text[]) AS begun CROSS JOIN LATERAL (
                  SELECT word, max(documents) AS documents FROM (
                         (SELECT w.word, w.documents FROM search_words w
                           WHERE w.user_id = $1 AND w.word >= begun AND w.word < begun || U&'\+10FFFF' AND w.documents > 0 LIMIT $3)
                         UNION ALL
                         SELECT new.word, 1 FROM (SELECT c.added FROM search_word_changes c WHERE c.user_id = $1 ORDER BY c.id DESC LIMIT $4) AS uncounted,
                                unnest(uncounted.added) AS new (word)
                          WHERE new.word COLLATE "C" >= begun AND new.word COLLATE "C" < begun || U&'\+10FFFF') AS near
                   GROUP BY word ORDER BY max(documents) DESC, word LIMIT $5) AS known"#,
        tx.user().0,
        &begun,
        LOOKED_AT,
        UNCOUNTED,
        MAX_BEGUN as i64 + 1
    )
    .fetch_all(tx.conn())
    .await?;
    let mut words: HashMap<String, Vec<(String, i64)>> = HashMap::new();
    for row in rows {
        let found = words.entry(row.begun).or_default();
        found.push((row.word, row.documents));
    }
    Ok(words)
}

async fn documents_with(tx: &mut UserTx, text: &SearchText) -> Result<Counts, Problem> {
    let words: Vec<String> = text
        .terms()
        .filter(|term| !term.negated)
        .flat_map(|term| term.words.iter().chain(&term.forms))
        .cloned()
        .collect();
    if words.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query!(
        "SELECT word, documents FROM search_words WHERE user_id = $1 AND word = ANY ($2) AND documents > 0",
        tx.user().0,
        &words
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.word, row.documents))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(counts: &[(&str, i64)]) -> Counts {
        counts
            .iter()
            .map(|(word, documents)| ((*word).to_owned(), *documents))
            .collect()
    }

    fn begun(word: &str, words: usize) -> HashMap<String, Vec<(String, i64)>> {
        let known = (0..words).map(|n| (format!("{word}{n}"), 10)).collect();
        HashMap::from([(word.to_owned(), known)])
    }

    fn term(words: &[&str]) -> Term {
        Term {
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            ..Term::new(&words.join(" "))
        }
    }

    #[test]
    fn a_phrase_is_as_rare_as_its_rarest_word_and_forms_add_up() {
        let known = counts(&[("annual", 900), ("report", 50), ("reports", 7)]);
        let none = HashMap::new();
        assert_eq!(
            expected(&term(&["annual", "report"]), &known, &none),
            Some(50)
        );
        let with_forms = Term {
            forms: vec!["reports".to_owned()],
            ..term(&["report"])
        };
        assert_eq!(expected(&with_forms, &known, &none), Some(57));
        assert_eq!(expected(&term(&["unheard"]), &known, &none), Some(0));
        assert_eq!(expected(&term(&[]), &known, &none), None);
        let negated = Term {
            negated: true,
            ..term(&["annual"])
        };
        assert_eq!(expected(&negated, &known, &none), None);
    }

    #[test]
    fn a_beginning_counts_all_that_begin_so() {
        let prefix = Term {
            prefix: true,
            ..term(&["rep"])
        };
        assert_eq!(expected(&prefix, &counts(&[]), &begun("rep", 3)), Some(30));
        let after = Term {
            prefix: true,
            ..term(&["annual", "rep"])
        };
        assert_eq!(
            expected(&after, &counts(&[("annual", 900)]), &begun("rep", 3)),
            Some(900)
        );
    }

    #[test]
    fn words_that_meet_rarely_are_read_where_they_meet() {
        let n = 1_000_000;
        assert_eq!(to_be_read(&[Some(600_000)], n), 600_000);
        assert_eq!(to_be_read(&[Some(40_000), Some(4_000)], n), 160);
        assert_eq!(to_be_read(&[Some(600_000), Some(4_000)], n), 4_000);
        assert_eq!(to_be_read(&[Some(30_000), Some(30_000)], n), 30_000);
        assert_eq!(to_be_read(&[None], n), n);
        assert_eq!(to_be_read(&[None, Some(10)], n), 10);
        assert_eq!(to_be_read(&[Some(0)], 0), 0);
    }

    #[test]
    fn few_words_are_asked_for_and_too_many_are_looked_for_in_what_others_find() {
        let begin_with = |words: &[&str], known, company| {
            let mut term = Term {
                prefix: true,
                ..term(words)
            };
            // Ten documents each.
            let complete = begin(&mut term, &begun("rep", known), company, 100_000);
            (term.begun, complete)
        };
        let after =
            |words: &[&str]| Begun::After(words.iter().map(|word| (*word).to_owned()).collect());
        assert_eq!(begin_with(&["rep"], 0, None), (Begun::Itself, true));
        let (asked, complete) = begin_with(&["rep"], 2, Some(5));
        assert_eq!(
            asked,
            Begun::Words(vec!["rep0".to_owned(), "rep1".to_owned()])
        );
        assert!(complete);
        let asked_for = |known, company| match begin_with(&["rep"], known, company) {
            (Begun::Words(words), complete) => (words.len(), complete),
            other => panic!("{other:?}"),
        };
        assert_eq!(asked_for(MAX_BEGUN + 1, None), (MAX_BEGUN, false));
        assert_eq!(
            asked_for(MAX_BEGUN + 1, Some(50_000)),
            (MAX_BEGUN_IN_COMPANY, false)
        );
        assert_eq!(asked_for(MAX_BEGUN, Some(50_000)), (MAX_BEGUN, true));
        assert_eq!(
            begin_with(&["rep"], MAX_BEGUN + 1, Some(300)),
            (after(&[]), true)
        );
        assert_eq!(
            begin_with(&["rep"], 600, Some(3_000)),
            (after(&[]), true),
            "broad"
        );
        assert_eq!(
            begin_with(&["annual", "rep"], 2, None),
            (after(&["annual"]), true)
        );
    }
}
