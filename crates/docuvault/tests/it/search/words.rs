//! What counts as a hit: words, phrases, beginnings, exclusions, alternatives, whatever their case and accents.

use super::{found, search, vault_with};
use crate::support::TestApp;

#[tokio::test]
async fn any_page_is_searched() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let id = alice.upload_fixture("three-pages.pdf").await;
    app.run_jobs().await;
    for word in ["narwhal", "pendulum", "cardamom"] {
        let results = search(&alice, word).await.expect(200).json();
        assert_eq!(
            results["items"][0]["document"]["id"],
            serde_json::json!(id),
            "{word}"
        );
        assert!(
            results["items"][0]["snippets"][0]
                .as_str()
                .unwrap()
                .contains(&format!("<mark>{word}</mark>")),
            "{results}"
        );
    }
}

const NOTES: &[(&str, &str)] = &[
    (
        "one",
        "The annual report of the water works for the year 2024.",
    ),
    (
        "two",
        "A report that is annual only in name: the draft for 2025.",
    ),
    ("three", "Übergröße Straße naïve ŒUVRE Łódź İstanbul"),
    (
        "four",
        "Invoice AB-4711/2024 for IBAN DE02120300000000202051, mail Ann <ann.lee@example.org>",
    ),
    ("five", "Grundsteuerbescheid und Grundbuchauszug"),
];

#[tokio::test]
async fn words_phrases_beginnings_exclusions_and_alternatives() {
    let (_app, alice) = vault_with(NOTES).await;
    for (q, expected) in [
        ("annual report", &["one", "two"][..]),
        ("\"annual report\"", &["one"]),
        ("\"annual report\" 2025 ", &[]),
        ("report -draft ", &["one"]),
        ("report -\"water works\" ", &["two"]),
        ("annual -report ", &[]),
        ("draft or invoice ", &["two", "four"]),
        ("draft oder invoice ", &["two", "four"]),
        ("annual water or invoice ", &["one", "four"]),
        ("grundst", &["five"]),
        ("grundst ", &[]),
        ("grundst* ", &["five"]),
        ("grundb* grundst* ", &["five"]),
        ("rundsteuer ", &[]),
        ("4711", &["four"]),
        ("ab-4711/2024 ", &["four"]),
        ("2024 4711 ", &["four"]),
        ("DE02120300000000202051", &["four"]),
        ("ann.lee@example.org", &["four"]),
        ("example.org", &["four"]),
        ("lee", &["four"]),
        ("one", &["one"]),
        ("-draft -annual -invoice -steuer -naive ", &["five"]),
    ] {
        let mut titles = found(&alice, q).await;
        titles.sort_by_key(|title| NOTES.iter().position(|note| note.0 == title));
        assert_eq!(titles, expected, "{q:?}");
    }
}

#[tokio::test]
async fn case_and_accents_do_not_matter() {
    let (_app, alice) = vault_with(NOTES).await;
    for q in [
        "übergröße",
        "ubergrosse",
        "ÜBERGRÖSSE",
        "Ubergröße",
        "strasse",
        "STRAßE",
        "naive",
        "œuvre",
        "oeuvre",
        "łódź",
        "lodz",
        "istanbul",
        "u\u{308}bergro\u{308}ße",
    ] {
        assert_eq!(found(&alice, q).await, ["three"], "{q}");
    }
}

#[tokio::test]
async fn a_phrase_deep_inside_a_long_document_is_found() {
    // Beyond the 16,383 words up to which PostgreSQL counts places.
    let mut long = "filler words that go on and on ".repeat(3_000);
    long.push_str("the violet hippopotamus sleeps. ");
    long.push_str(&"and more of the same ".repeat(1_000));
    let (_app, alice) = vault_with(&[("long", &long), ("short", "nothing of interest")]).await;
    for q in [
        "hippopotamus",
        "\"violet hippopotamus\"",
        "\"violet hippopotamus sleeps\" ",
    ] {
        let results = search(&alice, q).await.expect(200).json();
        assert_eq!(super::titles(&results), ["long"], "{q}");
        assert!(
            results["items"][0]["snippets"][0]
                .as_str()
                .unwrap()
                .contains("hippopotamus</mark>"),
            "{results}"
        );
    }
    assert_eq!(
        found(&alice, "filler -hippopotamus ").await,
        Vec::<String>::new(),
        "an exclusion holds for the whole document"
    );
}
