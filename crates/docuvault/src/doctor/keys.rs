//! The vault's keys: there, and those it was sealed with.

use super::Report;
use crate::{
    config::Config,
    crypto::Keys,
    db::Database,
    keys::{KeysRefused, compare_keys},
};

const PART: &str = "keys";

pub async fn examine(config: &Config, database: &Database, report: &mut Report) {
    let secrets = config.data.dir.join("secrets");
    let master = config
        .data
        .master_key_file
        .clone()
        .unwrap_or_else(|| secrets.join("master.key"));
    let others = ["access-token.key", "signing.key"].map(|name| secrets.join(name));
    // Looked for first, because opening makes those that are not there.
    let missing: Vec<_> = [master]
        .into_iter()
        .chain(others)
        .filter(|file| !file.exists())
        .map(|file| file.display().to_string())
        .collect();
    if !missing.is_empty() {
        report.problem(
            PART,
            format!("there is no {}", missing.join(", ")),
            "Put the key files back. A vault that was never started makes its own.",
        );
        return;
    }
    let keys = match Keys::open(&secrets, config.data.master_key_file.as_deref()) {
        Ok(keys) => keys,
        Err(error) => {
            report.problem(PART, error.to_string(), "");
            return;
        }
    };
    match compare_keys(database, &keys).await {
        Ok(()) => report.ok(PART, "the keys are those that the vault was sealed with"),
        Err(KeysRefused::Database(error)) => {
            report.problem(PART, format!("the keys could not be compared: {error}"), "");
        }
        Err(error) => report.problem(PART, error.to_string(), ""),
    }
}
