//! Where a server listens, and how to connect to it there.

use std::path::PathBuf;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::{PgConnectOptions, PgSslMode};

/// A private socket directory where its path is short enough, else this machine's loopback address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Socket { dir: PathBuf, port: u16 },
    Loopback { port: u16 },
}

/// Who connects to which database.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Login<'a> {
    pub role: &'a str,
    pub password: &'a SecretString,
    pub database: &'a str,
}

impl Endpoint {
    pub fn connect_options(&self, login: Login<'_>) -> PgConnectOptions {
        let options = PgConnectOptions::new_without_pgpass()
            .username(login.role)
            .password(login.password.expose_secret())
            .database(login.database)
            .ssl_mode(PgSslMode::Disable);
        match self {
            Self::Socket { dir, port } => options.host("localhost").socket(dir).port(*port),
            Self::Loopback { port } => options.host("127.0.0.1").port(*port),
        }
    }

    /// A URL that sqlx and the PostgreSQL tools understand alike. It holds the password.
    pub fn url(&self, login: Login<'_>) -> SecretString {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let (role, password, database) = (
            encode(login.role),
            encode(login.password.expose_secret()),
            encode(login.database),
        );
        let url = match self {
            Self::Socket { dir, port } => {
                let dir = encode(&dir.to_string_lossy());
                format!(
                    "postgres://{role}:{password}@localhost:{port}/{database}?host={dir}&sslmode=disable"
                )
            }
            Self::Loopback { port } => {
                format!("postgres://{role}:{password}@127.0.0.1:{port}/{database}?sslmode=disable")
            }
        };
        SecretString::from(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_say_the_same_as_the_options() {
        let password = SecretString::from("p w");
        let login = Login {
            role: "docuvault_app",
            password: &password,
            database: "vault",
        };
        for endpoint in [
            Endpoint::Socket {
                dir: PathBuf::from("/var/my data/pg.run"),
                port: 5432,
            },
            Endpoint::Loopback { port: 40123 },
        ] {
            let parsed: PgConnectOptions = endpoint.url(login).expose_secret().parse().unwrap();
            let options = endpoint.connect_options(login);
            assert_eq!(parsed.get_socket(), options.get_socket());
            assert_eq!(parsed.get_port(), options.get_port());
            assert_eq!(parsed.get_username(), "docuvault_app");
            assert_eq!(parsed.get_database(), Some("vault"));
        }
    }
}
