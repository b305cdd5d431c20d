//! The token that makes the first account.

use anyhow::Context;
use secrecy::SecretString;

use crate::{config::Config, crypto::private_file};

/// The preset token, else one kept in a file, so that every process and every start knows the same.
pub fn setup_token(config: &Config) -> anyhow::Result<SecretString> {
    if let Some(token) = &config.setup_token {
        return Ok(token.clone());
    }
    let path = config.data.dir.join("secrets/setup-token");
    if !path.exists() {
        private_file::make_once(&path, random()?.as_bytes()).with_context(|| {
            format!(
                "cannot keep a setup token in {}: set DOCUVAULT_SETUP_TOKEN_FILE",
                path.display()
            )
        })?;
    }
    let token = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read the setup token in {}", path.display()))?;
    Ok(token.trim().to_owned().into())
}

/// For a process in which nobody sets up anything: nobody knows it.
pub fn unknown_token() -> anyhow::Result<SecretString> {
    random().map(SecretString::from)
}

fn random() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    Ok(hex::encode(bytes))
}
