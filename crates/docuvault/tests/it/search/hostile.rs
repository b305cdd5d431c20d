//! Whatever is typed gets an answer: results, or a plain word that it is too much.

use proptest::{prelude::*, test_runner::TestRunner};

use super::{search, vault_with};
use crate::support::TestUser;

async fn answers(user: &TestUser, q: &str) -> bool {
    let answer = search(user, q).await;
    matches!(answer.status.as_u16(), 200 | 422)
}

#[tokio::test]
async fn odd_searches_are_answered() {
    let (_app, alice) =
        vault_with(&[("note", "umbrella & co: it's 100 % \\ dry | (mostly) <-> !")]).await;
    let mut odd: Vec<String> = [
        "",
        " ",
        "\0",
        "umbrella\0",
        "'",
        "''",
        "\\",
        "\\\\'",
        "'; DROP TABLE documents; --",
        "' OR '1'='1",
        "umbrella' | 'x",
        "a & b",
        "a | | b",
        "!",
        "!!a",
        "a:*",
        "a:A",
        ":*",
        "a <-> b",
        "<1000000>",
        "(((",
        ")))",
        "a & !",
        "or",
        "or or or",
        "-",
        "--",
        "-or",
        "- umbrella",
        "-\"",
        "\"",
        "\"\"",
        "\"\"\"",
        "\"or\"",
        "\"-a\"",
        "*",
        "**",
        "a**",
        "***a",
        "%",
        "_",
        "%_%",
        "$1",
        "{}",
        "${x}",
        "../../etc/passwd",
        "<script>",
        "\u{feff}",
        "\u{202e}abc",
        "\u{200b}",
        "e\u{301}\u{301}\u{301}",
        "😀",
        "👩‍👩‍👧‍👦",
        "漢字かな",
        "العربية",
        "ﷺ",
        "Ⅷ",
        "㎯",
        "⒇",
        "\u{e000}",
        "\u{e000}umbrella\u{e001}",
        "\t\n\r",
        "a\u{0b}b",
        "-umbrella",
        "umbrella-",
        "http://example.org/a?b=c&d",
        "file:///etc",
        "1e309",
        "-1e309",
        "0x00",
        "NaN",
        "NULL",
    ]
    .map(str::to_owned)
    .into();
    for piece in [
        "a", "ü", "漢", "😀", "Ⅷ", "㎯", "⒇", "ﬃ", "'", "\\", "(", "!", "\"", "-", "a ", "a'",
        "a-", "a|", "\"a\" ", "-a ", "or ", "a* ",
    ] {
        // Beyond these, the address itself would be too long to be sent.
        let longest = 5_000 / piece.len() * piece.chars().count();
        odd.extend(
            [20, 40, 41, 499, 500, longest]
                .map(|length| piece.chars().cycle().take(length).collect()),
        );
    }
    for q in &odd {
        assert!(answers(&alice, q).await, "{q:.80?}");
    }
    search(&alice, &"x".repeat(10_000))
        .await
        .expect_problem(422, "validation_failed");
    alice
        .get("/api/v1/search")
        .await
        .expect_problem(422, "validation_failed");
    alice
        .get("/api/v1/search?q=%ff%fe")
        .await
        .expect_problem(400, "malformed_query");
}

#[test]
fn any_text_is_answered() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (_app, alice) = runtime.block_on(vault_with(&[("note", "umbrella and more umbrella")]));
    let typed = prop_oneof![
        any::<String>(),
        "[-a-z\"'\\\\*|&!():<>@ .0-9]{0,60}",
        "(-?\"?(umbrella|or|and|[^a-z]{1,3})\"?\\*? ?){0,12}"
    ];
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 150,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    runner
        .run(&typed, |q| {
            prop_assert!(runtime.block_on(answers(&alice, &q)), "{q:?}");
            Ok(())
        })
        .unwrap();
}
