//! How many passwords a second the argon2 crate alone checks on all cores: what `bench/login` compares the vault with.
//! Arguments: memory of one hash in KiB, seconds. Prints one number.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::Context;
use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};

const PASSWORD: &[u8] = b"benchmark-password";
/// The vault's own.
const PASSES: u32 = 2;

#[expect(clippy::print_stdout, reason = "the result is for whoever asked")]
fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let memory_kib: u32 = arguments.next().context("memory in KiB")?.parse()?;
    let seconds: u64 = arguments.next().context("seconds")?.parse()?;
    let params =
        Params::new(memory_kib, PASSES, 1, None).map_err(|error| anyhow::anyhow!("{error}"))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let phc = argon2
        .hash_password(PASSWORD)
        .map_err(|error| anyhow::anyhow!("{error}"))?
        .to_string();

    let cores = thread::available_parallelism()?.get();
    let began = Instant::now();
    let ends = began + Duration::from_secs(seconds);
    let checked: u64 = thread::scope(|scope| {
        let workers: Vec<_> = (0..cores)
            .map(|_| scope.spawn(|| check_until(ends, &argon2, &phc)))
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_default())
            .sum()
    });
    println!("{:.2}", checked as f64 / began.elapsed().as_secs_f64());
    Ok(())
}

/// How often the right password was found right.
fn check_until(ends: Instant, argon2: &Argon2<'_>, phc: &str) -> u64 {
    let mut checked = 0;
    while Instant::now() < ends {
        let right = PasswordHash::new(phc)
            .is_ok_and(|hash| argon2.verify_password(PASSWORD, &hash).is_ok());
        checked += u64::from(right);
    }
    checked
}
