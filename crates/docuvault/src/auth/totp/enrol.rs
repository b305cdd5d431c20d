//! Begins to set up a second factor: a new seed, shown once, of no effect until a code of it was given.

use axum::{Json, extract::State};
use http::StatusCode;
use qrcode::{EcLevel, QrCode, render::svg};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::{SEED_BYTES, generator, seed_place, store};
use crate::{
    app::AppState,
    audit,
    auth::{SessionCaller, password::require_password},
    crypto::seal,
    http::{JsonBody, Problem, problem::ProblemBody},
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrolTotp {
    #[schema(value_type = String)]
    password: SecretString,
}

#[derive(Serialize, ToSchema)]
pub struct TotpEnrolment {
    /// The seed in base32, for typing.
    secret: String,
    otpauth_uri: String,
    /// The same as a QR code: a whole SVG document.
    qr_svg: String,
}

/// Begins to set up a second factor.
#[utoipa::path(post, path = "/api/v1/auth/totp", operation_id = "enrol_totp", tag = "auth", request_body = EnrolTotp, responses(
    (status = CREATED, body = TotpEnrolment, description = "Not active before a code of it is confirmed."),
    (status = FORBIDDEN, description = "`wrong_password`", body = ProblemBody),
    (status = CONFLICT, description = "`totp_already_enabled`", body = ProblemBody),
))]
pub async fn enrol(
    State(state): State<AppState>,
    caller: SessionCaller,
    JsonBody(body): JsonBody<EnrolTotp>,
) -> Result<(StatusCode, Json<TotpEnrolment>), Problem> {
    let mut tx = require_password(&state, &caller, body.password).await?;
    let owner = store::owner(&mut tx).await?;
    if owner.totp_enabled {
        return Err(Problem::conflict(
            "totp_already_enabled",
            "This account has a second factor already. Take it away first.",
        ));
    }
    let mut seed = Zeroizing::new([0_u8; SEED_BYTES]);
    getrandom::fill(&mut seed[..])?;
    let place = seed_place(tx.user(), &owner.user_salt);
    let sealed = seal::seal(state.keys(), &place, &seed[..]).map_err(Problem::internal)?;
    store::keep_new_secret(&mut tx, &sealed).await?;
    audit::record(&mut tx, audit::Event::new("totp.enrolment_started")).await?;
    tx.commit().await?;

    let generator = generator(&seed[..], &owner.email)?;
    let otpauth_uri = generator
        .to_url()
        .map_err(|error| Problem::internal(anyhow::anyhow!("no otpauth address: {error}")))?;
    let answer = TotpEnrolment {
        secret: generator.secret().to_base32(),
        qr_svg: qr_svg(&otpauth_uri)?,
        otpauth_uri,
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

fn qr_svg(text: &str) -> Result<String, Problem> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(Problem::internal)?;
    Ok(code
        .render::<svg::Color<'_>>()
        .min_dimensions(200, 200)
        .build())
}
