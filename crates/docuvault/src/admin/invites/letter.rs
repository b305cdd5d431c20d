//! The letter that brings an invitation to its address, in the administrator's own language.

use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;

use crate::{
    accounts::find_recipient,
    app::AppState,
    db::UserTx,
    http::Problem,
    mail::{self, Letter},
};

pub async fn send_invite(
    state: &AppState,
    tx: &mut UserTx,
    recipient: &str,
    url: &SecretString,
    expires_at: OffsetDateTime,
) -> Result<(), Problem> {
    let Some(inviter) = find_recipient(tx).await? else {
        return Ok(());
    };
    let letter = Letter::Invite {
        url: url.expose_secret().to_owned(),
        inviter_name: inviter.display_name,
        expires_at,
    };
    mail::queue_letter(state, tx, recipient, &inviter.locale, &letter).await
}
