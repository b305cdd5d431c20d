//! PLACEHOLDER until there is mail: `mail::queue_letter` with `Letter::Invite`.

use crate::{app::AppState, db::UserTx, http::Problem};

/// Sends an invitation to its address, in the administrator's own language.
pub async fn send_invite(
    _: &AppState,
    _: &mut UserTx,
    _recipient: &str,
    _url: &str,
    _expires_at: time::OffsetDateTime,
) -> Result<(), Problem> {
    Ok(())
}
