//! `docuvault doctor`: looks at everything a vault needs.

use std::io::Write;

use anyhow::bail;
use clap::Args;

use super::{
    bootstrap::{block_on, keep_memory_private, start_logging},
    with_database::with_database_url,
};
use crate::{
    config::Config,
    doctor::{Report, examine_database, examine_surroundings, store_table},
};

#[derive(Args)]
pub struct DoctorCommand {
    /// The findings as JSON
    #[arg(long)]
    json: bool,
    /// Only the S3 store, as a column of a Markdown table with this heading
    #[arg(long, value_name = "NAME", conflicts_with = "json")]
    table: Option<String>,
}

pub fn run(command: &DoctorCommand) -> anyhow::Result<()> {
    let config = match Config::load() {
        Ok(config) => config,
        Err(error) => {
            let mut report = Report::default();
            report.problem(
                "settings",
                error.to_string(),
                "docs/reference/configuration.md lists what can be set.",
            );
            return tell(&report, command.json);
        }
    };
    start_logging(&config.log)?;
    keep_memory_private();
    block_on(async {
        if let Some(name) = &command.table {
            let table = store_table(&config, name).await?;
            return Ok(write!(std::io::stdout(), "{table}")?);
        }
        tell(&examined(&config).await, command.json)
    })
}

async fn examined(config: &Config) -> Report {
    let mut report = Report::default();
    examine_surroundings(config, &mut report).await;
    let reached = with_database_url(config, async |url| {
        examine_database(config, url, &mut report).await;
        Ok(())
    })
    .await;
    if let Err(error) = reached {
        report.problem("database", format!("{error:#}"), "");
    }
    report
}

/// Ends with an error where there is a problem.
fn tell(report: &Report, as_json: bool) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    if as_json {
        writeln!(out, "{}", serde_json::to_string_pretty(report)?)?;
    } else {
        write!(out, "{report}")?;
    }
    match report.problems() {
        0 => Ok(()),
        1 => bail!("there is a problem"),
        count => bail!("there are {count} problems"),
    }
}
