//! The command line: one program, one file per command.

mod admin;
mod audit;
mod bootstrap;
mod doctor;
mod health;
mod keys;
mod log_line;
mod management;
mod migrate;
mod openapi;
mod private_postgres;
mod reconcile;
mod run_roles;
mod serve;
mod settings;
mod setup_token;
mod trusted_database;
mod with_database;

use clap::{Parser, Subcommand};

/// A self-hosted, privacy-first, multi-user document vault.
#[derive(Parser)]
#[command(name = "docuvault", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Everything in one process; with its own PostgreSQL unless DATABASE_URL is set (the default)
    Serve,
    /// Only the JSON API and the web UI
    Api,
    /// Only the streaming of bytes for stores that cannot sign URLs
    Gateway,
    /// Only the jobs
    Worker,
    /// Brings the database's schema up to date (DATABASE_MIGRATE_URL), then exits
    Migrate,
    /// How the process is that runs here, asked at its management address
    Health(health::HealthCommand),
    /// The keys that seal and sign: which there are, and changing them
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Invites someone, makes a link for a password, changes a quota
    #[command(subcommand)]
    Admin(admin::AdminCommand),
    /// Checks the trail of what happened
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Looks at settings, folders, keys, database, store, reading and mail, and says what to do; ends with an error when there is a problem
    Doctor(doctor::DoctorCommand),
    /// Compares the store with the tables, both ways, now; ends with an error when something is missing or damaged
    Reconcile {
        /// Reads every document's bytes again, too, and compares their checksums
        #[arg(long)]
        verify: bool,
    },
    /// Prints the OpenAPI document
    Openapi,
    /// Prints the settings page
    Settings,
}

/// Runs what the command line asks for. Ends with an error in words.
pub fn run() -> anyhow::Result<()> {
    let command = Cli::parse().command.unwrap_or(Command::Serve);
    match command {
        Command::Serve => serve::serve(),
        Command::Api => run_roles::run_alone(run_roles::Roles {
            api: true,
            ..run_roles::Roles::default()
        }),
        Command::Gateway => run_roles::run_alone(run_roles::Roles {
            gateway: true,
            ..run_roles::Roles::default()
        }),
        Command::Worker => run_roles::run_alone(run_roles::Roles {
            worker: true,
            ..run_roles::Roles::default()
        }),
        Command::Migrate => migrate::migrate(),
        Command::Health(command) => health::ask(&command),
        Command::Keys(command) => keys::run(&command),
        Command::Admin(command) => admin::run(command),
        Command::Audit(command) => audit::run(command),
        Command::Doctor(command) => doctor::run(&command),
        Command::Reconcile { verify } => reconcile::run(verify),
        Command::Openapi => openapi::print(),
        Command::Settings => settings::print(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_tree_is_sound() {
        super::Cli::command().debug_assert();
    }
}
