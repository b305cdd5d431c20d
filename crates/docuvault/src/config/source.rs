//! Where the values of settings come from: the environment, files for secrets, a TOML file.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use secrecy::SecretString;

use super::settings::SETTINGS;

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

    /// Whether it was set, to its default or otherwise.
    pub fn is_given(&self, name: &'static str) -> bool {
        self.0.contains_key(name)
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

    pub fn seconds_up_to(&self, name: &'static str, most: u32) -> Result<Duration, SettingsError> {
        let value = self.seconds(name)?;
        if value <= Duration::from_secs(u64::from(most)) {
            Ok(value)
        } else {
            Err(SettingsError::Invalid {
                name,
                why: format!("more than {most} seconds"),
            })
        }
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
