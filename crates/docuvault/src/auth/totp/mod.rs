//! The second factor: codes of an authenticator app (RFC 6238: SHA-1, six digits, 30 seconds), and recovery codes for when it is
//! lost. A code works once, and none older than the last one that was taken works at all.

mod confirm;
mod disable;
mod enrol;
mod recovery_codes;
mod show;
mod store;

use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use totp_rs::{Algorithm, Builder, Totp};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::AppState,
    audit,
    crypto::{
        SealedColumn,
        seal::{self, Place},
    },
    db::{UserId, UserTx},
    http::Problem,
    notifications::{self, Kind},
};

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(show::show, enrol::enrol, disable::disable))
        .routes(routes!(confirm::confirm))
        .routes(routes!(recovery_codes::renew))
}

const SEED_BYTES: usize = 20;
const STEP_SECONDS: u64 = 30;

/// What someone gives as their second factor.
pub enum Proof {
    Code(SecretString),
    RecoveryCode(SecretString),
}

impl Proof {
    /// The code wins where both were given; `None` where neither was.
    pub fn of(code: Option<SecretString>, recovery_code: Option<SecretString>) -> Option<Self> {
        code.map(Self::Code)
            .or(recovery_code.map(Self::RecoveryCode))
    }
}

/// Whether the proof is right; uses it up. Part of the caller's transaction: it must commit for the use to count.
pub async fn check(state: &AppState, tx: &mut UserTx, proof: &Proof) -> Result<bool, Problem> {
    match proof {
        Proof::Code(code) => check_code(state, tx, code, true).await,
        Proof::RecoveryCode(code) => {
            let hash = recovery_codes::hash(code);
            if !store::use_recovery_code(tx, &hash).await? {
                return Ok(false);
            }
            audit::record(tx, audit::Event::new("totp.recovery_code_used")).await?;
            notifications::notify(state, tx, Kind::RecoveryCodeUsed, serde_json::Map::new())
                .await?;
            Ok(true)
        }
    }
}

/// Takes a code of the step before, of this step or of the next, once.
async fn check_code(
    state: &AppState,
    tx: &mut UserTx,
    code: &SecretString,
    confirmed: bool,
) -> Result<bool, Problem> {
    let Some(secret) = store::find_secret(tx, confirmed).await? else {
        return Ok(false);
    };
    let seed = seal::open(
        state.keys(),
        &seed_place(tx.user(), &secret.user_salt),
        &secret.seed_sealed,
    )
    .map_err(Problem::internal)?;
    let generator = generator(&seed, "")?;
    let typed: String = code
        .expose_secret()
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    match matching_step(&generator, &typed, state.now().unix_timestamp()) {
        Some(step) => store::take_step(tx, step).await,
        None => Ok(false),
    }
}

/// The step a code belongs to. All three candidates are compared, each in constant time.
fn matching_step(generator: &Totp, typed: &str, now: i64) -> Option<i64> {
    if typed.len() != 6 || !typed.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let now = u64::try_from(now).ok()?;
    let mut found = None;
    for step in [
        now / STEP_SECONDS - 1,
        now / STEP_SECONDS,
        now / STEP_SECONDS + 1,
    ] {
        let expected = generator.generate(step * STEP_SECONDS).to_string();
        let same: bool =
            subtle::ConstantTimeEq::ct_eq(expected.as_bytes(), typed.as_bytes()).into();
        if same {
            found = i64::try_from(step).ok();
        }
    }
    found
}

fn generator(seed: &[u8], account: &str) -> Result<Totp, Problem> {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(STEP_SECONDS)
        .with_secret(seed.to_vec())
        .with_account_name(account.replace(':', " "))
        .with_issuer(Some("DocuVault"))
        .build()
        .map_err(|error| Problem::internal(anyhow::anyhow!("a TOTP seed is unusable: {error}")))
}

fn seed_place(user: UserId, user_salt: &[u8]) -> Place<'_> {
    SealedColumn::TotpSeed.place(user.0, user_salt, user.0, 1)
}

/// The code is wrong, while signing in.
pub(super) fn invalid_at_sign_in() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "invalid_totp",
        "This code is wrong, or was used already.",
    )
}

/// The code is wrong, while signed in.
fn invalid() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "invalid_totp",
        "This code is wrong, or was used already.",
    )
}

/// Notes a wrong code of someone who is signed in, and ends their transaction.
async fn refused(mut tx: UserTx) -> Result<Problem, Problem> {
    audit::record(&mut tx, audit::Event::new("totp.code_refused")).await?;
    tx.commit().await?;
    Ok(invalid())
}

/// For changes that want the second factor of those who have one. 422 `invalid_totp`. Counted by the caller, before its transaction.
pub async fn require(
    state: &AppState,
    mut tx: UserTx,
    proof: Option<Proof>,
) -> Result<UserTx, Problem> {
    if !tx.totp_enabled() {
        return Ok(tx);
    }
    match proof {
        Some(proof) if check(state, &mut tx, &proof).await? => Ok(tx),
        Some(_) => Err(refused(tx).await?),
        None => Err(invalid()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the SHA-1 rows, of which six digits are shown.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let generator = generator(b"12345678901234567890", "a").unwrap();
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(generator.generate(time).to_string(), code);
            assert_eq!(
                matching_step(&generator, code, time as i64),
                Some(time as i64 / 30)
            );
        }
    }

    #[test]
    fn the_neighbouring_steps_count_and_no_others() {
        let generator = generator(&[7; 20], "a").unwrap();
        let now = 1_700_000_010_i64;
        for (away, counts) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let code = generator.generate((now + away * 30) as u64).to_string();
            assert_eq!(matching_step(&generator, &code, now).is_some(), counts);
        }
        for garbage in [
            "",
            "12345",
            "1234567",
            "abcdef",
            "１２３４５６",
            "-12345",
            "+12345",
        ] {
            assert_eq!(matching_step(&generator, garbage, now), None);
        }
    }
}
