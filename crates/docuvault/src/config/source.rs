//! The table of settings and where their values come from.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use secrecy::SecretString;

/// One thing that can be set.
pub struct Setting {
    pub name: &'static str,
    /// `None`: unset unless given.
    pub default: Option<&'static str>,
    pub secret: bool,
    pub what: &'static str,
}

const fn setting(name: &'static str, default: &'static str, what: &'static str) -> Setting {
    Setting {
        name,
        default: Some(default),
        secret: false,
        what,
    }
}

const fn unset(name: &'static str, secret: bool, what: &'static str) -> Setting {
    Setting {
        name,
        default: None,
        secret,
        what,
    }
}

/// All settings, in the order of the reference page.
pub const SETTINGS: [Setting; 32] = [
    setting(
        "DOCUVAULT_ADDR",
        "127.0.0.1:8080",
        "Address and port to listen on.",
    ),
    unset(
        "DOCUVAULT_PUBLIC_URL",
        false,
        "Where browsers reach the vault, such as `https://vault.example.org`. Default: the address above over http.",
    ),
    setting(
        "DOCUVAULT_TRUSTED_PROXIES",
        "",
        "Addresses and networks, separated by commas, whose `X-Forwarded-For` is believed, such as `127.0.0.1,10.0.0.0/8`.",
    ),
    setting(
        "DOCUVAULT_DATA_DIR",
        "./data",
        "Holds the private PostgreSQL, the keys and the objects.",
    ),
    unset(
        "DOCUVAULT_SETUP_TOKEN",
        true,
        "Preset token for creating the first account. Default: one is made and printed at start.",
    ),
    unset(
        "DATABASE_URL",
        true,
        "PostgreSQL login as `docuvault_app`. Default: a private PostgreSQL in the data directory.",
    ),
    unset(
        "DATABASE_MIGRATE_URL",
        true,
        "PostgreSQL login as `docuvault_migrate`; read by `docuvault migrate` only.",
    ),
    setting(
        "DOCUVAULT_DATABASE_CONNECTIONS",
        "16",
        "Connections that requests may use at once.",
    ),
    unset(
        "DOCUVAULT_POSTGRES_BIN_DIR",
        false,
        "Where `initdb` and `postgres` are, for the private PostgreSQL. Default: searched for.",
    ),
    unset(
        "DOCUVAULT_MASTER_KEY_FILE",
        false,
        "File with the master key (64 hexadecimal digits, mode 0600). Default: `secrets/master.key` in the data directory.",
    ),
    setting(
        "DOCUVAULT_ACCESS_TOKEN_SECONDS",
        "600",
        "Life of an access token, in seconds.",
    ),
    setting(
        "DOCUVAULT_SESSION_IDLE_DAYS",
        "14",
        "Days after which an unused session ends.",
    ),
    setting(
        "DOCUVAULT_SESSION_ABSOLUTE_DAYS",
        "90",
        "Days after which any session ends.",
    ),
    setting(
        "DOCUVAULT_REFRESH_GRACE_SECONDS",
        "10",
        "Seconds in which a repeated refresh gets the same answer (0 to 60).",
    ),
    setting(
        "DOCUVAULT_PASSWORD_MEMORY_KIB",
        "19456",
        "Memory one password hash takes, in KiB.",
    ),
    setting(
        "DOCUVAULT_REGISTRATION",
        "invite",
        "Who may sign up: `open` (anyone), `invite` (who was invited) or `closed`.",
    ),
    setting(
        "DOCUVAULT_REQUIRE_TOTP",
        "none",
        "Who must use a second factor: `none`, `admins` or `all`.",
    ),
    setting(
        "DOCUVAULT_TRIES_PER_ACCOUNT",
        "10",
        "Sign-ins that may be tried in a row at one account from unknown devices; after that one every 30 seconds.",
    ),
    setting(
        "DOCUVAULT_TRIES_PER_NETWORK",
        "60",
        "Passwords, links and invites that may be tried in a row from one network; after that one every 2 seconds.",
    ),
    setting(
        "DOCUVAULT_QUOTA_BYTES",
        "10737418240",
        "Quota of a new user, in bytes.",
    ),
    setting(
        "DOCUVAULT_MAX_FILE_BYTES",
        "5368709120",
        "Largest file, in bytes.",
    ),
    setting(
        "DOCUVAULT_UPLOAD_TTL_SECONDS",
        "900",
        "Seconds in which an upload must start; its URL then expires.",
    ),
    setting(
        "DOCUVAULT_SWEEP_GRACE_SECONDS",
        "3600",
        "Seconds after that until an abandoned upload is swept.",
    ),
    setting(
        "DOCUVAULT_TRASH_DAYS",
        "30",
        "Days a document stays in the trash.",
    ),
    unset(
        "DOCUVAULT_EXTRACT_PROGRAM",
        false,
        "Path of `docuvault-extract`. Default: beside `docuvault`, else on PATH.",
    ),
    setting(
        "DOCUVAULT_OCR_LANGUAGES",
        "eng+deu",
        "tesseract languages to read scans with; those not installed are left out.",
    ),
    setting(
        "DOCUVAULT_READING_CONCURRENCY",
        "2",
        "Documents that are read at once.",
    ),
    unset(
        "DOCUVAULT_SMTP_URL",
        true,
        "Mail server, such as `smtp://user:password@mail.example.org:587` (with STARTTLS) or `smtps://…:465`. Default: mail is written to files.",
    ),
    unset(
        "DOCUVAULT_MAIL_FROM",
        false,
        "Sender of mail. Default: `DocuVault <docuvault@…>` at the host of the public address.",
    ),
    unset(
        "DOCUVAULT_MAIL_DIR",
        false,
        "Where mail is written when there is no mail server. Default: `mail` in the data directory.",
    ),
    setting(
        "DOCUVAULT_LOG",
        "info,sqlx=warn",
        "Log filter, such as `info,docuvault=debug`.",
    ),
    setting("DOCUVAULT_LOG_FORMAT", "text", "`text` or `json`."),
];

