//! Other forms of a word, and what a mistyped one should have been: by the words of the user's own documents only.

use serde_json::{Value, json};

use super::{found, search, titles, vault_with};
use crate::support::TestApp;

const LETTERS: &[(&str, &str)] = &[
    (
        "rechnung",
        "Sehr geehrte Damen und Herren, anbei erhalten Sie unsere Rechnung für die Lieferung der Möbel. Bitte überweisen Sie den Betrag auf unser Konto.",
    ),
    (
        "mahnung",
        "Sehr geehrter Herr Lindner, leider sind unsere Rechnungen vom vergangenen Monat noch nicht bezahlt worden. Bitte zahlen Sie innerhalb von sieben Tagen.",
    ),
    (
        "policy",
        "Dear customer, the insurance companies have changed the terms of your policy. Please read the enclosed papers and keep them with your other letters.",
    ),
];

fn corrections(results: &Value) -> &Value {
    &results["interpretation"]["corrections"]
}

#[tokio::test]
async fn other_forms_of_a_word_are_found_in_the_languages_of_the_documents() {
    let (_app, alice) = vault_with(LETTERS).await;
    for (q, mut expected) in [
        ("rechnungen ", vec!["rechnung", "mahnung"]),
        ("rechnung ", vec!["rechnung", "mahnung"]),
        ("company ", vec!["policy"]),
        ("policies letter ", vec!["policy"]),
        ("\"rechnung\" ", vec!["rechnung"]),
        ("bitte -rechnungen ", vec!["rechnung"]),
        ("rechnerisch ", vec![]),
    ] {
        let mut titles = found(&alice, q).await;
        titles.sort();
        expected.sort_unstable();
        assert_eq!(titles, expected, "{q:?}");
    }
    let results = search(&alice, "company ").await.expect(200).json();
    assert!(
        results["items"][0]["snippets"][0]
            .as_str()
            .unwrap()
            .contains("<mark>companies</mark>"),
        "{results}"
    );
    assert_eq!(*corrections(&results), json!([]));
}

#[tokio::test]
async fn a_mistyped_word_is_corrected_where_nothing_would_be_found() {
    let (_app, alice) = vault_with(LETTERS).await;
    for (q, used, expected) in [
        ("mobel lieferug ", "lieferung", "rechnung"),
        ("Lindener ", "lindner", "mahnung"),
        ("insurrnace ", "insurance", "policy"),
        ("versichrung or insuranec ", "insurance", "policy"),
        ("konot ", "konto", "rechnung"),
    ] {
        let results = search(&alice, q).await.expect(200).json();
        assert_eq!(titles(&results), [expected], "{q:?}");
        let found = corrections(&results).as_array().unwrap();
        assert!(
            found.iter().any(|correction| correction["used"][0] == used),
            "{q:?}: {results}"
        );
        assert!(
            results["items"][0]["snippets"][0]
                .as_str()
                .unwrap()
                .to_lowercase()
                .contains(&format!("<mark>{used}</mark>")),
            "{results}"
        );
    }
    for q in [
        "\"lieferug\" ",
        "lieferung -konot ",
        "xyzzyx ",
        "bk ",
        "Lindner Rechnungg -bitte ",
    ] {
        let results = search(&alice, q).await.expect(200).json();
        assert_eq!(*corrections(&results), json!([]), "{q:?}");
    }
}

#[tokio::test]
async fn only_ones_own_words_are_offered() {
    let (app, alice) = vault_with(LETTERS).await;
    let bob = app.user("bob").await;
    bob.upload("bob.txt", b"The umbrella of the neighbours.")
        .await;
    app.run_jobs().await;
    let results = search(&alice, "umbrela ").await.expect(200).json();
    assert_eq!(titles(&results), [""; 0]);
    assert_eq!(*corrections(&results), json!([]));
    assert_eq!(found(&bob, "umbrela ").await.len(), 1);
    assert_eq!(found(&bob, "rechnugn ").await, [""; 0]);
}

/// Words with the number of documents that have them, once all is counted.
async fn counted(app: &TestApp, words: &[&str]) -> Vec<(String, i64)> {
    docuvault::search::count_all_words(&app.state)
        .await
        .unwrap();
    sqlx::query_as(
        "SELECT word::text, documents FROM search_words WHERE word = ANY ($1) ORDER BY word",
    )
    .bind(words)
    .fetch_all(&mut app.database.superuser().await)
    .await
    .unwrap()
}

#[tokio::test]
async fn words_are_counted_by_document_and_go_with_it() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let first = alice.upload("one.txt", b"parasol parasol gondola").await;
    let second = alice.upload("two.txt", b"parasol").await;
    app.run_jobs().await;
    let words = ["parasol", "gondola", "pavilion"];
    let expect = |counts: &[(&str, i64)]| -> Vec<(String, i64)> {
        counts
            .iter()
            .map(|(word, n)| ((*word).to_owned(), *n))
            .collect()
    };
    assert_eq!(
        counted(&app, &words).await,
        expect(&[("gondola", 1), ("parasol", 2)])
    );
    alice
        .patch(
            &format!("/api/v1/documents/{second}"),
            json!({"title": "Pavilion"}),
        )
        .await
        .expect(200);
    assert_eq!(
        counted(&app, &words).await,
        expect(&[("gondola", 1), ("parasol", 2), ("pavilion", 1)])
    );
    for id in [first, second] {
        alice
            .delete(&format!("/api/v1/documents/{id}"))
            .await
            .expect(204);
        alice
            .delete(&format!("/api/v1/documents/{id}/permanently"))
            .await
            .expect(204);
    }
    app.run_jobs().await;
    assert_eq!(counted(&app, &words).await, []);
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM search_words")
        .fetch_one(&mut app.database.superuser().await)
        .await
        .unwrap();
    assert_eq!(left, 0);
}
