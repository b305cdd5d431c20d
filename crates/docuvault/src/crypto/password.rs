//! argon2id on a bounded pool: a rush of logins waits its turn instead of taking all memory. Each place has its memory for good: to
//! ask the system for it anew costs half as much again as the hash.

use std::sync::{Arc, Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Block, Params, PasswordHash, PasswordHasher as _, Version};
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
    memory: Memory,
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
            memory: Memory::default(),
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
        let memory = self.memory.clone();
        let known = stored.is_some();
        let phc = stored.unwrap_or_else(|| self.decoy.to_string());
        self.run(move || {
            let mut blocks = memory.take();
            let matches = is_behind(password.expose_secret(), &phc, &mut blocks);
            memory.give_back(blocks);
            matches == Some(true) && known
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

/// Memory that hashes were computed in, for the next ones: as many pieces as there are places.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<Vec<Block>>>>);

impl Memory {
    fn take(&self) -> Vec<Block> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.pop().unwrap_or_default()
    }

    fn give_back(&self, blocks: Vec<Block>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(blocks);
    }
}

/// Whether `password` is the one behind the PHC string; `None` for what is no argon2id hash.
fn is_behind(password: &str, phc: &str, blocks: &mut Vec<Block>) -> Option<bool> {
    let stored = PasswordHash::new(phc).ok()?;
    let version = Version::try_from(stored.version?).ok()?;
    let params = Params::try_from(&stored).ok()?;
    if stored.algorithm != Algorithm::Argon2id.ident() {
        return None;
    }
    let needed = params.block_count();
    if blocks.len() < needed {
        blocks.resize(needed, Block::new());
    }
    let (salt, expected) = (stored.salt?, stored.hash?);
    let mut found = vec![0; expected.as_bytes().len()];
    Argon2::new(Algorithm::Argon2id, version, params)
        .hash_password_into_with_memory(
            password.as_bytes(),
            &salt,
            &mut found,
            &mut blocks[..needed],
        )
        .ok()?;
    Some(subtle::ConstantTimeEq::ct_eq(&found[..], expected.as_bytes()).into())
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
        for other in [
            "garbage",
            "",
            "$argon2id$v=19$m=64,t=1,p=1",
            "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$gtMsOGHrD7sMdTRuGWgkfyBGNWgbLfZJW8eyK5VkDRI",
            "$pbkdf2-sha256$i=600000$c29tZXNhbHQ$gtMsOGHrD7sMdTRuGWgkfyBGNWgbLfZJW8eyK5VkDRI",
        ] {
            assert!(
                !hasher
                    .verify("x".into(), Some(other.to_owned()))
                    .await
                    .unwrap(),
                "{other}"
            );
        }
    }

    /// Hashes of other costs in turns, each in memory that the one before has used.
    #[tokio::test]
    async fn memory_that_was_used_before_changes_no_verdict() {
        let of =
            |memory_kib, passes| PasswordHasher::new(PasswordCost { memory_kib, passes }).unwrap();
        let hasher = of(64, 1);
        let hashes = [
            of(64, 1).hash("first".into()).await.unwrap(),
            of(512, 2).hash("second".into()).await.unwrap(),
            of(32, 3).hash("third".into()).await.unwrap(),
        ];
        for _ in 0..2 {
            for (own, hash) in hashes.iter().enumerate() {
                for (typed, password) in ["first", "second", "third"].into_iter().enumerate() {
                    let right = hasher
                        .verify(password.into(), Some(hash.clone()))
                        .await
                        .unwrap();
                    assert_eq!(right, own == typed, "{password} against {hash}");
                }
            }
        }
    }
}