/// Names that steer the configuration itself.
const CONFIG_FILE: &str = "DOCUVAULT_CONFIG";

#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("there is no setting {name}; did you mean {nearest}?")]
    Unknown { name: String, nearest: &'static str },
    #[error("{name} cannot be {why}")]
    Invalid { name: &'static str, why: String },
    #[error("cannot read {path}, named by {name}: {source}")]
    File {
        name: String,
        path: PathBuf,
        source: io::Error,
    },
    #[error("{path} is not valid TOML: {message}")]
    Toml { path: PathBuf, message: String },
}

/// Values by full name, environment over file.
pub struct Source(BTreeMap<&'static str, String>);

impl Source {
    pub fn from_environment() -> Result<Self, SettingsError> {
        let file = std::env::var_os(CONFIG_FILE).map(PathBuf::from);
        let ours = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, value)| {
                (name.starts_with("DOCUVAULT_") || name.starts_with("DATABASE_"))
                    && name != CONFIG_FILE
                    && !value.is_empty()
            });
        Self::from_pairs(ours, file.as_deref())
    }

    /// `pairs` are environment variables; `file` is a TOML file whose keys are the names in lower case without `DOCUVAULT_`.
    pub fn from_pairs(
        pairs: impl Iterator<Item = (String, String)>,
        file: Option<&Path>,
    ) -> Result<Self, SettingsError> {
        let mut values = BTreeMap::new();
        if let Some(path) = file {
            for (key, value) in read_toml(path)? {
                let name =
                    if key.starts_with("database_url") || key.starts_with("database_migrate_url") {
                        key.to_uppercase()
                    } else {
                        format!("DOCUVAULT_{}", key.to_uppercase())
                    };
                insert(&mut values, name, value)?;
            }
        }
        for (name, value) in pairs {
            insert(&mut values, name, value)?;
        }
        Ok(Self(values))
    }

    pub fn optional(&self, name: &'static str) -> Result<Option<String>, SettingsError> {
        Ok(self.0.get(name).cloned().or_else(|| {
            SETTINGS
                .iter()
                .find(|setting| setting.name == name)?
                .default
                .map(str::to_owned)
        }))
    }

    pub fn required(&self, name: &'static str) -> Result<String, SettingsError> {
        self.optional(name)?.ok_or(SettingsError::Invalid {
            name,
            why: "left out".to_owned(),
        })
    }

    pub fn secret(&self, name: &'static str) -> Result<Option<SecretString>, SettingsError> {
        Ok(self.optional(name)?.map(SecretString::from))
    }

    pub fn path(&self, name: &'static str) -> Result<Option<PathBuf>, SettingsError> {
        Ok(self.optional(name)?.map(PathBuf::from))
    }

    pub fn parsed<T: FromStr<Err: std::fmt::Display>>(
        &self,
        name: &'static str,
    ) -> Result<T, SettingsError> {
        let value = self.required(name)?;
        value.parse().map_err(|error| SettingsError::Invalid {
            name,
            why: format!("{value:?}: {error}"),
        })
    }

    pub fn seconds(&self, name: &'static str) -> Result<Duration, SettingsError> {
        self.parsed::<u32>(name)
            .map(|seconds| Duration::from_secs(u64::from(seconds)))
    }

    pub fn days(&self, name: &'static str) -> Result<Duration, SettingsError> {
        self.parsed::<u32>(name)
            .map(|days| Duration::from_secs(u64::from(days) * 24 * 60 * 60))
    }

    pub fn one_of(&self, name: &'static str, choices: &[&str]) -> Result<String, SettingsError> {
        let value = self.required(name)?;
        if choices.contains(&value.as_str()) {
            Ok(value)
        } else {
            Err(SettingsError::Invalid {
                name,
                why: format!("{value:?}: choose one of {}", choices.join(", ")),
            })
        }
    }
}

