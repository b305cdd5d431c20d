//! Dates as people write them: month names of eight languages, numbers in either order, ISO, file names.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use time::{Date, Month};

use crate::patterns::pattern;

/// A date in a line of folded text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct WrittenDate {
    pub(crate) date: Date,
    /// The other reading of an ambiguous one (`04/05/2024`), if it exists.
    pub(crate) swapped: Option<Date>,
    /// Byte offsets in the line.
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Which comes first where only numbers are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NumberOrder {
    DayFirst,
    MonthFirst,
}

/// Names and abbreviations by month, folded, in en, de, fr, es, it, nl, pt, pl.
const MONTHS: [&str; 12] = [
    "january jan januar jaenner janner janvier janv enero ene gennaio gen januari janeiro styczen stycznia sty",
    "february feb februar feber fevrier fevr fev febrero febbraio februari fevereiro luty lutego lut",
    "march mar marz maerz mrz mars marzo maart mrt marco marzec marca",
    "april apr avril avr abril abr aprile kwiecien kwietnia kwi",
    "may mai mayo maggio mag mei maio maj maja",
    "june jun juni juin junio giugno giu junho czerwiec czerwca cze",
    "july jul juli juillet juil julio luglio lug julho lipiec lipca lip",
    "august aug aout agosto ago augustus sierpien sierpnia sie",
    "september sep sept septembre septiembre settembre set setembro wrzesien wrzesnia wrz",
    "october oct oktober okt octobre octubre ottobre ott outubro out pazdziernik pazdziernika paz",
    "november nov novembre noviembre novembro listopad listopada lis",
    "december dec dezember dez decembre diciembre dic dicembre dezembro grudzien grudnia gru",
];

static MONTH_NUMBERS: LazyLock<HashMap<&'static str, u8>> = LazyLock::new(|| {
    (1_u8..)
        .zip(MONTHS)
        .flat_map(|(number, names)| names.split(' ').map(move |name| (name, number)))
        .collect()
});

fn month_pattern() -> String {
    let mut names: Vec<&str> = MONTH_NUMBERS.keys().copied().collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names.join("|")
}

static YEAR_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?P<y>(?:19|20)\d\d)(?:-(?P<m>\d\d?)-(?P<d>\d\d?)|[./](?P<m2>\d\d?)[./](?P<d2>\d\d?)|年(?P<m3>\d\d?)月(?P<d3>\d\d?)日)(?:\b|t\d|$)",
    )
});
static NUMBERS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?P<a>\d\d?)(?:\. ?(?P<b>\d\d?)\. ?|/(?P<b2>\d\d?)/|-(?P<b3>\d\d?)-| / (?P<b4>\d\d?) / )(?P<y>(?:19|20)\d\d|\d\d)\b",
    )
});
static DAY_MONTH_NAME: LazyLock<Regex> = LazyLock::new(|| {
    let months = month_pattern();
    pattern(&format!(
        r"\b(?P<d>\d\d?)(?:\.|st|nd|rd|th|er|º|°|o)?[ -]{{0,2}}(?:de |of |di |day of )?(?P<m>{months})\.?,?(?:[ -]{{1,2}}|, )?(?:de |del |of |di )?(?P<y>(?:19|20)\d\d|'?\d\d)\b"
    ))
});
static MONTH_NAME_DAY: LazyLock<Regex> = LazyLock::new(|| {
    let months = month_pattern();
    pattern(&format!(
        r"\b(?P<m>{months})\.? (?P<d>\d\d?)(?:st|nd|rd|th)?(?:, ?| )(?P<y>(?:19|20)\d\d)\b"
    ))
});
static COMPACT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:^|[^0-9])(?P<y>(?:19|20)\d\d)[-_. ]?(?P<m>0[1-9]|1[0-2])[-_. ]?(?P<d>0[1-9]|[12]\d|3[01])(?:[^0-9]|$)",
    )
});

