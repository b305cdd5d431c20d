//! What a person types: words, `"phrases"`, `-not`, `or`, `begin*`, and filters such as `topic:tax`. The last word counts as begun,
//! so that results appear while typing. Whatever is typed, the text handed to `to_tsquery` is well-formed.

use super::{
    JOINING_SIGNS,
    fields::{FieldFilter, field_named},
};
use crate::http::Problem;

const MAX_CHARS: usize = 500;
const MAX_TERMS: usize = 40;

/// A search, understood: words in groups of which one must hold, and filters that must all hold.
#[derive(Debug, PartialEq, Eq)]
pub struct SearchText {
    pub groups: Vec<Vec<Term>>,
    pub filters: Vec<FieldFilter>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Term {
    pub text: String,
    /// As it was typed between quotes: only these words, one after the other.
    pub quoted: bool,
    pub negated: bool,
    pub prefix: bool,
    /// Its words as the index spells them, in their order.
    pub words: Vec<String>,
    /// Words that do as well, as the index spells them.
    pub forms: Vec<String>,
    pub begun: Begun,
}

/// How the index is asked for what begins with a term.
#[derive(Debug, PartialEq, Eq)]
pub enum Begun {
    /// For the beginning itself.
    Itself,
    /// For these words: all that begin so, or the most frequent ones.
    Words(Vec<String>),
    /// Only for these words before it; what the index finds is looked at once more.
    After(Vec<String>),
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
        let text = read(typed);
        let terms = text.groups.iter().map(Vec::len).sum::<usize>() + text.filters.len();
        if terms > MAX_TERMS {
            return Err(Problem::invalid(
                "q",
                "too_many_words",
                format!("A search has at most {MAX_TERMS} words."),
            ));
        }
        Ok(text)
    }

    /// A `-not` can only be judged on a whole document, not on a window of a long one.
    pub fn excludes(&self) -> bool {
        self.terms().any(|term| term.negated)
    }

    pub fn terms(&self) -> impl Iterator<Item = &Term> {
        self.groups.iter().flatten()
    }

    pub fn terms_mut(&mut self) -> impl Iterator<Item = &mut Term> {
        self.groups.iter_mut().flatten()
    }

    pub fn wanted_words(&self) -> Vec<String> {
        self.terms()
            .filter(|term| !term.negated)
            .map(|term| term.text.clone())
            .collect()
    }

    /// For `to_tsquery`; empty when there was no word.
    pub fn tsquery(&self) -> String {
        self.groups
            .iter()
            .map(|group| joined(group.iter().map(Term::to_tsquery), " & "))
            .collect::<Vec<_>>()
            .join(" | ")
    }

    /// The same as the index is asked, which may find more.
    pub fn index_tsquery(&self) -> String {
        self.groups
            .iter()
            .map(|group| joined(group.iter().filter_map(Term::to_index_tsquery), " & "))
            .collect::<Vec<_>>()
            .join(" | ")
    }

    /// Whether what the index finds must be looked at once more.
    pub fn needs_check(&self) -> bool {
        self.terms()
            .any(|term| matches!(term.begun, Begun::After(_)))
    }

    /// Any of the wanted words, for ranking and for marking snippets.
    pub fn wanted(&self) -> String {
        let wanted = self.terms().filter(|term| !term.negated);
        joined(wanted.map(Term::to_tsquery), " | ")
    }
}

fn joined(queries: impl Iterator<Item = String>, operator: &str) -> String {
    queries.collect::<Vec<_>>().join(operator)
}

impl Term {
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            quoted: false,
            negated: false,
            prefix: false,
            words: Vec::new(),
            forms: Vec::new(),
            begun: Begun::Itself,
        }
    }

    /// Whether other words may stand for it.
    pub fn may_differ(&self) -> bool {
        !self.quoted && !self.negated
    }

    /// How the index spells it, if it is one word.
    pub fn single_word(&self) -> Option<&str> {
        match self.words.as_slice() {
            [word] => Some(word),
            _ => None,
        }
    }

    fn to_tsquery(&self) -> String {
        let typed = format!(
            "{}{}{}",
            if self.negated { "!" } else { "" },
            quoted(&self.text),
            if self.prefix { ":*" } else { "" }
        );
        any_of(typed, &self.forms)
    }

    fn to_index_tsquery(&self) -> Option<String> {
        match &self.begun {
            Begun::Itself => Some(self.to_tsquery()),
            Begun::Words(words) => {
                Some(any_of(quoted(&self.text), words.iter().chain(&self.forms)))
            }
            Begun::After(words) if words.is_empty() => None,
            Begun::After(words) => Some(quoted(&words.join(" "))),
        }
    }
}

