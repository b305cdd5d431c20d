//! argon2id on a bounded pool: a rush of logins waits its turn instead of taking all memory.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher as _, PasswordVerifier, Version,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    #[error("a password could not be hashed: {0}")]
    Hash(String),
    #[error("the hashing thread was lost")]
    Lost,
}

/// Cost of one hash: OWASP's and the argon2 crate's recommended 19 MiB, 2 passes, 1 lane unless configured higher.
#[derive(Debug, Clone, Copy)]
pub struct PasswordCost {
    pub memory_kib: u32,
    pub passes: u32,
}

impl Default for PasswordCost {
    fn default() -> Self {
        Self {
            memory_kib: 19 * 1024,
            passes: 2,
        }
    }
}

#[derive(Clone)]
pub struct PasswordHasher {
    places: Arc<Semaphore>,
    argon2: Argon2<'static>,
    /// What an unknown user's password is compared with, so that the answer takes as long.
    decoy: Arc<str>,
}

impl PasswordHasher {
    pub fn new(cost: PasswordCost) -> Result<Self, PasswordError> {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None)
            .map_err(|error| PasswordError::Hash(error.to_string()))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let decoy = hash_now(&argon2, "no user has this password")?;
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Ok(Self {
            places: Arc::new(Semaphore::new(cores)),
            argon2,
            decoy: decoy.into(),
        })
    }

    /// A PHC string for a new password.
    pub async fn hash(&self, password: SecretString) -> Result<String, PasswordError> {
        let argon2 = self.argon2.clone();
        self.run(move || hash_now(&argon2, password.expose_secret()))
            .await?
    }

    /// Whether `password` is the one behind `stored`; `None` (no such user) costs the same and is never right.
    pub async fn verify(
        &self,
        password: SecretString,
        stored: Option<String>,
    ) -> Result<bool, PasswordError> {
        let argon2 = self.argon2.clone();
        let known = stored.is_some();
        let phc = stored.unwrap_or_else(|| self.decoy.to_string());
        self.run(move || {
            let matches = PasswordHash::new(&phc).is_ok_and(|hash| {
                argon2
                    .verify_password(password.expose_secret().as_bytes(), &hash)
                    .is_ok()
            });
            matches && known
        })
        .await
    }

    /// Whether a stored hash was made at another cost than is configured now. A hash that cannot be read is left as it is.
    pub fn is_outdated(&self, stored: &str) -> bool {
        let wanted = self.argon2.params();
        PasswordHash::new(stored)
            .ok()
            .and_then(|hash| Params::try_from(&hash).ok())
            .is_some_and(|found| {
                found.m_cost() < wanted.m_cost()
                    || found.t_cost() < wanted.t_cost()
                    || found.p_cost() != wanted.p_cost()
            })
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let place = Arc::clone(&self.places)
            .acquire_owned()
            .await
            .map_err(|_| PasswordError::Lost)?;
        tokio::task::spawn_blocking(move || {
            let _place = place;
            work()
        })
        .await
        .map_err(|_| PasswordError::Lost)
    }
}

fn hash_now(argon2: &Argon2<'static>, password: &str) -> Result<String, PasswordError> {
    argon2
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| PasswordError::Hash(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn verifies_the_right_password_and_nothing_else() {
        let hasher = PasswordHasher::new(PasswordCost {
            memory_kib: 64,
            passes: 1,
        })
        .unwrap();
        let phc = hasher.hash("correct horse".into()).await.unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
        assert!(
            hasher
                .verify("correct horse".into(), Some(phc.clone()))
                .await
                .unwrap()
        );
        assert!(
            !hasher
                .verify("correct horsf".into(), Some(phc))
                .await
                .unwrap()
        );
        assert!(
            !hasher
                .verify("no user has this password".into(), None)
                .await
                .unwrap()
        );
        assert!(
            !hasher
                .verify("x".into(), Some("garbage".to_owned()))
                .await
                .unwrap()
        );
    }
}
