//! What a store enforces, as a column of the table in docs/OPERATIONS.md.

use std::fmt::Write as _;

use anyhow::Context;
use docuvault_storage::s3::acceptance::{Finding, Verdict, promises};

use crate::{config::Config, storage_backends::StoreTest};

/// One row for each check: its name, what it promises, and how this store does.
pub async fn store_table(config: &Config, name: &str) -> anyhow::Result<String> {
    let s3 = config
        .s3
        .as_ref()
        .context("there is no S3 store: set DOCUVAULT_S3_ENDPOINT and what belongs to it")?;
    let acceptance = StoreTest::new(config, s3)?.run().await?;
    Ok(column(name, &acceptance.findings))
}

fn column(name: &str, findings: &[Finding]) -> String {
    let mut table = format!("| finding | when all is well | {name} |\n| --- | --- | --- |\n");
    for (id, promise) in promises() {
        let found = findings.iter().find(|finding| finding.id == *id);
        let cell = match found.map(|finding| finding.verdict) {
            Some(Verdict::Enforced) => "yes",
            Some(Verdict::Lacking) => "no",
            Some(Verdict::Unsafe) => "**unsafe**",
            Some(Verdict::Broken) => "broken",
            None => "not tried",
        };
        // Writing to a String cannot fail.
        let _ = writeln!(table, "| `{id}` | {promise} | {cell} |");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_has_a_row() {
        let found = Finding {
            id: "unsigned-copy",
            verdict: Verdict::Unsafe,
            what: "It copies.".to_owned(),
            advice: String::new(),
        };
        let table = column("teststore", &[found]);
        assert_eq!(table.lines().count(), promises().len() + 2);
        assert!(table.starts_with("| finding | when all is well | teststore |\n"));
        let row = table
            .lines()
            .find(|line| line.starts_with("| `unsigned-copy` |"))
            .unwrap();
        assert!(row.ends_with("| **unsafe** |"), "{row}");
    }
}
