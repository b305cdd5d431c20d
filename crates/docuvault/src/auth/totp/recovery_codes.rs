//! Ten codes for when the authenticator app is lost: shown once, kept as hashes, each good for one sign-in. New ones want password and
//! second factor, because they are one.

use axum::{Json, extract::State};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::{Proof, require, store};
use crate::{
    app::AppState,
    audit,
    auth::{SessionCaller, limits, password::verify_password},
    db::UserTx,
    http::{JsonBody, Problem, problem::ProblemBody},
    notifications::{self, Kind},
};

const CODES: usize = 10;
/// Without the letters and digits that are mistaken for one another.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
/// 26 letters of 5 bits: 130 bits, so a plain hash keeps them (ASVS 6.5.2).
const LETTERS: usize = 26;

#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// Ten codes, shown this once.
    recovery_codes: Vec<String>,
}

/// Makes ten new codes; the earlier ones are void.
pub(super) async fn make(tx: &mut UserTx) -> Result<RecoveryCodes, Problem> {
    let mut codes = Vec::with_capacity(CODES);
    for _ in 0..CODES {
        codes.push(one()?);
    }
    let hashes: Vec<Vec<u8>> = codes
        .iter()
        .map(|code| hash(&code.as_str().into()).to_vec())
        .collect();
    store::keep_recovery_codes(tx, &hashes).await?;
    Ok(RecoveryCodes {
        recovery_codes: codes,
    })
}

/// Such as `h2kd7-x9w3p-…`, in groups that can be read aloud.
fn one() -> Result<String, getrandom::Error> {
    let mut bytes = [0_u8; LETTERS];
    getrandom::fill(&mut bytes)?;
    let letters: Vec<u8> = bytes
        .iter()
        .map(|byte| ALPHABET[usize::from(byte % 32)])
        .collect();
    let groups: Vec<String> = letters
        .chunks(5)
        .map(|group| String::from_utf8_lossy(group).into_owned())
        .collect();
    Ok(groups.join("-"))
}

/// Case, blanks and hyphens do not matter.
pub(super) fn hash(code: &SecretString) -> [u8; 32] {
    let plain: String = code
        .expose_secret()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    Sha256::digest(plain.as_bytes()).into()
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenewRecoveryCodes {
    #[schema(value_type = String)]
    password: SecretString,
    #[schema(value_type = Option<String>)]
    totp_code: Option<SecretString>,
    /// One of the present recovery codes instead.
    #[schema(value_type = Option<String>)]
    recovery_code: Option<SecretString>,
}

/// Makes new recovery codes; the earlier ones are void.
#[utoipa::path(post, path = "/api/v1/auth/totp/recovery-codes", operation_id = "renew_recovery_codes", tag = "auth", request_body = RenewRecoveryCodes, responses(
    (status = OK, body = RecoveryCodes),
    (status = FORBIDDEN, description = "`wrong_password`", body = ProblemBody),
    (status = CONFLICT, description = "`totp_not_enabled`", body = ProblemBody),
    (status = UNPROCESSABLE_ENTITY, description = "`invalid_totp`", body = ProblemBody),
))]
pub async fn renew(
    State(state): State<AppState>,
    caller: SessionCaller,
    JsonBody(body): JsonBody<RenewRecoveryCodes>,
) -> Result<Json<RecoveryCodes>, Problem> {
    let verified = verify_password(&state, &caller, body.password).await?;
    let counted = limits::count_code_within(&state, caller.session()).await?;
    let tx = verified.begin(&state, &caller).await?;
    if !tx.totp_enabled() {
        return Err(Problem::conflict(
            "totp_not_enabled",
            "There is no second factor that they could stand in for.",
        ));
    }
    let proof = Proof::of(body.totp_code, body.recovery_code);
    let mut tx = require(&state, tx, proof).await?;
    let codes = make(&mut tx).await?;
    audit::record(&mut tx, audit::Event::new("totp.recovery_codes_made")).await?;
    notifications::notify(
        &state,
        &mut tx,
        Kind::RecoveryCodesMade,
        serde_json::Map::new(),
    )
    .await?;
    tx.commit().await?;
    counted.was_right().await;
    Ok(Json(codes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        let code = one().unwrap();
        assert_eq!(code.len(), 26 + 5);
        let typed = code.to_uppercase().replace('-', " ");
        assert_eq!(hash(&code.as_str().into()), hash(&typed.as_str().into()));
        assert_ne!(
            hash(&code.as_str().into()),
            hash(&one().unwrap().as_str().into())
        );
    }
}
