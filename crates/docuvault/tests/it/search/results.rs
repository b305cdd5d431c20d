//! What a hit shows: the best first, page by page, with text around its words that is text and nothing else.

use std::collections::HashSet;

use serde_json::json;

use super::{found, search, search_with, titles, vault_with};

#[tokio::test]
async fn snippets_are_text_with_marks_and_no_other_markup() {
    let text = "before <script>alert('umbrella')</script> & \"umbrella\" <mark>forged</mark> <img src=x onerror=umbrella> after";
    let (_app, alice) = vault_with(&[("note", text)]).await;
    let results = search(&alice, "umbrella ").await.expect(200).json();
    let snippets: Vec<&str> = results["items"][0]["snippets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|snippet| snippet.as_str().unwrap())
        .collect();
    assert!(!snippets.is_empty());
    for snippet in &snippets {
        let without_marks = snippet.replace("<mark>", "").replace("</mark>", "");
        assert!(!without_marks.contains(['<', '>', '"', '\'']), "{snippet}");
        assert_eq!(
            snippet.matches("<mark>").count(),
            snippet.matches("</mark>").count()
        );
        assert!(!snippet.contains("<mark>forged"), "{snippet}");
    }
    assert!(
        snippets
            .iter()
            .any(|snippet| snippet.contains("<mark>umbrella</mark>")),
        "{snippets:?}"
    );
}

#[tokio::test]
async fn words_that_signs_join_are_marked_and_shown_as_they_stand() {
    let (_app, alice) = vault_with(&[(
        "note",
        "Pay invoice AB-4711/2024 to Ann <ann@example.org> by 3:45",
    )])
    .await;
    for (q, snippet) in [
        ("4711 ", "AB-<mark>4711</mark>/2024"),
        (
            "ann@example.org ",
            "&lt;<mark>ann</mark>@<mark>example</mark>.<mark>org</mark>",
        ),
        ("3:45 ", "<mark>3</mark>:<mark>45</mark>"),
    ] {
        let results = search(&alice, q).await.expect(200).json();
        assert!(
            results["items"][0]["snippets"][0]
                .as_str()
                .unwrap()
                .contains(snippet),
            "{q}: {results}"
        );
    }
}

#[tokio::test]
async fn a_title_counts_more_than_a_text() {
    let (_app, alice) = vault_with(&[
        ("Lighthouse", "nothing to see"),
        ("Journey", "we saw a lighthouse"),
        ("Dream", "of a lighthouse"),
    ])
    .await;
    let titles = found(&alice, "lighthouse ").await;
    assert_eq!((titles.len(), titles[0].as_str()), (3, "Lighthouse"));
    let results = search(&alice, "lighthouse ").await.expect(200).json();
    let scores: Vec<f64> = results["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["score"].as_f64().unwrap())
        .collect();
    assert!(scores.is_sorted_by(|one, other| one >= other), "{scores:?}");
    assert_eq!(
        results["items"][0]["snippets"],
        json!([]),
        "a word of the title alone has no text around it"
    );
}

#[tokio::test]
async fn pages_of_results_hold_every_hit_once() {
    let notes: Vec<(String, String)> = (0..11)
        .map(|number| {
            (
                format!("note {number:02}"),
                format!("{number} common {}", "common ".repeat(number % 4)),
            )
        })
        .collect();
    let notes: Vec<(&str, &str)> = notes
        .iter()
        .map(|(title, text)| (title.as_str(), text.as_str()))
        .collect();
    let (_app, alice) = vault_with(&notes).await;
    let whole = found(&alice, "common ").await;
    assert_eq!(whole.iter().collect::<HashSet<_>>().len(), 11);
    let (mut paged, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let mut filters = vec![("limit", "4")];
        filters.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let page = search_with(&alice, "common ", &filters)
            .await
            .expect(200)
            .json();
        paged.extend(titles(&page));
        cursor = page["next_cursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(paged, whole);
    search_with(&alice, "common", &[("cursor", "forged")])
        .await
        .expect_problem(400, "invalid_cursor");
    search_with(&alice, "common", &[("limit", "0")])
        .await
        .expect_problem(422, "validation_failed");
}
