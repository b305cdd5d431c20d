//! One random password per role, each in a file that only its owner may read.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::{SUPERUSER, Settings, StartError};

/// 256 bits as hexadecimal digits, which need no quoting anywhere.
const PASSWORD_CHARS: usize = 64;

/// The passwords of the superuser and all login roles.
#[derive(Debug)]
pub(crate) struct Passwords {
    by_role: BTreeMap<String, SecretString>,
    superuser: SecretString,
}

impl Passwords {
    /// Reads the password files and makes those that are missing. Only the superuser's cannot be made anew once the cluster exists.
    pub fn load(settings: &Settings, cluster_exists: bool) -> Result<Self, StartError> {
        let dir = &settings.secrets_dir;
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)
            .map_err(StartError::io("make", dir))?;
        let superuser = match read(&file_of(settings, SUPERUSER))? {
            Some(password) => password,
            None if cluster_exists => {
                return Err(StartError::PasswordMissing {
                    file: file_of(settings, SUPERUSER),
                });
            }
            None => create(&file_of(settings, SUPERUSER))?,
        };
        let mut by_role = BTreeMap::new();
        for role in settings.login_roles() {
            let file = file_of(settings, role);
            let password = match read(&file)? {
                Some(password) => password,
                None => create(&file)?,
            };
            by_role.insert(role.to_owned(), password);
        }
        Ok(Self { by_role, superuser })
    }

    pub fn superuser(&self) -> &SecretString {
        &self.superuser
    }

    pub fn of(&self, role: &str) -> Option<&SecretString> {
        self.by_role.get(role)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &SecretString)> {
        self.by_role
            .iter()
            .map(|(role, password)| (role.as_str(), password))
    }
}

/// `<secrets_dir>/<role>.password`.
pub(crate) fn file_of(settings: &Settings, role: &str) -> PathBuf {
    settings.secrets_dir.join(format!("{role}.password"))
}

pub(crate) fn read(file: &Path) -> Result<Option<SecretString>, StartError> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StartError::io("read", file)(error)),
    };
    let password = text.trim_end();
    if password.len() != PASSWORD_CHARS || !password.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(StartError::BadPasswordFile {
            file: file.to_owned(),
        });
    }
    // A backup put back by hand may have lost its mode.
    fs::set_permissions(file, Permissions::from_mode(0o600))
        .map_err(StartError::io("set the mode of", file))?;
    Ok(Some(SecretString::from(password)))
}

/// Written aside, synced and renamed: a password that the cluster knows must not be lost with the power.
fn create(file: &Path) -> Result<SecretString, StartError> {
    let password = format!(
        "{:032x}{:032x}",
        rand::random::<u128>(),
        rand::random::<u128>()
    );
    let aside = file.with_extension("password.new");
    let write = || {
        let mut opened = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&aside)?;
        writeln!(opened, "{password}")?;
        opened.sync_all()?;
        fs::rename(&aside, file)?;
        file.parent()
            .map_or(Ok(()), |dir| File::open(dir)?.sync_all())
    };
    write().map_err(StartError::io("write", file))?;
    Ok(SecretString::from(password))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn settings(dir: &Path) -> Settings {
        Settings {
            logins: vec!["app".to_owned()],
            ..Settings::new(dir.join("pg"), dir.join("secrets"), "vault", "owner")
        }
    }

    #[test]
    fn passwords_are_random_private_and_lasting() {
        let dir = tempfile::tempdir().unwrap();
        let settings = settings(dir.path());
        let first = Passwords::load(&settings, false).unwrap();
        let second = Passwords::load(&settings, true).unwrap();
        let all: Vec<&str> = first
            .iter()
            .map(|(_, password)| password.expose_secret())
            .chain([first.superuser().expose_secret()])
            .collect();
        assert_eq!(all.len(), 3);
        assert!(all[0] != all[1] && all[1] != all[2] && all[0] != all[2]);
        assert_eq!(
            first.of("app").unwrap().expose_secret(),
            second.of("app").unwrap().expose_secret()
        );
        assert_eq!(
            first.superuser().expose_secret(),
            second.superuser().expose_secret()
        );
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&settings.secrets_dir), 0o700);
        assert_eq!(mode(&file_of(&settings, "app")), 0o600);
        assert!(!format!("{first:?}").contains(all[0]));
    }

    #[test]
    fn a_lost_superuser_password_is_told_and_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let settings = settings(dir.path());
        assert!(matches!(
            Passwords::load(&settings, true),
            Err(StartError::PasswordMissing { .. })
        ));
        assert!(!file_of(&settings, SUPERUSER).exists());
    }

    #[test]
    fn a_damaged_file_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let settings = settings(dir.path());
        Passwords::load(&settings, false).unwrap();
        fs::write(file_of(&settings, "app"), "").unwrap();
        assert!(matches!(
            Passwords::load(&settings, true),
            Err(StartError::BadPasswordFile { .. })
        ));
    }
}
