//! Finds the PostgreSQL server programs of this machine.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use crate::StartError;
use crate::account::Account;
use crate::place::Place;

/// Views with `security_invoker`, which row-level security needs, came with this one.
pub(crate) const OLDEST_MAJOR: u32 = 15;

/// Directories that hold a `<version>/bin` or the like, where no PATH leads to.
const WELL_KNOWN: [(&str, &str, &str); 5] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

/// A directory with `initdb` and `postgres` of one version.
#[derive(Debug, Clone)]
pub(crate) struct Binaries {
    pub dir: PathBuf,
}

impl Binaries {
    /// The programs to use: `explicit` if given, else the first that fit. An existing cluster takes only its own major version.
    pub async fn find(
        explicit: Option<&Path>,
        data_major: Option<u32>,
        account: &Account,
        place: &Place,
    ) -> Result<Self, StartError> {
        let candidates = match explicit {
            Some(dir) => vec![dir.to_owned()],
            None => installed().await,
        };
        let mut found = Vec::new();
        for dir in candidates {
            let Some(dir) = real_dir(&dir) else {
                if explicit.is_some() {
                    let problem = "it does not hold both initdb and postgres".to_owned();
                    return Err(StartError::BinDirUnusable { dir, problem });
                }
                continue;
            };
            match major_of(&dir, account, place).await {
                Ok(major)
                    if major >= OLDEST_MAJOR && data_major.is_none_or(|wanted| wanted == major) =>
                {
                    return Ok(Self { dir });
                }
                Ok(major) => found.push(major),
                Err(error @ StartError::BinDirUnusable { .. }) if explicit.is_none() => {
                    tracing::debug!(%error, "passed over");
                }
                Err(error) => return Err(error),
            }
        }
        found.sort_unstable();
        found.dedup();
        Err(match data_major {
            Some(data_major) if data_major >= OLDEST_MAJOR => StartError::OtherMajor {
                data_dir: place.data_dir.clone(),
                data_major,
                available: found,
            },
            None if found.is_empty() => StartError::NoBinaries,
            _ => StartError::TooOld { found },
        })
    }

    pub fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}

/// Where programs may lie, the likeliest first.
async fn installed() -> Vec<PathBuf> {
    let mut dirs = Vec::new();
    if let Ok(output) = Command::new("pg_config")
        .arg("--bindir")
        .kill_on_drop(true)
        .output()
        .await
        && output.status.success()
    {
        dirs.push(PathBuf::from(
            String::from_utf8_lossy(&output.stdout).trim(),
        ));
    }
    dirs.extend(
        std::env::var_os("PATH")
            .iter()
            .flat_map(std::env::split_paths),
    );
    for (parent, prefix, bin) in WELL_KNOWN {
        let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(parent)
            .into_iter()
            .flatten()
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let name = entry.file_name().into_string().ok()?;
                Some((
                    version_in(name.strip_prefix(prefix)?),
                    entry.path().join(bin),
                ))
            })
            .collect();
        versions.sort();
        dirs.extend(versions.into_iter().rev().map(|(_, dir)| dir));
    }
    let mut seen = Vec::new();
    for dir in dirs.into_iter().filter_map(|dir| real_dir(&dir)) {
        if !seen.contains(&dir) {
            seen.push(dir);
        }
    }
    seen
}

/// The directory that the programs of `dir` are in once links are followed, which is where PostgreSQL looks for its other files.
fn real_dir(dir: &Path) -> Option<PathBuf> {
    let real = fs::canonicalize(dir.join("postgres"))
        .ok()?
        .parent()?
        .to_owned();
    let complete = ["postgres", "initdb"]
        .iter()
        .all(|program| real.join(program).is_file());
    complete.then_some(real)
}