fn any_of<'w>(typed: String, others: impl IntoIterator<Item = &'w String>) -> String {
    let mut all = vec![typed];
    all.extend(others.into_iter().map(|word| quoted(word)));
    if all.len() == 1 {
        all.swap_remove(0)
    } else {
        format!("({})", all.join(" | "))
    }
}

/// Text as one word of a tsquery.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

/// Joining signs and control characters as blanks, as in the index.
pub fn plain(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() || JOINING_SIGNS.contains(c) {
                ' '
            } else {
                c
            }
        })
        .collect()
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

/// A filter at the beginning of `rest`, and what follows it. A field that is not known, or has no value yet, is no filter.
fn next_filter(rest: &str) -> Option<(FieldFilter, &str)> {
    let (name, value) = rest.split_once(':')?;
    let field = field_named(name)?;
    let (value, _, after) = next_term(value);
    value
        .chars()
        .any(char::is_alphanumeric)
        .then(|| (FieldFilter::new(field, value), after))
}

fn read(typed: &str) -> SearchText {
    let (mut groups, mut filters) = (vec![Vec::new()], Vec::new());
    let mut rest = typed.trim_start();
    while !rest.is_empty() {
        if let Some((filter, after)) = next_filter(rest) {
            filters.push(filter);
            rest = after.trim_start();
            continue;
        }
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
        let text = plain(raw);
        let text = text.trim().trim_end_matches('*').to_owned();
        if text.chars().any(char::is_alphanumeric) {
            let prefix = !quoted && (raw.ends_with('*') || (is_last && !negated));
            if let Some(group) = groups.last_mut() {
                group.push(Term {
                    quoted,
                    negated,
                    prefix,
                    ..Term::new(&text)
                });
            }
        }
    }
    groups.retain(|group| !group.is_empty());
    SearchText { groups, filters }
}

#[cfg(test)]
mod tests {
    use super::{super::fields::Field, *};

    fn tsquery(typed: &str) -> String {
        SearchText::parse(typed).unwrap().tsquery()
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
        assert_eq!(text.wanted(), "'tax' | 'duty'");
        assert!(text.excludes());
    }

    #[test]
    fn other_forms_do_as_well() {
        let mut text = SearchText::parse("tax bil").unwrap();
        for term in text.terms_mut().filter(|term| term.text == "bil") {
            term.forms = vec!["bill".to_owned(), "bills".to_owned()];
        }
        assert_eq!(text.tsquery(), "'tax' & ('bil':* | 'bill' | 'bills')");
        assert_eq!(text.wanted(), "'tax' | ('bil':* | 'bill' | 'bills')");
        assert_eq!(text.wanted_words(), ["tax", "bil"]);
    }

    #[test]
    fn the_index_is_asked_for_words_that_begin_so() {
        let mut text = SearchText::parse("tax bil").unwrap();
        assert_eq!(text.index_tsquery(), "'tax' & 'bil':*");
        let begun = |text: &mut SearchText, begun| {
            text.groups[0].last_mut().unwrap().begun = begun;
        };
        let words = ["bill", "bills"].map(str::to_owned).to_vec();
        begun(&mut text, Begun::Words(words));
        assert_eq!(text.index_tsquery(), "'tax' & ('bil' | 'bill' | 'bills')");
        assert_eq!(text.tsquery(), "'tax' & 'bil':*");
        assert!(!text.needs_check());
        begun(&mut text, Begun::After(Vec::new()));
        assert_eq!(text.index_tsquery(), "'tax'");
        assert!(text.needs_check());

        let mut text = SearchText::parse("AB-4711/20").unwrap();
        let before = ["ab", "4711"].map(str::to_owned).to_vec();
        begun(&mut text, Begun::After(before));
        assert_eq!(text.index_tsquery(), "'ab 4711'");
        assert_eq!(text.tsquery(), "'AB 4711 20':*");
    }

    #[test]
    fn filters_are_told_from_words() {
        let filters = |typed: &str| -> Vec<(Field, String)> {
            let text = SearchText::parse(typed).unwrap();
            text.filters
                .into_iter()
                .map(|filter| (filter.field, filter.value))
                .collect()
        };
        assert_eq!(
            filters("topic:\"car insurance\" Thema:Haus strom from:a-b"),
            [
                (Field::Topic, "car insurance".to_owned()),
                (Field::Topic, "Haus".to_owned()),
                (Field::From, "a-b".to_owned())
            ]
        );
        assert_eq!(tsquery("topic:\"car insurance\" strom "), "'strom'");
        for typed in [
            "http://x ",
            "3:45 ",
            "topic: ",
            "topic:\"\" ",
            "2025 ",
            "\"topic:x\" ",
            "-topic:x ",
        ] {
            assert_eq!(filters(typed), [], "{typed}");
        }
        assert_eq!(tsquery("3:45 topic: 2025 "), "'3 45' & 'topic' & '2025'");
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
