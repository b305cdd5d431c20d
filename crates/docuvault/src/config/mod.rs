//! What can be set, and how: environment, `NAME_FILE` for secrets, or a TOML file; one typed struct per concern.

mod allowed_hosts;
mod s3;
mod settings;
mod source;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use secrecy::SecretString;

use crate::http::{client_ip::TrustedProxies, limits::HttpLimits};

pub use allowed_hosts::AllowedHosts;
pub use s3::S3Settings;
pub use settings::{SETTINGS, Setting, settings_table};
pub use source::{SettingsError, Source};

/// Everything the program was told.
#[derive(Clone)]
pub struct Config {
    pub http: HttpConfig,
    pub management: ManagementConfig,
    pub data: DataConfig,
    pub s3: Option<S3Settings>,
    pub database: DatabaseConfig,
    pub sessions: SessionConfig,
    pub accounts: AccountsConfig,
    pub limits: Limits,
    pub reading: ReadingConfig,
    pub ai: AiConfig,
    pub mail: MailConfig,
    pub log: LogConfig,
    /// Preset for the first account's setup; otherwise one is made and printed.
    pub setup_token: Option<SecretString>,
}

#[derive(Debug, Clone)]
pub struct HttpConfig {
    pub addr: SocketAddr,
    /// Where browsers reach the vault, without a trailing slash. Decides cookie attributes and the Origin that may refresh.
    pub public_url: Option<String>,
    pub trusted_proxies: TrustedProxies,
    /// Between the signal to stop and the end of accepting requests.
    pub drain: Duration,
    /// Not a setting.
    pub limits: HttpLimits,
}

/// Where health and metrics are told to whoever runs the vault.
#[derive(Debug, Clone)]
pub struct ManagementConfig {
    /// `None`: nowhere.
    pub addr: Option<SocketAddr>,
    /// By default every process tries the same address, and the first one gets it; who asked for one must get it.
    pub is_chosen: bool,
}

#[derive(Debug, Clone)]
pub struct DataConfig {
    /// Holds the private PostgreSQL (`pg`), the keys (`secrets`) and the objects (`objects`).
    pub dir: PathBuf,
    pub master_key_file: Option<PathBuf>,
}

#[derive(Clone)]
pub struct DatabaseConfig {
    /// Login as docuvault_app. Unset: the private PostgreSQL is used.
    pub url: Option<SecretString>,
    /// Login as docuvault_migrate; read by `docuvault migrate` only.
    pub migrate_url: Option<SecretString>,
    pub max_connections: u32,
    pub postgres_bin_dir: Option<PathBuf>,
}

#[derive(Debug, Clone)]
pub struct SessionConfig {
    pub access_token_ttl: Duration,
    pub idle_ttl: Duration,
    pub absolute_ttl: Duration,
    /// How long a repeat of the previous refresh token gets the same successor.
    pub refresh_grace: Duration,
    pub password_memory_kib: u32,
}

/// Who may sign up, by what they sign in, and how often it may be tried.
#[derive(Debug, Clone)]
pub struct AccountsConfig {
    pub registration: Registration,
    pub require_totp: RequireTotp,
    pub tries_per_account: u32,
    pub tries_per_network: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    Open,
    Invite,
    Closed,
}

/// Whose accounts do nothing until they have a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequireTotp {
    None,
    Admins,
    All,
}

#[derive(Debug, Clone)]
pub struct Limits {
    /// Quota of a new user.
    pub quota_bytes: i64,
    pub max_file_bytes: i64,
    /// How long an upload may take before its promise is taken back.
    pub upload_ttl: Duration,
    /// How much later than its expiry an upload is swept, so that no transfer still under way is cut.
    pub sweep_grace: Duration,
    pub trash_ttl: Duration,
    /// How long after their last reading a document's bytes are read again; `None`: never.
    pub verify_after: Option<Duration>,
}

#[derive(Debug, Clone)]
pub struct ReadingConfig {
    pub program: Option<PathBuf>,
    /// tesseract names, such as `eng`, `deu`.
    pub ocr_languages: Vec<String>,
    /// How many documents are read at once.
    pub concurrency: usize,
}

#[derive(Debug, Clone)]
pub struct AiConfig {
    pub allowed_hosts: AllowedHosts,
}

#[derive(Clone)]
pub struct MailConfig {
    /// Unset: mail is written to `dir`.
    pub smtp_url: Option<SecretString>,
    /// Unset: DocuVault at the host of the public address.
    pub from: Option<String>,
    pub dir: PathBuf,
}

