//! What a person types, made into a tsquery: words, `"phrases"`, `-not`, `or`, `begin*`. The last word counts as begun, so that
//! results appear while typing. Whatever is typed, the text handed to `to_tsquery` is well-formed.

use super::JOINING_SIGNS;
use crate::http::Problem;

const MAX_CHARS: usize = 500;
const MAX_TERMS: usize = 40;

/// A search as PostgreSQL takes it.
#[derive(Debug, PartialEq, Eq)]
pub struct SearchText {
    /// For `to_tsquery`; empty when there was no word in it.
    pub tsquery: String,
    /// Any of the wanted words, for picking and marking snippets.
    pub wanted: String,
    /// A `-not` can only be judged on a whole document, not on a window of a long one.
    pub excludes: bool,
}

#[derive(Debug, PartialEq, Eq)]
struct Term {
    text: String,
    negated: bool,
    prefix: bool,
}

impl SearchText {
    /// 422 when there is more than a person would type.
    pub fn parse(typed: &str) -> Result<Self, Problem> {
        if typed.chars().count() > MAX_CHARS {
            return Err(Problem::invalid(
                "q",
                "too_long",
                format!("A search has at most {MAX_CHARS} characters."),
            ));
        }
        let groups = groups(typed);
        if groups.iter().map(Vec::len).sum::<usize>() > MAX_TERMS {
            return Err(Problem::invalid(
                "q",
                "too_many_words",
                format!("A search has at most {MAX_TERMS} words."),
            ));
        }
        let all = || groups.iter().flatten();
        Ok(Self {
            tsquery: groups
                .iter()
                .map(|group| {
                    group
                        .iter()
                        .map(Term::to_tsquery)
                        .collect::<Vec<_>>()
                        .join(" & ")
                })
                .collect::<Vec<_>>()
                .join(" | "),
            wanted: all()
                .filter(|term| !term.negated)
                .map(Term::to_tsquery)
                .collect::<Vec<_>>()
                .join(" | "),
            excludes: all().any(|term| term.negated),
        })
    }
}

impl Term {
    fn to_tsquery(&self) -> String {
        let quoted = self.text.replace('\\', "\\\\").replace('\'', "''");
        format!(
            "{}'{quoted}'{}",
            if self.negated { "!" } else { "" },
            if self.prefix { ":*" } else { "" }
        )
    }
}

/// The next word, or what stands between quotes, and what follows it.
fn next_term(rest: &str) -> (&str, bool, &str) {
    if let Some(inner) = rest.strip_prefix('"') {
        let (phrase, after) = inner.split_once('"').unwrap_or((inner, ""));
        return (phrase, true, after);
    }
    let end = rest
        .find(|c: char| c.is_whitespace() || c == '"')
        .unwrap_or(rest.len());
    (&rest[..end], false, &rest[end..])
}

/// Terms that must hold together, in groups of which one must hold.
fn groups(typed: &str) -> Vec<Vec<Term>> {
    let mut groups = vec![Vec::new()];
    let mut rest = typed.trim_start();
    while !rest.is_empty() {
        let negated = rest.starts_with('-')
            && rest[1..].starts_with(|next: char| next == '"' || next.is_alphanumeric());
        if negated {
            rest = &rest[1..];
        }
        let (raw, quoted, after) = next_term(rest);
        let is_last = after.is_empty();
        rest = after.trim_start();
        if !quoted && !negated && ["or", "oder", "|", "OR", "ODER"].contains(&raw) {
            if groups.last().is_some_and(|group| !group.is_empty()) {
                groups.push(Vec::new());
            }
            continue;
        }
        let text: String = raw
            .chars()
            .map(|c| {
                if c.is_control() || JOINING_SIGNS.contains(c) {
                    ' '
                } else {
                    c
                }
            })
            .collect();
        let text = text.trim().trim_end_matches('*').to_owned();
        if text.chars().any(char::is_alphanumeric) {
            let prefix = !quoted && (raw.ends_with('*') || (is_last && !negated));
            if let Some(group) = groups.last_mut() {
                group.push(Term {
                    text,
                    negated,
                    prefix,
                });
            }
        }
    }
    groups.retain(|group| !group.is_empty());
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tsquery(typed: &str) -> String {
        SearchText::parse(typed).unwrap().tsquery
    }

    #[test]
    fn words_phrases_negation_alternatives_and_beginnings() {
        assert_eq!(tsquery("strom rechnung"), "'strom' & 'rechnung':*");
        assert_eq!(tsquery("strom rechnung "), "'strom' & 'rechnung'");
        assert_eq!(
            tsquery("\"annual report\" 2024 "),
            "'annual report' & '2024'"
        );
        assert_eq!(tsquery("tax -draft "), "'tax' & !'draft'");
        assert_eq!(tsquery("tax -\"first draft\""), "'tax' & !'first draft'");
        assert_eq!(tsquery("a b or c "), "'a' & 'b' | 'c'");
        assert_eq!(tsquery("inv* x "), "'inv':* & 'x'");
        assert_eq!(tsquery("\"open"), "'open'");
    }

    #[test]
    fn what_is_no_word_is_left_out() {
        assert_eq!(tsquery("& | ! () : * ' \" \\"), "");
        assert_eq!(tsquery("or"), "");
        assert_eq!(tsquery("a or or b "), "'a' | 'b'");
        assert_eq!(tsquery("- x "), "'x'");
        assert_eq!(tsquery("o'neil c\\dir "), "'o''neil' & 'c\\\\dir'");
    }

    #[test]
    fn joined_words_are_looked_for_one_after_the_other() {
        assert_eq!(tsquery("AB-4711/2024 "), "'AB 4711 2024'");
        assert_eq!(
            tsquery("-\"ann.lee@example.org\" tax_2024*"),
            "!'ann lee example org' & 'tax 2024':*"
        );
        assert_eq!(
            super::super::BLANKS.chars().count(),
            JOINING_SIGNS.chars().count()
        );
    }

    #[test]
    fn snippets_want_only_what_is_wanted() {
        let text = SearchText::parse("tax or duty -draft ").unwrap();
        assert_eq!(text.wanted, "'tax' | 'duty'");
        assert!(text.excludes);
    }

    #[test]
    fn a_flood_is_refused() {
        assert_eq!(
            SearchText::parse(&"x".repeat(501)).unwrap_err().code,
            "validation_failed"
        );
        assert_eq!(
            SearchText::parse(&"a ".repeat(41)).unwrap_err().code,
            "validation_failed"
        );
    }
}
