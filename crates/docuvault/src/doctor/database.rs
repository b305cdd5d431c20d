//! The database: reachable, new enough, of the right schema, with users kept apart, quick, and of the same time.

use std::time::{Duration, Instant};

use secrecy::SecretString;
use time::OffsetDateTime;

use super::Report;
use crate::db::{
    Database, migrate,
    self_check::isolation_findings,
    server_facts::{ServerFacts, server_facts},
};

const PART: &str = "database";
const CONNECTIONS: u32 = 2;
const SLOW: Duration = Duration::from_millis(20);
const PINGS: u32 = 5;
const NOTABLE_SKEW_SECONDS: u64 = 5;
const OLDEST_MAJOR: i32 = 15;
/// The first minor release of each major one in which statistics do not show rows that policies hide (CVE-2025-8713).
const KEEPS_ROWS_APART: [(i32, i32); 3] = [(15, 14), (16, 10), (17, 6)];

/// `None` when nothing more can be asked of it.
pub async fn examine(url: &SecretString, report: &mut Report) -> Option<Database> {
    let database = Database::connect(url, CONNECTIONS).ok();
    let Some(database) = database else {
        report.problem(
            PART,
            "DATABASE_URL is not a PostgreSQL address",
            "Write it as postgres://docuvault_app:…@host/docuvault.",
        );
        return None;
    };
    match server_facts(&database).await {
        Ok(facts) => {
            version(&facts, report);
            clock(&facts, report);
        }
        Err(error) => {
            // What sqlx says of a refused login names the user and no password.
            report.problem(
                PART,
                format!("it cannot be reached: {error}"),
                "Check DATABASE_URL, and that PostgreSQL runs and lets docuvault_app in.",
            );
            return None;
        }
    }
    latency(&database, report).await;
    if let Err(error) = migrate::check_version(&database).await {
        report.problem(PART, error.to_string(), "");
        return None;
    }
    report.ok(
        PART,
        format!("its schema is version {}", migrate::wanted_version()),
    );
    isolation(&database, report).await;
    Some(database)
}

fn version(facts: &ServerFacts, report: &mut Report) {
    let (major, minor) = (facts.version / 10_000, facts.version % 10_000);
    let what = format!("PostgreSQL {major}.{minor}");
    let leaks = KEEPS_ROWS_APART
        .iter()
        .find(|(affected, fixed)| *affected == major && minor < *fixed);
    if major < OLDEST_MAJOR {
        report.problem(
            PART,
            what,
            format!("Use PostgreSQL {OLDEST_MAJOR} or newer."),
        );
    } else if let Some((_, fixed)) = leaks {
        report.warn(
            PART,
            format!("{what} can show rows that policies hide (CVE-2025-8713)"),
            format!("Update to {major}.{fixed} or newer."),
        );
    } else {
        report.ok(PART, what);
    }
}

fn clock(facts: &ServerFacts, report: &mut Report) {
    let skew = (OffsetDateTime::now_utc() - facts.now)
        .whole_seconds()
        .unsigned_abs();
    if skew > NOTABLE_SKEW_SECONDS {
        report.warn(
            PART,
            format!("its clock differs from ours by {skew} s"),
            "Set both clocks by NTP.",
        );
    } else {
        report.ok(PART, "its clock agrees with ours");
    }
}

async fn latency(database: &Database, report: &mut Report) {
    let started = Instant::now();
    for _ in 0..PINGS {
        if database.ping().await.is_err() {
            return;
        }
    }
    let each = started.elapsed() / PINGS;
    let what = format!("a statement there and back takes {each:.1?}");
    if each > SLOW {
        report.warn(
            PART,
            what,
            "Run the vault nearer to its database: a request makes several.",
        );
    } else {
        report.ok(PART, what);
    }
}

async fn isolation(database: &Database, report: &mut Report) {
    match isolation_findings(database).await {
        Ok(findings) if findings.is_empty() => {
            report.ok(
                PART,
                "users are kept apart: the login cannot look past row-level security",
            );
        }
        Ok(findings) => {
            for finding in findings {
                report.problem(
                    PART,
                    finding,
                    "Run crates/docuvault/src/db/roles.sql and `docuvault migrate`.",
                );
            }
        }
        Err(error) => report.problem(
            PART,
            format!("whether users are kept apart is unknown: {error}"),
            "",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Level;

    #[test]
    fn old_servers_and_leaking_ones_are_told() {
        for (version, level) in [
            (140_020, Level::Problem),
            (150_013, Level::Warning),
            (150_014, Level::Ok),
            (160_009, Level::Warning),
            (170_005, Level::Warning),
            (170_006, Level::Ok),
            (180_000, Level::Ok),
        ] {
            let mut report = Report::default();
            let facts = ServerFacts {
                version,
                now: OffsetDateTime::now_utc(),
            };
            super::version(&facts, &mut report);
            assert_eq!(report.lines()[0].level, level, "{version}");
        }
    }

    #[test]
    fn a_clock_that_differs_is_told() {
        let mut report = Report::default();
        let now = OffsetDateTime::now_utc() - time::Duration::seconds(90);
        clock(
            &ServerFacts {
                version: 170_006,
                now,
            },
            &mut report,
        );
        assert_eq!(report.lines()[0].level, Level::Warning);
    }
}
