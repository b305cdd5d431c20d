//! What the caller decides: where the cluster lives, its database, its login roles.

use std::path::PathBuf;
use std::time::Duration;

use crate::StartError;

/// The cluster's superuser role.
pub const SUPERUSER: &str = "postgres";

/// What [`Cluster::start`](crate::Cluster::start) shall bring up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The cluster's data directory, such as `./data/pg`. Made when missing; its siblings `pg.lock`, `pg.log`, `pg.run` are ours too.
    pub data_dir: PathBuf,
    /// Where the passwords are kept, one `<role>.password` each, such as `./data/secrets`.
    pub secrets_dir: PathBuf,
    /// The directory of `initdb` and `postgres`; `None`: look for it.
    pub bin_dir: Option<PathBuf>,
    /// The database to have.
    pub database: String,
    /// The login role that owns the database.
    pub owner: String,
    /// Further login roles to have. Every login role gets a random 256-bit password.
    pub logins: Vec<String>,
    /// SQL run by the superuser in the database on every start, once the login roles exist. Must be idempotent.
    pub bootstrap_sql: String,
    /// False turns fsync off: quicker, and worthless after a power cut. For tests only.
    pub durable: bool,
    /// Server options (`name`, `value`) that go before our own choice.
    pub server_options: Vec<(String, String)>,
    /// How long the server may take to get ready. A recovery after a crash may take minutes.
    pub start_timeout: Duration,
    /// How long a fast shutdown may take before it is cut short (which costs a recovery at the next start, and no data).
    pub stop_timeout: Duration,
    /// Where the kernel lists its processes. Another place than `/proc` is for tests of systems without one.
    #[doc(hidden)]
    pub proc_dir: PathBuf,
}

impl Settings {
    /// A durable cluster in `data_dir` with one database and its owner.
    pub fn new(
        data_dir: impl Into<PathBuf>,
        secrets_dir: impl Into<PathBuf>,
        database: &str,
        owner: &str,
    ) -> Self {
        Self {
            data_dir: data_dir.into(),
            secrets_dir: secrets_dir.into(),
            bin_dir: None,
            database: database.to_owned(),
            owner: owner.to_owned(),
            logins: Vec::new(),
            bootstrap_sql: String::new(),
            durable: true,
            server_options: Vec::new(),
            start_timeout: Duration::from_mins(5),
            stop_timeout: Duration::from_mins(1),
            proc_dir: PathBuf::from("/proc"),
        }
    }

    /// All login roles, the owner first, each once.
    pub(crate) fn login_roles(&self) -> Vec<&str> {
        let mut roles = vec![self.owner.as_str()];
        for login in &self.logins {
            if !roles.contains(&login.as_str()) {
                roles.push(login);
            }
        }
        roles
    }

    /// Names go into SQL and file names as they are, so only plain ones are let in.
    pub(crate) fn check_names(&self) -> Result<(), StartError> {
        for name in self
            .login_roles()
            .into_iter()
            .chain([self.database.as_str()])
        {
            let plain = name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
            let starts_well =
                name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_');
            if !plain
                || !starts_well
                || name.len() > 63
                || name.starts_with("pg_")
                || name == SUPERUSER
            {
                return Err(StartError::BadName {
                    name: name.to_owned(),
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_are_let_in() {
        for (name, good) in [
            ("docuvault_app", true),
            ("_x9", true),
            ("", false),
            ("9x", false),
            ("Docu", false),
            ("a\"b", false),
            ("a/b", false),
            ("pg_read_all_data", false),
            (SUPERUSER, false),
            (&"a".repeat(64), false),
        ] {
            let settings = Settings::new("pg", "secrets", "vault", name);
            assert_eq!(settings.check_names().is_ok(), good, "{name:?}");
        }
    }

    #[test]
    fn the_owner_is_a_login_once() {
        let mut settings = Settings::new("pg", "secrets", "vault", "owner");
        settings.logins = vec!["app".to_owned(), "owner".to_owned(), "app".to_owned()];
        assert_eq!(settings.login_roles(), ["owner", "app"]);
    }
}
