//! Text around the words that were found, for the rows of one page of results only.

use std::collections::HashMap;

use uuid::Uuid;

use super::{JOINING_SIGNS, SearchText};
use crate::{db::UserTx, http::Problem};

/// Marks that no document holds: reading takes them out of every text.
const START: char = '\u{e000}';
const STOP: char = '\u{e001}';
const OPTIONS: &str = "StartSel=\u{e000}, StopSel=\u{e001}, MaxFragments=2, MinWords=8, MaxWords=22, FragmentDelimiter=\u{e002}";
const BETWEEN: char = '\u{e002}';
/// Stand for the joining signs, one each, while PostgreSQL looks for words: to it they are blanks.
const STAND_INS: &str =
    "\u{e010}\u{e011}\u{e012}\u{e013}\u{e014}\u{e015}\u{e016}\u{e017}\u{e018}\u{e019}\u{e01a}";

/// Snippets by document, from the page of each that fits best.
pub async fn snippets(
    tx: &mut UserTx,
    ids: &[Uuid],
    text: &SearchText,
) -> Result<HashMap<Uuid, Vec<String>>, Problem> {
    let wanted = text.wanted();
    if ids.is_empty() || wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let user = tx.user().0;
    let rows = sqlx::query!(
        r#"SELECT hit.id AS "id!", ts_headline('docuvault', translate(page.text, $5, $6), query, $4) AS "headline!"
             FROM to_tsquery('docuvault', $3) AS query, unnest($2::uuid[]) AS hit (id)
             CROSS JOIN LATERAL (SELECT p.text FROM document_pages p
                                  WHERE p.document_id = hit.id AND p.user_id = $1 AND p.tsv @@ query
                                  ORDER BY ts_rank(p.tsv, query) DESC, p.number LIMIT 1) AS page"#,
        user,
        ids,
        wanted,
        OPTIONS,
        JOINING_SIGNS,
        STAND_INS
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            (
                row.id,
                row.headline
                    .split(BETWEEN)
                    .map(to_html)
                    .filter(|html| !html.is_empty())
                    .collect(),
            )
        })
        .collect())
}

/// The sign that a stand-in stands for; any other character itself.
fn original(c: char) -> char {
    STAND_INS
        .chars()
        .zip(JOINING_SIGNS.chars())
        .find(|(stand_in, _)| *stand_in == c)
        .map_or(c, |(_, sign)| sign)
}

/// Escapes everything, then turns the marks into the only markup there is.
fn to_html(fragment: &str) -> String {
    let words = fragment.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut html = String::with_capacity(words.len() + 32);
    let mut open = false;
    for c in words.chars().map(original) {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            START if !open => {
                html.push_str("<mark>");
                open = true;
            }
            STOP if open => {
                html.push_str("</mark>");
                open = false;
            }
            START | STOP | BETWEEN => {}
            c => html.push(c),
        }
    }
    if open {
        html.push_str("</mark>");
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_document_stays_text() {
        let fragment = "<script>alert('x')</script> \u{e000}Strom\u{e001} & \"Gas\"";
        assert_eq!(
            to_html(fragment),
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; <mark>Strom</mark> &amp; &quot;Gas&quot;"
        );
        assert_eq!(to_html("a \u{e000}b"), "a <mark>b</mark>");
        assert_eq!(
            to_html("AB\u{e010}\u{e000}4711\u{e001}\u{e012}2024 \u{e018}x\u{e019}"),
            "AB-<mark>4711</mark>/2024 &lt;x&gt;"
        );
        assert_eq!(STAND_INS.chars().count(), JOINING_SIGNS.chars().count());
        assert_eq!(
            to_html("\u{e001}a\u{e000}\u{e000}b\u{e001}"),
            "a<mark>b</mark>"
        );
    }
}