#[derive(Debug, Clone)]
pub struct LogConfig {
    pub filter: String,
    pub json: bool,
}

impl Config {
    /// Reads the environment and the configuration file it names. Unknown names are refused with the nearest known one.
    pub fn load() -> Result<Self, SettingsError> {
        Self::from_source(&Source::from_environment()?)
    }

    pub fn from_source(source: &Source) -> Result<Self, SettingsError> {
        let dir: PathBuf = source
            .path("DOCUVAULT_DATA_DIR")?
            .unwrap_or_else(|| PathBuf::from("./data"));
        let mail_dir = source
            .path("DOCUVAULT_MAIL_DIR")?
            .unwrap_or_else(|| dir.join("mail"));
        Ok(Self {
            http: HttpConfig {
                addr: source.parsed("DOCUVAULT_ADDR")?,
                public_url: source
                    .optional("DOCUVAULT_PUBLIC_URL")?
                    .map(|url| url.trim_end_matches('/').to_owned()),
                trusted_proxies: source.parsed("DOCUVAULT_TRUSTED_PROXIES")?,
                drain: source.seconds_up_to("DOCUVAULT_DRAIN_SECONDS", 600)?,
                limits: HttpLimits::default(),
            },
            management: ManagementConfig {
                addr: match source.required("DOCUVAULT_MANAGEMENT_ADDR")?.as_str() {
                    "off" => None,
                    _ => Some(source.parsed("DOCUVAULT_MANAGEMENT_ADDR")?),
                },
                is_chosen: source.is_given("DOCUVAULT_MANAGEMENT_ADDR"),
            },
            data: DataConfig {
                dir,
                master_key_file: source.path("DOCUVAULT_MASTER_KEY_FILE")?,
            },
            s3: s3::read(source)?,
            database: DatabaseConfig {
                url: source.secret("DATABASE_URL")?,
                migrate_url: source.secret("DATABASE_MIGRATE_URL")?,
                max_connections: source.parsed("DOCUVAULT_DATABASE_CONNECTIONS")?,
                postgres_bin_dir: source.path("DOCUVAULT_POSTGRES_BIN_DIR")?,
            },
            sessions: SessionConfig {
                access_token_ttl: source.seconds("DOCUVAULT_ACCESS_TOKEN_SECONDS")?,
                idle_ttl: source.days("DOCUVAULT_SESSION_IDLE_DAYS")?,
                absolute_ttl: source.days("DOCUVAULT_SESSION_ABSOLUTE_DAYS")?,
                refresh_grace: source.seconds_up_to("DOCUVAULT_REFRESH_GRACE_SECONDS", 60)?,
                password_memory_kib: source.parsed("DOCUVAULT_PASSWORD_MEMORY_KIB")?,
            },
            accounts: AccountsConfig {
                registration: match source
                    .one_of("DOCUVAULT_REGISTRATION", &["open", "invite", "closed"])?
                    .as_str()
                {
                    "open" => Registration::Open,
                    "closed" => Registration::Closed,
                    _ => Registration::Invite,
                },
                require_totp: match source
                    .one_of("DOCUVAULT_REQUIRE_TOTP", &["none", "admins", "all"])?
                    .as_str()
                {
                    "admins" => RequireTotp::Admins,
                    "all" => RequireTotp::All,
                    _ => RequireTotp::None,
                },
                tries_per_account: source.parsed("DOCUVAULT_TRIES_PER_ACCOUNT")?,
                tries_per_network: source.parsed("DOCUVAULT_TRIES_PER_NETWORK")?,
            },
            limits: Limits {
                quota_bytes: source.parsed("DOCUVAULT_QUOTA_BYTES")?,
                max_file_bytes: source.parsed("DOCUVAULT_MAX_FILE_BYTES")?,
                upload_ttl: source.seconds("DOCUVAULT_UPLOAD_TTL_SECONDS")?,
                sweep_grace: source.seconds("DOCUVAULT_SWEEP_GRACE_SECONDS")?,
                trash_ttl: source.days("DOCUVAULT_TRASH_DAYS")?,
                verify_after: Some(source.days("DOCUVAULT_VERIFY_DAYS")?)
                    .filter(|after| !after.is_zero()),
            },
            reading: ReadingConfig {
                program: source.path("DOCUVAULT_EXTRACT_PROGRAM")?,
                ocr_languages: source
                    .required("DOCUVAULT_OCR_LANGUAGES")?
                    .split(['+', ','])
                    .map(|name| name.trim().to_owned())
                    .filter(|name| !name.is_empty())
                    .collect(),
                concurrency: source.parsed("DOCUVAULT_READING_CONCURRENCY")?,
            },
            ai: AiConfig {
                allowed_hosts: source.parsed("DOCUVAULT_AI_ALLOWED_HOSTS")?,
            },
            mail: MailConfig {
                smtp_url: source.secret("DOCUVAULT_SMTP_URL")?,
                from: source.optional("DOCUVAULT_MAIL_FROM")?,
                dir: mail_dir,
            },
            log: LogConfig {
                filter: source.required("DOCUVAULT_LOG")?,
                json: source.one_of("DOCUVAULT_LOG_FORMAT", &["text", "json"])? == "json",
            },
            setup_token: source.secret("DOCUVAULT_SETUP_TOKEN")?,
        })
    }

