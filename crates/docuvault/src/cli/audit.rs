//! `docuvault audit`: checks the trail of what happened, and prints its heads to be kept elsewhere.

use std::{
    io::{BufRead, BufReader, Write},
    path::PathBuf,
};

use anyhow::{Context, bail};
use clap::Subcommand;

use super::with_database::ask_database;
use crate::audit::{KnownHead, all_heads, verify_trail};

#[derive(Subcommand)]
pub enum AuditCommand {
    /// Checks every chain; ends with an error when one is broken
    Verify {
        /// Lines of an earlier `docuvault audit heads`: nothing that came before them may have changed since
        #[arg(long, value_name = "FILE")]
        against: Option<PathBuf>,
    },
    /// Prints the end of every chain: user, rows, hash
    Heads,
}

pub fn run(command: AuditCommand) -> anyhow::Result<()> {
    match command {
        AuditCommand::Verify { against } => verify(against),
        AuditCommand::Heads => heads(),
    }
}

fn verify(against: Option<PathBuf>) -> anyhow::Result<()> {
    let known = against.map(read_heads).transpose()?.unwrap_or_default();
    let verdict = ask_database(async |_, database| verify_trail(database, &known).await)?;
    let mut out = std::io::stdout().lock();
    for fault in &verdict.faults {
        writeln!(out, "{fault}")?;
    }
    if verdict.faults_in_all > 0 {
        bail!(
            "the trail is broken in {} places ({} chains, {} rows)",
            verdict.faults_in_all,
            verdict.chains,
            verdict.rows
        );
    }
    writeln!(out, "OK: {} chains, {} rows", verdict.chains, verdict.rows)?;
    Ok(())
}

fn heads() -> anyhow::Result<()> {
    ask_database(async |_, database| {
        all_heads(database, |head| Ok(writeln!(std::io::stdout(), "{head}")?)).await
    })
}

fn read_heads(file: PathBuf) -> anyhow::Result<Vec<KnownHead>> {
    let opened =
        std::fs::File::open(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut heads = Vec::new();
    for (number, line) in BufReader::new(opened).lines().enumerate() {
        let line = line?;
        if !line.trim().is_empty() {
            heads.push(
                line.parse()
                    .with_context(|| format!("line {} of {}", number + 1, file.display()))?,
            );
        }
    }
    Ok(heads)
}
