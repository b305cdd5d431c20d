//! Which stores are trusted with documents: those that passed the acceptance test, or whose faults the operator has accepted by name.

use anyhow::{Context, bail, ensure};
use docuvault_storage::{
    S3Config,
    s3::acceptance::{
        Acceptance, AcceptanceOptions, Finding, Unreachable, Verdict, finding_ids, test_store,
    },
};
use url::Url;

use crate::config::{Config, S3Settings};

/// The test of the store that the settings name.
pub struct StoreTest {
    store: S3Config,
    options: AcceptanceOptions,
    accepted: Vec<String>,
}

impl StoreTest {
    /// Refuses settings that no test could make good.
    pub fn new(config: &Config, s3: &S3Settings) -> anyhow::Result<Self> {
        let origin = origin(&config.public_url())?;
        for (name, address) in [
            ("DOCUVAULT_S3_ENDPOINT", &s3.store.endpoint),
            ("DOCUVAULT_S3_PUBLIC_ENDPOINT", &s3.store.public_endpoint),
        ] {
            ensure!(
                matches!(address.scheme(), "http" | "https") && address.has_host(),
                "{name} is not an address such as https://s3.example.org"
            );
        }
        ensure!(
            s3.store.public_origin() != origin,
            "the S3 store and the vault have the same address, {origin}: a stored file could act as the vault's own page. \
             Give the store a host name of its own and set DOCUVAULT_S3_PUBLIC_ENDPOINT to it"
        );
        if let Some(unknown) = s3
            .accepted_findings
            .iter()
            .find(|id| !finding_ids().contains(&id.as_str()))
        {
            bail!(
                "DOCUVAULT_S3_ACCEPT names {unknown:?}, which is no finding of the store's test; `docuvault doctor` lists them"
            );
        }
        Ok(Self {
            store: s3.store.clone(),
            options: AcceptanceOptions {
                origin: Some(origin),
            },
            accepted: s3.accepted_findings.clone(),
        })
    }

    pub async fn run(&self) -> Result<Acceptance, Unreachable> {
        test_store(&self.store, &self.options).await
    }

    /// Whether the operator has said to live with it.
    pub fn is_accepted(&self, finding: &Finding) -> bool {
        self.accepted.iter().any(|id| id == finding.id)
    }

    /// Logs what is not as it should be, and refuses a store in which documents are not safe.
    pub fn judge(&self, acceptance: &Acceptance) -> anyhow::Result<()> {
        for finding in &acceptance.findings {
            self.log(finding);
        }
        let refused: Vec<String> = acceptance
            .unsafe_findings()
            .filter(|finding| !self.is_accepted(finding))
            .map(|finding| format!("{} ({})", finding.id, finding.what))
            .collect();
        ensure!(
            refused.is_empty(),
            "refusing to use this S3 store, because documents would not be safe in it: {} \
             `docuvault doctor` says what to do; to live with one of them, name it in DOCUVAULT_S3_ACCEPT",
            refused.join("; ")
        );
        Ok(())
    }

    fn log(&self, finding: &Finding) {
        let Finding {
            id, what, advice, ..
        } = finding;
        match finding.verdict {
            Verdict::Enforced => {}
            Verdict::Lacking => tracing::info!(finding = id, advice, "the store's test: {what}"),
            _ if self.is_accepted(finding) => {
                tracing::warn!(
                    finding = id,
                    "the store's test, accepted in DOCUVAULT_S3_ACCEPT: {what}"
                );
            }
            Verdict::Unsafe | Verdict::Broken => {
                tracing::error!(finding = id, advice, "the store's test: {what}");
            }
        }
    }
}

/// Scheme, host and port.
fn origin(url: &str) -> anyhow::Result<String> {
    let url = Url::parse(url).context("DOCUVAULT_PUBLIC_URL is not an address")?;
    Ok(url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Source;

    fn new(settings: &[(&str, &str)]) -> Result<(), String> {
        let usual = [
            ("DOCUVAULT_PUBLIC_URL", "https://vault.example.org"),
            ("DOCUVAULT_S3_ENDPOINT", "http://10.0.0.5:9000"),
            ("DOCUVAULT_S3_BUCKET", "vault"),
            ("DOCUVAULT_S3_ACCESS_KEY", "key"),
            ("DOCUVAULT_S3_SECRET_KEY", "secret"),
        ];
        let pairs = usual.iter().chain(settings);
        let source = Source::from_pairs(
            pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
            None,
        )
        .unwrap();
        let config = Config::from_source(&source).unwrap();
        let s3 = config.s3.clone().unwrap();
        StoreTest::new(&config, &s3)
            .map(drop)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn sec_obj_07_a_store_at_the_vaults_own_address_is_refused() {
        assert!(new(&[]).is_ok());
        for same in [
            "https://vault.example.org",
            "https://VAULT.example.org:443/",
        ] {
            let error = new(&[("DOCUVAULT_S3_PUBLIC_ENDPOINT", same)]).unwrap_err();
            assert!(error.contains("DOCUVAULT_S3_PUBLIC_ENDPOINT"), "{error}");
        }
        for other in [
            "https://s3.vault.example.org",
            "https://vault.example.org:9000",
        ] {
            assert!(
                new(&[("DOCUVAULT_S3_PUBLIC_ENDPOINT", other)]).is_ok(),
                "{other}"
            );
        }
        let by_host = [
            ("DOCUVAULT_S3_PUBLIC_ENDPOINT", "https://example.org"),
            ("DOCUVAULT_S3_PATH_STYLE", "false"),
        ];
        assert!(
            new(&by_host).is_err(),
            "the bucket's name is part of the host"
        );
    }

    #[test]
    fn only_findings_that_exist_can_be_accepted() {
        assert!(new(&[("DOCUVAULT_S3_ACCEPT", "unsigned-copy, clock")]).is_ok());
        let error = new(&[("DOCUVAULT_S3_ACCEPT", "unsigned-copy,everything")]).unwrap_err();
        assert!(error.contains("\"everything\""), "{error}");
    }

    #[test]
    fn a_store_is_reached_by_http() {
        let error = new(&[("DOCUVAULT_S3_ENDPOINT", "ftp://s3.example.org")]).unwrap_err();
        assert!(error.contains("DOCUVAULT_S3_ENDPOINT"), "{error}");
    }
}