/// Runs `postgres --version` just as the server will be run, which shows at once whether its user may get at the program
/// and at the place of the data.
async fn major_of(dir: &Path, account: &Account, place: &Place) -> Result<u32, StartError> {
    let program = dir.join("postgres");
    let unusable = |problem: String| StartError::BinDirUnusable {
        dir: dir.to_owned(),
        problem,
    };
    let output = match account
        .command(&program, &place.parent)
        .arg("--version")
        .kill_on_drop(true)
        .output()
        .await
    {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            return Err(match account.obstacle(&place.parent) {
                Some(dir) => StartError::NotSearchable {
                    dir,
                    account: account.name.clone(),
                },
                None => unusable(format!(
                    "{} may not run {}",
                    account.name,
                    program.display()
                )),
            });
        }
        Err(error) => {
            return Err(unusable(format!(
                "{} does not run: {error}",
                program.display()
            )));
        }
    };
    let text = String::from_utf8_lossy(&output.stdout);
    major_in(&text)
        .ok_or_else(|| unusable(format!("{} --version gives no version", program.display())))
}

/// 15 of `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn major_in(version_output: &str) -> Option<u32> {
    let version = version_output
        .split_whitespace()
        .skip_while(|word| *word != "(PostgreSQL)")
        .nth(1)?;
    Some(version_in(version)).filter(|major| *major > 0)
}

/// The number that `name` has first: 17 of `@17`, 18 of `18beta1`; 0 when there is none.
fn version_in(name: &str) -> u32 {
    let digits: String = name
        .chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn majors_are_read_from_the_version_line() {
        assert_eq!(
            major_in("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(major_in("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major_in("postgres (PostgreSQL) 9.6.24\n"), Some(9));
        assert_eq!(major_in("something else 15.1"), None);
        assert_eq!(
            (version_in("@17"), version_in("9.6"), version_in("")),
            (17, 9, 0)
        );
    }
}

#[cfg(test)]
mod choosing {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A directory with an `initdb` and a `postgres` that says it is `version`.
    fn fake(root: &Path, version: &str) -> PathBuf {
        let dir = root.join(version);
        fs::create_dir_all(&dir).unwrap();
        for program in ["initdb", "postgres"] {
            let path = dir.join(program);
            fs::write(
                &path,
                format!("#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n"),
            )
            .unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        dir
    }

    async fn find(version: &str, data_major: Option<u32>) -> Result<Binaries, StartError> {
        let root = tempfile::Builder::new()
            .permissions(fs::Permissions::from_mode(0o755))
            .tempdir()
            .unwrap();
        let place = Place::new(&root.path().join("data/pg")).unwrap();
        let account = Account::choose(&place).unwrap();
        Binaries::find(
            Some(&fake(root.path(), version)),
            data_major,
            &account,
            &place,
        )
        .await
    }

    #[tokio::test]
    async fn a_new_cluster_needs_a_recent_version() {
        assert!(find("15.0", None).await.is_ok());
        assert!(find("18rc1", None).await.is_ok());
        assert!(
            matches!(find("14.11", None).await, Err(StartError::TooOld { found }) if found == [14])
        );
    }

    #[tokio::test]
    async fn an_existing_cluster_takes_only_its_own_major() {
        assert!(find("16.3", Some(16)).await.is_ok());
        let refused = find("17.1", Some(16)).await.unwrap_err();
        assert!(
            matches!(&refused, StartError::OtherMajor { data_major: 16, available, .. } if *available == [17])
        );
        assert!(
            refused.to_string().contains("install PostgreSQL 16"),
            "{refused}"
        );
    }

    #[tokio::test]
    async fn an_explicit_directory_is_used_or_refused_but_never_replaced() {
        let root = tempfile::tempdir().unwrap();
        let place = Place::new(&root.path().join("pg")).unwrap();
        let account = Account::choose(&place).unwrap();
        let refused = Binaries::find(Some(root.path()), None, &account, &place)
            .await
            .unwrap_err();
        assert!(
            matches!(refused, StartError::BinDirUnusable { .. }),
            "{refused}"
        );
    }

    #[tokio::test]
    async fn this_machine_has_postgres_where_we_look() {
        let dirs = installed().await;
        assert!(
            !dirs.is_empty(),
            "the tests of this crate need a PostgreSQL"
        );
        assert!(dirs.iter().all(|dir| dir.join("initdb").is_file()));
    }
}
