//! What was found, as lines for a terminal or as JSON.

use std::fmt;

use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Ok,
    Warning,
    Problem,
}

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    pub part: &'static str,
    pub level: Level,
    pub what: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

#[derive(Debug, Default, Serialize)]
pub struct Report {
    lines: Vec<Line>,
}

impl Report {
    pub fn ok(&mut self, part: &'static str, what: impl Into<String>) {
        self.add(part, Level::Ok, what.into(), None);
    }

    pub fn warn(&mut self, part: &'static str, what: impl Into<String>, advice: impl Into<String>) {
        self.add(part, Level::Warning, what.into(), Some(advice.into()));
    }

    pub fn problem(
        &mut self,
        part: &'static str,
        what: impl Into<String>,
        advice: impl Into<String>,
    ) {
        self.add(part, Level::Problem, what.into(), Some(advice.into()));
    }

    fn add(&mut self, part: &'static str, level: Level, what: String, advice: Option<String>) {
        let advice = advice.filter(|advice| !advice.is_empty());
        self.lines.push(Line {
            part,
            level,
            what,
            advice,
        });
    }

    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    pub fn problems(&self) -> usize {
        self.count(Level::Problem)
    }

    fn count(&self, level: Level) -> usize {
        self.lines.iter().filter(|line| line.level == level).count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            let level = match line.level {
                Level::Ok => "ok",
                Level::Warning => "warning",
                Level::Problem => "PROBLEM",
            };
            writeln!(out, "{level:<8} {:<14} {}", line.part, line.what)?;
            if let Some(advice) = &line.advice {
                writeln!(out, "{:24}→ {advice}", "")?;
            }
        }
        writeln!(
            out,
            "\n{} looked at, {} warnings, {} problems",
            self.lines.len(),
            self.count(Level::Warning),
            self.problems()
        )
    }
}
