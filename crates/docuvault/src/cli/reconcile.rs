//! `docuvault reconcile`: compares the store with the tables, beside a running vault, and prints what was found.

use std::io::Write;

use anyhow::bail;

use super::{
    bootstrap::{block_on, keep_memory_private, start_logging},
    keys::require_key_file,
    run_roles::assemble,
    with_database::with_database_url,
};
use crate::{
    app::AppState,
    config::Config,
    http::Problem,
    reconcile::{RunReport, VerifyBudget, reconcile_now, verify_documents},
};

pub fn run(verify: bool) -> anyhow::Result<()> {
    let config = Config::load()?;
    start_logging(&config.log)?;
    keep_memory_private();
    // Whoever is told of a loss may get a letter, which is sealed.
    require_key_file(&config)?;
    let report = block_on(with_database_url(&config, async |url| {
        let state = assemble(config.clone(), url).await?;
        let report = compare(&state, verify).await;
        state.db().close().await;
        report
    }))?;
    if report.has_losses() {
        bail!(
            "{} missing, {} of another length, {} damaged; which they are, an administrator sees under Storage",
            report.missing,
            report.wrong_size,
            report.damaged
        );
    }
    if let Some(error) = report.error {
        bail!("not all was done: {error}");
    }
    Ok(())
}

/// Reads first, so that the report counts what that finds.
async fn compare(state: &AppState, verify: bool) -> anyhow::Result<RunReport> {
    if verify {
        let read = verify_documents(state, state.now(), VerifyBudget::ALL)
            .await
            .map_err(in_words)?;
        say(&format!(
            "Read again: {} bytes; {} documents as they should be, {} damaged, {} not there, {} not readable",
            read.bytes, read.sound, read.damaged, read.lost, read.unreadable
        ))?;
    }
    let report = reconcile_now(state).await.map_err(in_words)?;
    for line in report.lines() {
        say(&line)?;
    }
    Ok(report)
}

fn in_words(problem: Problem) -> anyhow::Error {
    let words = anyhow::anyhow!("{} ({})", problem.detail, problem.code);
    match problem.cause() {
        Some(cause) => anyhow::anyhow!("{words}: {cause:#}"),
        None => words,
    }
}

fn say(line: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}