/// All dates in a folded line, from left to right. `this_year` tells what two-digit years mean.
pub(crate) fn dates_in(line: &str, order: NumberOrder, this_year: i32) -> Vec<WrittenDate> {
    if !line.bytes().any(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    let mut found: Vec<WrittenDate> = Vec::new();
    let mut add = |captures: &Captures<'_>, dates: Option<(Date, Option<Date>)>| {
        let (Some((date, swapped)), Some(whole)) = (dates, captures.get(0)) else {
            return;
        };
        if !found
            .iter()
            .any(|known| whole.start() < known.end && known.start < whole.end())
        {
            found.push(WrittenDate {
                date,
                swapped,
                start: whole.start(),
                end: whole.end(),
            });
        }
    };
    for captures in YEAR_FIRST.captures_iter(line) {
        add(&captures, year_month_day(&captures, this_year));
    }
    for names in [&DAY_MONTH_NAME, &MONTH_NAME_DAY] {
        for captures in names.captures_iter(line) {
            add(&captures, year_month_day(&captures, this_year));
        }
    }
    for captures in NUMBERS.captures_iter(line) {
        add(&captures, numbers(&captures, order, this_year));
    }
    found.sort_by_key(|date| date.start);
    found
}

/// A date in a file name, where `20240315` is one as well.
pub(crate) fn date_in_filename(
    folded_name: &str,
    order: NumberOrder,
    this_year: i32,
) -> Option<Date> {
    let compact = COMPACT
        .captures(folded_name)
        .and_then(|captures| year_month_day(&captures, this_year));
    compact.map(|(date, _)| date).or_else(|| {
        let spaced = folded_name.replace('_', " ");
        dates_in(&spaced, order, this_year)
            .first()
            .map(|written| written.date)
    })
}

/// Whether the numbers in a line can only be read in one order, and in which.
pub(crate) fn certain_order(line: &str) -> Option<NumberOrder> {
    NUMBERS.captures_iter(line).find_map(|captures| {
        let slash = captures.name("b2").is_some();
        let (first, second) = (
            number(&captures, &["a"])?,
            number(&captures, &["b", "b2", "b3", "b4"])?,
        );
        match (first, second) {
            (13..=31, 1..=12) if slash => Some(NumberOrder::DayFirst),
            (1..=12, 13..=31) => Some(NumberOrder::MonthFirst),
            _ => None,
        }
    })
}

fn number(captures: &Captures<'_>, names: &[&str]) -> Option<u8> {
    names
        .iter()
        .find_map(|name| captures.name(name))?
        .as_str()
        .parse()
        .ok()
}

fn year_month_day(captures: &Captures<'_>, this_year: i32) -> Option<(Date, Option<Date>)> {
    let year = year(captures, this_year)?;
    let day = number(captures, &["d", "d2", "d3"])?;
    let month = number(captures, &["m", "m2", "m3"]).or_else(|| {
        captures
            .name("m")
            .and_then(|name| MONTH_NUMBERS.get(name.as_str()).copied())
    })?;
    calendar(year, month, day).map(|date| (date, None))
}

fn numbers(
    captures: &Captures<'_>,
    order: NumberOrder,
    this_year: i32,
) -> Option<(Date, Option<Date>)> {
    let year = year(captures, this_year)?;
    let (first, second) = (
        number(captures, &["a"])?,
        number(captures, &["b", "b2", "b3", "b4"])?,
    );
    let day_first = calendar(year, second, first);
    if captures.name("b").is_some() {
        // Points only ever stand between day, month and year.
        return day_first.map(|date| (date, None));
    }
    let month_first = calendar(year, first, second);
    let (preferred, other) = match order {
        NumberOrder::DayFirst => (day_first, month_first),
        NumberOrder::MonthFirst => (month_first, day_first),
    };
    match preferred {
        Some(date) => Some((date, other.filter(|other| *other != date))),
        None => other.map(|date| (date, None)),
    }
}

fn year(captures: &Captures<'_>, this_year: i32) -> Option<i32> {
    let digits = captures.name("y")?.as_str().trim_start_matches('\'');
    let year: i32 = digits.parse().ok()?;
    if digits.len() == 4 {
        return Some(year);
    }
    let century = this_year - this_year.rem_euclid(100);
    Some(if century + year > this_year + 1 {
        century - 100 + year
    } else {
        century + year
    })
}

fn calendar(year: i32, month: u8, day: u8) -> Option<Date> {
    Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()
}
