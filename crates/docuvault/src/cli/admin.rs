//! `docuvault admin`: for whoever runs the server, also when nobody can sign in any more.

use std::io::Write;

use anyhow::anyhow;
use clap::{Subcommand, ValueEnum};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::with_database::ask_database;
use crate::{
    accounts::Role,
    admin::{HandedOver, invite_as_operator, reset_link_as_operator, set_quota_as_operator},
    config::Config,
    http::Problem,
};

#[derive(Subcommand)]
pub enum AdminCommand {
    /// Prints a link by which someone may make an account
    Invite {
        /// The only address that may sign up by it
        #[arg(long)]
        email: Option<String>,
        #[arg(long, value_enum, default_value = "user")]
        role: RoleName,
        /// Bytes they may store, other than the vault's usual quota
        #[arg(long, value_name = "BYTES")]
        quota: Option<i64>,
    },
    /// Prints a link by which a user sets their password anew
    ResetLink { email: String },
    /// Changes how many bytes a user may store
    Quota { email: String, bytes: i64 },
}

#[derive(Clone, Copy, ValueEnum)]
pub enum RoleName {
    User,
    Admin,
}

pub fn run(command: AdminCommand) -> anyhow::Result<()> {
    let now = OffsetDateTime::now_utc();
    ask_database(async |config, database| match &command {
        AdminCommand::Invite { email, role, quota } => {
            let role = match role {
                RoleName::User => Role::User,
                RoleName::Admin => Role::Admin,
            };
            let made = invite_as_operator(database, email.as_deref(), role, *quota, now).await;
            print_link(config, made.map_err(in_words)?)
        }
        AdminCommand::ResetLink { email } => {
            let made = reset_link_as_operator(database, email, now).await;
            print_link(config, made.map_err(in_words)?)
        }
        AdminCommand::Quota { email, bytes } => {
            set_quota_as_operator(database, email, *bytes, now)
                .await
                .map_err(in_words)?;
            Ok(writeln!(
                std::io::stdout(),
                "{email} may store {bytes} bytes."
            )?)
        }
    })
}

fn print_link(config: &Config, made: HandedOver) -> anyhow::Result<()> {
    let until = made.expires_at.format(&Rfc3339)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}{}", config.public_url(), made.path)?;
    writeln!(out, "It works once, until {until}.")?;
    Ok(())
}

fn in_words(problem: Problem) -> anyhow::Error {
    let first = problem.fields.first().map(|field| field.detail.clone());
    match (problem.code, problem.cause()) {
        ("not_found", _) => anyhow!("there is no account with this e-mail address"),
        (_, Some(cause)) => anyhow!("{}: {cause:#}", problem.detail),
        _ => anyhow!(first.unwrap_or(problem.detail)),
    }
}
