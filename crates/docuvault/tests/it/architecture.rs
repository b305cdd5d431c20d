//! The rules of the house that a compiler does not know.

use std::{
    fs,
    path::{Path, PathBuf},
};

use regex::Regex;

/// A source file: its path from the folder that was asked for, and its text up to its unit tests.
struct Source {
    path: String,
    whole: String,
}

impl Source {
    /// Without unit tests and comments.
    fn code(&self) -> String {
        let body = self.whole.split("#[cfg(test)]").next().unwrap_or_default();
        body.lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// The first folder, or the file where there is none.
    fn room(&self) -> &str {
        self.path.split('/').next().unwrap_or_default()
    }
}

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn sources(root: &Path) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let whole = fs::read_to_string(&path).unwrap();
                found.push(Source {
                    path: path.strip_prefix(root).unwrap().display().to_string(),
                    whole,
                });
            }
        }
    }
    assert!(!found.is_empty(), "{}", root.display());
    found
}

fn application() -> Vec<Source> {
    sources(&crates().join("docuvault/src"))
}

/// Fails with every line of `faults`.
#[track_caller]
fn assert_none(faults: Vec<String>, rule: &str) {
    assert!(faults.is_empty(), "{rule}:\n{}", faults.join("\n"));
}

/// What a file uses of its own crate, as `room` or `room::name`; of deeper paths the first two steps.
fn uses(source: &Source) -> Vec<String> {
    let path = Regex::new(r"crate::([a-z_]+(?:::[A-Za-z_]+)?)").unwrap();
    let code = source.code();
    let mut used: Vec<String> = path
        .captures_iter(&code)
        .map(|found| found[1].to_owned())
        .collect();
    for group in code.split("use crate::{").skip(1) {
        used.extend(listed(group.split(';').next().unwrap_or_default()));
    }
    used
}

/// The paths of `a::b, c::{d, e::f}, g};` as `a::b`, `c::d`, `c::e`, `g`.
fn listed(list: &str) -> Vec<String> {
    let mut paths = Vec::new();
    let mut room = None;
    let mut depth = 0;
    for word in Regex::new(r"[A-Za-z_]+(?:::[A-Za-z_]+)*(?:::\{)?|[{}]")
        .unwrap()
        .find_iter(list)
        .map(|found| found.as_str())
    {
        let steps: Vec<&str> = word.trim_end_matches("::{").split("::").collect();
        match (word, depth) {
            ("}", _) => depth -= 1,
            (_, 0) if word.ends_with("::{") && steps.len() == 1 => room = Some(steps[0]),
            (_, 0) => paths.push(steps[..steps.len().min(2)].join("::")),
            (_, 1) => paths.push(format!("{}::{}", room.unwrap_or_default(), steps[0])),
            _ => {}
        }
        if word.ends_with('{') {
            depth += 1;
        }
    }
    paths
}

#[test]
fn lists_of_uses_are_understood() {
    let list = "app::AppState, auth::{Caller, token::{Made, Read}}, db,\n    http::{Problem, etag::etag},\n    search::query::Text}";
    assert_eq!(
        listed(list),
        [
            "app::AppState",
            "auth::Caller",
            "auth::token",
            "db",
            "http::Problem",
            "http::etag",
            "search::query"
        ]
    );
}

#[test]
fn files_are_short_and_say_what_they_are() {
    let mut faults = Vec::new();
    for package in fs::read_dir(crates()).unwrap() {
        let package = package.unwrap().path();
        for source in sources(&package.join("src")) {
            let name = format!(
                "{}/src/{}",
                package.file_name().unwrap().display(),
                source.path
            );
            let lines = source.whole.lines().count();
            if lines > 400 {
                faults.push(format!("{name} has {lines} lines"));
            }
            if !source.whole.starts_with("//!") {
                faults.push(format!("{name} does not begin with what it is"));
            }
        }
    }
    assert_none(faults, "a file has at most 400 lines and begins with //!");
}

#[test]
fn no_file_is_named_after_nothing() {
    let vague = [
        "utils", "util", "helpers", "helper", "common", "misc", "manager", "service",
    ];
    let faults = application().into_iter().filter(|source| {
        vague
            .iter()
            .any(|word| source.path.split(['/', '.']).any(|part| part == *word))
    });
    assert_none(
        faults.map(|source| source.path).collect(),
        "a file is named after what the user can do",
    );
}

/// What stands at the bottom: it serves the features and knows none.
const GROUND: [&str; 4] = ["config", "crypto", "db", "http"];
const TOP: [&str; 4] = ["cli", "app", "main.rs", "lib.rs"];

#[test]
fn dependencies_point_one_way() {
    let mut faults = Vec::new();
    for source in application() {
        for used in uses(&source) {
            let (room, name) = used.split_once("::").unwrap_or((&used, ""));
            let own = source.room();
            let fault = match room {
                "cli" => own != "cli" && own != "main.rs",
                // What a request or job can reach, and the time; the assembly itself is not for features.
                "app" => !TOP.contains(&own) && !["AppState", "Clock"].contains(&name),
                _ if GROUND.contains(&own) => {
                    !GROUND.contains(&room)
                        && room != "app"
                        && !(own == "db" && used == "accounts::Role")
                }
                _ => false,
            };
            if fault {
                faults.push(format!("{} uses crate::{used}", source.path));
            }
        }
    }
    assert_none(faults, "cli → app → features → http, db, crypto, config");
}