    /// Where browsers reach the vault: as configured, else the address it listens on.
    pub fn public_url(&self) -> String {
        self.http
            .public_url
            .clone()
            .unwrap_or_else(|| format!("http://{}", self.http.addr))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(pairs: &[(&str, &str)]) -> Result<Config, SettingsError> {
        Config::from_source(&Source::from_pairs(
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
            None,
        )?)
    }

    #[test]
    fn defaults_are_those_of_the_contract() {
        let config = load(&[]).unwrap();
        assert_eq!(config.http.addr.to_string(), "127.0.0.1:8080");
        assert_eq!(config.data.dir, PathBuf::from("./data"));
        assert!(config.database.url.is_none());
        assert_eq!(config.public_url(), "http://127.0.0.1:8080");
        let management = config.management;
        assert_eq!(management.addr.unwrap().to_string(), "127.0.0.1:9464");
        assert!(!management.is_chosen);
    }

    #[test]
    fn the_management_listener_can_be_elsewhere_or_nowhere() {
        let of =
            |value| load(&[("DOCUVAULT_MANAGEMENT_ADDR", value)]).map(|config| config.management);
        let chosen = of("0.0.0.0:9000").unwrap();
        assert_eq!(chosen.addr.unwrap().port(), 9000);
        assert!(chosen.is_chosen);
        assert!(of("off").unwrap().addr.is_none());
        assert!(of("9000").is_err());
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_nearest_known_one() {
        let message = load(&[("DOCUVAULT_ADRR", "x")]).err().unwrap().to_string();
        assert!(
            message.contains("DOCUVAULT_ADRR") && message.contains("DOCUVAULT_ADDR"),
            "{message}"
        );
    }

    #[test]
    fn a_bad_value_names_its_setting_and_not_a_secret() {
        let message = load(&[("DOCUVAULT_ADDR", "nowhere")])
            .err()
            .unwrap()
            .to_string();
        assert!(message.contains("DOCUVAULT_ADDR"), "{message}");
        assert!(load(&[("DOCUVAULT_LOG_FORMAT", "xml")]).is_err());
    }

    #[test]
    fn secrets_can_come_from_files_and_everything_from_a_toml_file() {
        use secrecy::ExposeSecret;
        let dir = tempfile::tempdir().unwrap();
        let secret = dir.path().join("token");
        std::fs::write(&secret, "from-a-file\n").unwrap();
        let config = load(&[("DOCUVAULT_SETUP_TOKEN_FILE", secret.to_str().unwrap())]).unwrap();
        assert_eq!(config.setup_token.unwrap().expose_secret(), "from-a-file");

        let file = dir.path().join("docuvault.toml");
        std::fs::write(&file, "addr = \"127.0.0.1:9\"\nquota_bytes = 5\n").unwrap();
        let source = Source::from_pairs(
            [("DOCUVAULT_QUOTA_BYTES".to_owned(), "6".to_owned())].into_iter(),
            Some(&file),
        )
        .unwrap();
        let config = Config::from_source(&source).unwrap();
        assert_eq!(
            (config.http.addr.port(), config.limits.quota_bytes),
            (9, 6),
            "the environment wins over the file"
        );
        std::fs::write(&file, "adr = 1\n").unwrap();
        assert!(Source::from_pairs(std::iter::empty(), Some(&file)).is_err());
    }
}
