//! The acceptance test: before a store is trusted with URLs that strangers can read, everything is tried on it that must not work.
//!
//! Each check has an object of its own under the nil user, removed afterwards. What a forged write did is always asked of the store
//! with our own key: a refusal that stores is none. Forged requests go where clients go, to the public address, because a proxy there
//! may be what refuses them.

mod browsers;
mod catalog;
mod exchange;
mod ground;
mod keys_apart;
mod lengths;
mod own_key;
mod signatures;
mod unsigned_trailer;
mod write_once;

use std::fmt;

pub use catalog::{finding_ids, promises};

use self::ground::Ground;
use super::{S3Config, S3Features};

/// What the test needs to know of the vault.
#[derive(Debug, Clone, Default)]
pub struct AcceptanceOptions {
    /// The pages that will send and fetch: scheme, host and port. `None`: browsers are not tried.
    pub origin: Option<String>,
}

/// How a store did in one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Enforced,
    /// Something is missing that would be better to have; the vault does without.
    Lacking,
    /// Objects are not safe in this store.
    Unsafe,
    /// Something will not work.
    Broken,
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Enforced => "enforced",
            Self::Lacking => "lacking",
            Self::Unsafe => "unsafe",
            Self::Broken => "broken",
        })
    }
}

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Stable; what `DOCUVAULT_S3_ACCEPT` names.
    pub id: &'static str,
    /// How bad it is.
    pub verdict: Verdict,
    /// What was seen, as a sentence. No URL, no secret.
    pub what: String,
    /// What to do about it; empty where there is nothing to do.
    pub advice: String,
}

/// All results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// In the order in which they were tried.
    pub findings: Vec<Finding>,
    /// What the driver may rely on.
    pub features: S3Features,
    is_complete: bool,
}

impl Acceptance {
    fn cut_short(findings: Vec<Finding>) -> Self {
        Self {
            findings,
            features: S3Features::default(),
            is_complete: false,
        }
    }

    /// The findings for which no object should go into this store.
    pub fn unsafe_findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.verdict == Verdict::Unsafe)
    }

    /// Whether everything was tried. Where the vault's key or the clients' cannot do what they must, nothing is known of the rest, and
    /// nothing is to be stored.
    pub fn can_be_used(&self) -> bool {
        self.is_complete
    }
}

/// The store did not answer, or stopped answering, so nothing is known of it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the store could not be tested: {why}")]
pub struct Unreachable {
    why: String,
}

impl Unreachable {
    fn new(why: impl Into<String>) -> Self {
        Self { why: why.into() }
    }
}

/// Tries everything, some hundred small requests, and removes what it made. A store that is restarted meanwhile may lose what it had just
/// taken, which looks as if anyone could delete it: what is found unsafe must be found twice, or nothing is known of the store yet.
pub async fn test_store(
    config: &S3Config,
    options: &AcceptanceOptions,
) -> Result<Acceptance, Unreachable> {
    let found = test_once(config, options).await?;
    if found.unsafe_findings().next().is_none() {
        return Ok(found);
    }
    let again = test_once(config, options).await?;
    let ids = |acceptance: &Acceptance| -> Vec<&str> {
        let unsafe_findings = acceptance.unsafe_findings();
        unsafe_findings.map(|finding| finding.id).collect()
    };
    if ids(&found) == ids(&again) {
        Ok(again)
    } else {
        Err(Unreachable::new("it behaved differently the second time"))
    }
}

async fn test_once(
    config: &S3Config,
    options: &AcceptanceOptions,
) -> Result<Acceptance, Unreachable> {
    let ground = Ground::new(config.clone())?;
    let mut findings = Vec::new();
    let usable = own_key::check(&ground, &mut findings).await;
    ground.clear().await;
    if !usable? {
        return Ok(Acceptance::cut_short(findings));
    }
    let public = own_key::check_public_endpoint(&ground, &mut findings).await;
    ground.clear().await;
    let public = public?;
    // What cannot be reached from here is tried where we reach it: better a check in the wrong place than none.
    let ground = if public {
        ground
    } else {
        let inside = ground.moved_inside()?;
        let works = own_key::client_urls_work(&inside).await;
        if !matches!(works, Ok(true)) {
            inside.clear().await;
            return works.map(|_| Acceptance::cut_short(findings));
        }
        inside
    };
    let tested = try_as_client(&ground, public, options, &mut findings).await;
    ground.clear().await;
    tested.map(|features| Acceptance {
        findings,
        features,
        is_complete: true,
    })
}

async fn try_as_client(
    ground: &Ground,
    public: bool,
    options: &AcceptanceOptions,
    findings: &mut Vec<Finding>,
) -> Result<S3Features, Unreachable> {
    findings.extend(own_key::check_multipart(ground).await?);
    findings.extend(signatures::check(ground).await?);
    findings.extend(unsigned_trailer::check(ground).await?);
    findings.extend(lengths::check(ground).await?);
    let features = write_once::check(ground, findings).await?;
    findings.extend(keys_apart::check(ground).await?);
    if let Some(origin) = &options.origin {
        findings.push(browsers::check_scheme(ground, origin));
        if public {
            findings.extend(browsers::check(ground, origin, features).await?);
        }
    }
    // Whoever was locked out for trying so many wrong things would take every later refusal for the store's.
    ground.require_alive().await?;
    Ok(features)
}