#[test]
fn a_feature_shows_others_only_what_its_front_door_names() {
    let mut faults = Vec::new();
    for source in application() {
        let is_feature = !GROUND.contains(&source.room()) && !TOP.contains(&source.room());
        if is_feature && source.path.ends_with("/mod.rs") {
            let open = source
                .code()
                .lines()
                .filter(|line| line.trim_start().starts_with("pub mod "))
                .map(str::to_owned)
                .collect::<Vec<_>>();
            // Search reads the same query string as the list.
            faults.extend(
                open.into_iter()
                    .filter(|line| line != "pub mod list_query;")
                    .map(|line| format!("{}: {line}", source.path)),
            );
        }
    }
    assert_none(
        faults,
        "a feature's files are private; its mod.rs names what others may use",
    );
}

/// Files other than a `store.rs` that write rows, each a single thing that is done in one place.
const WRITERS: [&str; 6] = [
    "accounts/create.rs",
    "audit/mod.rs",
    "http/idempotency.rs",
    "http/rate_limit.rs",
    "search/index.rs",
    "search/words.rs",
];

#[test]
fn rows_are_written_where_their_feature_keeps_them() {
    let writing = Regex::new(r"\b(INSERT INTO|DELETE FROM|UPDATE [a-z_]+ SET)\b").unwrap();
    let mut faults = Vec::new();
    for source in application() {
        let allowed = source.path.ends_with("/store.rs") || WRITERS.contains(&source.path.as_str());
        if !allowed && writing.is_match(&source.code()) {
            faults.push(source.path);
        }
    }
    assert_none(faults, "SQL that writes stands in a feature's store.rs");
}

/// Where it is asked before a user is known, or across users through a narrow definer function.
const WITHOUT_A_USER: [&str; 24] = [
    "accounts/links/store.rs",
    "accounts/setup.rs",
    "accounts/store.rs",
    "admin/operator.rs",
    "app/job_registry.rs",
    "app/metrics/store.rs",
    "audit/verify.rs",
    "auth/refresh.rs",
    "auth/store.rs",
    "cli/run_roles.rs",
    "db/migrate.rs",
    "db/pool.rs",
    "db/self_check.rs",
    "db/server_facts.rs",
    "db/user_tx.rs",
    "documents/erase.rs",
    "events/hub.rs",
    "http/rate_limit.rs",
    "keys/store.rs",
    "likeness/store.rs",
    "mail/sweep.rs",
    "notifications/sweep.rs",
    "search/words.rs",
    "uploads/sweep.rs",
];

#[test]
fn queries_without_a_user_are_few_and_known() {
    let mut faults = Vec::new();
    for source in application() {
        if !WITHOUT_A_USER.contains(&source.path.as_str()) && source.code().contains("anonymous()")
        {
            faults.push(source.path);
        }
    }
    assert_none(
        faults,
        "user data is reached by UserTx; a connection for nobody needs a reason and a place in this list",
    );
}

#[test]
fn administration_never_acts_as_another() {
    let mut faults = Vec::new();
    for source in application() {
        let code = source.code();
        if source.room() == "admin"
            && (code.contains("on_behalf_of") || code.contains("for_newborn"))
        {
            faults.push(source.path.clone());
        }
        let makes_accounts =
            ["accounts/create_for.rs", "db/user_tx.rs"].contains(&source.path.as_str());
        if code.contains("for_newborn") && !makes_accounts {
            faults.push(source.path);
        }
    }
    assert_none(
        faults,
        "an administrator reaches others by the schema's admin_* functions; only an account being born is acted for",
    );
}

#[test]
fn sql_is_checked_at_compile_time_and_never_glued_from_input() {
    // Lists are put together from the filters that were asked for, with every value bound.
    let builders = ["documents/list.rs", "documents/query.rs"];
    let mut faults = Vec::new();
    for source in application() {
        let code = source.code();
        for unchecked in [
            "AssertSqlSafe",
            "raw_sql",
            "query_unchecked!",
            "query_as_unchecked!",
        ] {
            if code.contains(unchecked) {
                faults.push(format!("{} uses {unchecked}", source.path));
            }
        }
        if code.contains("QueryBuilder") && !builders.contains(&source.path.as_str()) {
            faults.push(format!("{} builds SQL", source.path));
        }
    }
    assert_none(
        faults,
        "SQL is a query! macro, or one of the known builders",
    );
}

#[test]
fn crates_keep_to_their_rooms() {
    // Which of our own crates, or of those with a network or a database, a crate may not have.
    let rules: [(&str, &[&str]); 6] = [
        ("private-postgres", &["docuvault"]),
        ("jobs", &["docuvault"]),
        ("storage", &["docuvault", "sqlx"]),
        (
            "extract",
            &["docuvault", "sqlx", "reqwest", "hyper", "axum"],
        ),
        (
            "filing",
            &["docuvault", "sqlx", "reqwest", "hyper", "axum", "tokio"],
        ),
        ("web-assets", &["docuvault", "sqlx", "reqwest", "axum"]),
    ];
    let mut faults = Vec::new();
    for (package, forbidden) in rules {
        let manifest: toml::Table = fs::read_to_string(crates().join(package).join("Cargo.toml"))
            .unwrap()
            .parse()
            .unwrap();
        let dependencies = manifest
            .get("dependencies")
            .and_then(toml::Value::as_table)
            .into_iter()
            .flat_map(toml::Table::keys);
        faults.extend(
            dependencies
                .filter(|name| forbidden.iter().any(|word| name.starts_with(word)))
                .map(|name| format!("{package} depends on {name}")),
        );
    }
    assert_none(faults, "a leaf crate knows nothing of the application");
}
