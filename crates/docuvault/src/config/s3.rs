//! The settings of an S3 store.

use docuvault_storage::{S3Config, S3Keys};
use url::Url;

use super::{SettingsError, source::Source};

const LEAST_PART_BYTES: u64 = 5 * 1024 * 1024;

/// Where objects live when not on the local disk.
#[derive(Debug, Clone)]
pub struct S3Settings {
    pub store: S3Config,
    /// Findings of the store's test that the operator has accepted.
    pub accepted_findings: Vec<String>,
}

/// `None` when no S3 store is named at all.
pub(super) fn read(source: &Source) -> Result<Option<S3Settings>, SettingsError> {
    if source.optional("DOCUVAULT_S3_ENDPOINT")?.is_none() {
        return Ok(None);
    }
    let endpoint: Url = source.parsed("DOCUVAULT_S3_ENDPOINT")?;
    let public_endpoint = match source.optional("DOCUVAULT_S3_PUBLIC_ENDPOINT")? {
        Some(_) => source.parsed("DOCUVAULT_S3_PUBLIC_ENDPOINT")?,
        None => endpoint.clone(),
    };
    let part_size_bytes = source.parsed("DOCUVAULT_PART_BYTES")?;
    if part_size_bytes < LEAST_PART_BYTES {
        return Err(SettingsError::Invalid {
            name: "DOCUVAULT_PART_BYTES",
            why: format!("less than {LEAST_PART_BYTES}"),
        });
    }
    Ok(Some(S3Settings {
        store: S3Config {
            endpoint,
            public_endpoint,
            region: source.required("DOCUVAULT_S3_REGION")?,
            bucket: source.required("DOCUVAULT_S3_BUCKET")?,
            path_style: source.one_of("DOCUVAULT_S3_PATH_STYLE", &["true", "false"])? == "true",
            keys: keys(
                source,
                ["DOCUVAULT_S3_ACCESS_KEY", "DOCUVAULT_S3_SECRET_KEY"],
            )?
            .ok_or(SettingsError::Invalid {
                name: "DOCUVAULT_S3_ACCESS_KEY",
                why: "left out".to_owned(),
            })?,
            upload_keys: keys(
                source,
                [
                    "DOCUVAULT_S3_UPLOAD_ACCESS_KEY",
                    "DOCUVAULT_S3_UPLOAD_SECRET_KEY",
                ],
            )?,
            download_keys: keys(
                source,
                [
                    "DOCUVAULT_S3_DOWNLOAD_ACCESS_KEY",
                    "DOCUVAULT_S3_DOWNLOAD_SECRET_KEY",
                ],
            )?,
            part_size_bytes,
        },
        accepted_findings: source
            .required("DOCUVAULT_S3_ACCEPT")?
            .split(',')
            .map(|finding| finding.trim().to_owned())
            .filter(|finding| !finding.is_empty())
            .collect(),
    }))
}

/// Both halves or none.
fn keys(source: &Source, names: [&'static str; 2]) -> Result<Option<S3Keys>, SettingsError> {
    let [access, secret] = names;
    match (source.optional(access)?, source.secret(secret)?) {
        (None, None) => Ok(None),
        (Some(access_key), Some(secret_key)) => Ok(Some(S3Keys {
            access_key,
            secret_key,
        })),
        (found, _) => Err(SettingsError::Invalid {
            name: if found.is_none() { access } else { secret },
            why: "left out".to_owned(),
        }),
    }
}