fn insert(
    values: &mut BTreeMap<&'static str, String>,
    name: String,
    value: String,
) -> Result<(), SettingsError> {
    if let Some(setting) = SETTINGS.iter().find(|setting| setting.name == name) {
        values.insert(setting.name, value);
        return Ok(());
    }
    let from_file = name.strip_suffix("_FILE").and_then(|base| {
        SETTINGS
            .iter()
            .find(|setting| setting.secret && setting.name == base)
    });
    if let Some(setting) = from_file {
        let path = PathBuf::from(value);
        let secret = fs::read_to_string(&path).map_err(|source| SettingsError::File {
            name,
            path,
            source,
        })?;
        values.insert(setting.name, secret.trim_end().to_owned());
        return Ok(());
    }
    // Other programs have settings of this family too (DATABASE_NAME and such): only our own prefix is held to the table.
    if !name.starts_with("DOCUVAULT_") {
        return Ok(());
    }
    let nearest = SETTINGS
        .iter()
        .map(|setting| setting.name)
        .max_by(|a, b| strsim::jaro(a, &name).total_cmp(&strsim::jaro(b, &name)));
    Err(SettingsError::Unknown {
        name,
        nearest: nearest.unwrap_or(CONFIG_FILE),
    })
}

fn read_toml(path: &Path) -> Result<Vec<(String, String)>, SettingsError> {
    let text = fs::read_to_string(path).map_err(|source| SettingsError::File {
        name: CONFIG_FILE.to_owned(),
        path: path.to_owned(),
        source,
    })?;
    let table: toml::Table =
        text.parse()
            .map_err(|error: toml::de::Error| SettingsError::Toml {
                path: path.to_owned(),
                message: error.message().to_owned(),
            })?;
    Ok(table
        .into_iter()
        .map(|(key, value)| match value {
            toml::Value::String(text) => (key, text),
            other => (key, other.to_string()),
        })
        .collect())
}

/// The reference page, `docs/reference/configuration.md`.
pub fn settings_table() -> String {
    let mut page = String::from(
        "# Settings\n\nEvery setting is an environment variable, or a line in the TOML file that `DOCUVAULT_CONFIG` names (the same name in lower case\n\
         without `DOCUVAULT_`, such as `quota_bytes = 5368709120`). Secrets can also be read from a file: add `_FILE` to the name. An unknown\n\
         `DOCUVAULT_*` name stops the start, with the nearest known one.\n\n| name | default | what |\n| --- | --- | --- |\n",
    );
    for setting in &SETTINGS {
        let default = setting
            .default
            .filter(|value| !value.is_empty())
            .map_or_else(|| "(unset)".to_owned(), |value| format!("`{value}`"));
        let file = if setting.secret {
            " A secret: `_FILE` works too."
        } else {
            ""
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            page,
            "| `{}` | {default} | {}{file} |",
            setting.name, setting.what
        );
    }
    page
}
